/** Advice in the first minute, the first hour and the first day of a workload. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { adviseOn } from '../../src/recommend/learning.ts';
import { renderSuggestions } from '../../src/suggest/text.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { matchesGolden } from '../golden.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';

const shop: readonly PlayedContainer[] = [
  { pod: 'cart-1', real: (at) => (at < 20 ? 12 : 60), request: 256, limit: 512 },
  { pod: 'api-1', workload: 'Deployment/api', real: () => 100 },
  {
    ...{ pod: 'worker-1', workload: 'Deployment/worker', real: () => 90 },
    ...{ request: 64, limit: 100, kills: [30 * minute] },
  },
  { pod: 'db-0', workload: 'StatefulSet/db', real: () => 300, request: 1024, limit: 1024 },
];

const played = (containers: readonly PlayedContainer[], seconds: number, from = 0) =>
  play(containers, { days: seconds / day, stepSeconds: seconds < hour ? 5 : minute, from });

function tableAfter(seconds: number): string {
  const at = monday + seconds;
  const history = { node: 'node-1', at, ...played(shop, seconds + 1).kept() };
  const options = { sortBy: 'name', headers: true, why: true } as const;
  return renderSuggestions(suggestFrom([history], at), options);
}

function adviceOn(one: PlayedContainer, seconds: number): Recommendation {
  const aggregate = closeWindows(played([one], seconds).kept()).find(keyOf(one));
  return (
    (aggregate && adviseOn(aggregate, keyOf(one).workload, monday + seconds)) ?? assert.fail('no advice')
  );
}

describe('the suggestion for a new workload', () => {
  for (const [name, seconds] of [
    ['minute', minute],
    ['hour', hour],
    ['half-day', 12 * hour],
    ['day', 25 * hour],
  ] as const)
    it(`matches the golden table after a ${name}`, () =>
      matchesGolden(new URL(`goldens/first-${name}.txt`, import.meta.url), tableAfter(seconds)));

  it('lowers no request and no limit at any time of the first day', () => {
    for (const seconds of [10, minute, 10 * minute, hour, 6 * hour, 23.9 * hour])
      for (const { request, limit } of [
        { request: 256, limit: 512 },
        { request: 512, limit: 512 },
        { request: 0.5, limit: 2000 },
      ]) {
        const { learning, confidence } = adviceOn({ pod: 'a-1', real: () => 12, request, limit }, seconds);
        assert.equal(confidence, 'low');
        assert.deepEqual([learning?.request, learning?.limit], [request * MiB, limit * MiB]);
      }
  });

  it('lowers them after a day', () => {
    const { learning, limit } = adviceOn(
      { pod: 'a-1', real: () => 12, request: 256, limit: 512 },
      day + 2 * minute,
    );
    assert.equal(learning, undefined);
    assert.ok(limit.target < 100 * MiB);
  });

  it('adds no request and no limit in the first day', () => {
    const { learning } = adviceOn({ pod: 'a-1', real: () => 12 }, hour);
    assert.deepEqual([learning?.request, learning?.limit], [undefined, undefined]);
    assert.equal(learning?.peak, 12 * MiB);
  });

  it('raises the limit after an OOM kill, and the request too when both are equal', () => {
    const killed = { pod: 'a-1', real: () => 90, limit: 100, kills: [5 * minute] };
    const { learning } = adviceOn({ ...killed, request: 50 }, hour);
    assert.equal(learning?.request, 50 * MiB);
    assert.ok((learning?.limit ?? 0) >= 115 * MiB);
    const same = adviceOn({ ...killed, request: 100 }, hour).learning;
    assert.ok((same?.limit ?? 0) >= 115 * MiB);
    assert.equal(same?.request, same?.limit);
  });

  it('names what the container needs so far where its limit is near and its request too little, and changes neither', () => {
    const near = { pod: 'a-1', real: () => 61, request: 20, limit: 64 };
    const learning = adviceOn(near, 10 * minute).learning ?? assert.fail('not learning');
    assert.deepEqual([learning.request, learning.limit], [20 * MiB, 64 * MiB]);
    assert.ok((learning.needs?.limit ?? 0) > 64 * MiB);
    assert.ok((learning.needs?.request ?? 0) >= 61 * MiB);
    assert.match(
      learning.because.join('\n'),
      /^It needs a request of at least .*Mi and a limit of at least .*Mi so far/m,
    );
    const same = adviceOn({ ...near, request: 64 }, 10 * minute).learning;
    assert.equal(same?.needs?.request, same?.needs?.limit);
  });

  it('needs nothing more so far where the peak is far below the limit, or no value is set', () => {
    for (const one of [{ request: 256, limit: 512 }, {}])
      assert.equal(adviceOn({ pod: 'a-1', real: () => 61, ...one }, 10 * minute).learning?.needs, undefined);
  });
});
