/** Advice in the first minute, the first hour and the first day of a workload. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { adviseOn } from '../../src/recommend/learning.ts';
import { watchedSeconds } from '../../src/recommend/watched.ts';
import { renderSuggestions } from '../../src/suggest/text.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { matchesGolden } from '../golden.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/played.ts';

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
});

describe('watchedSeconds', () => {
  const watched = (one: PlayedContainer, ...spans: readonly (readonly [from: number, seconds: number])[]) => {
    const [first, ...more] = spans;
    const history = played([one], first?.[1] ?? 0, first?.[0]);
    for (const [from, seconds] of more)
      play([one], { days: seconds / day, stepSeconds: minute, from }, history);
    const aggregate = closeWindows(history.kept()).find(keyOf(one)) ?? assert.fail();
    return watchedSeconds(aggregate, keyOf(one).workload);
  };
  const web = { pod: 'web-1', real: () => 50 };

  it('spans the first to the last observation of a workload that always ran', () => {
    assert.equal(watched(web, [0, 15]), 10);
    assert.equal(watched(web, [0, hour + minute]), hour);
    assert.equal(watched(web, [0, 9 * day + minute]), 9 * day);
  });

  it('leaves out the days on which a permanent workload did not run', () => {
    const seconds = watched(web, [0, 10 * minute], [5 * day, 10 * minute]);
    assert.ok(seconds <= 2 * hour, `${seconds}`);
  });

  it('is no longer for many replicas than for one', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ ...web, pod: `web-${index}` }));
    const hourEach = { days: hour / day, stepSeconds: 5 * minute };
    const history = play(many, hourEach);
    play(many, { ...hourEach, from: 3 * day }, history);
    const aggregate = closeWindows(history.kept()).find(keyOf(web)) ?? assert.fail();
    const seconds = watchedSeconds(aggregate, 'Deployment/cart');
    assert.ok(seconds <= 4 * hour, `an hour on Monday and one on Thursday are ${seconds} s`);
    const long = closeWindows(play(many.slice(0, 3), { days: 20, stepSeconds: hour }).kept()).find(
      keyOf(web),
    );
    assert.equal(long && Math.round(watchedSeconds(long, 'Deployment/cart') / day), 20);
  });

  it('counts by the day for CI runners and Spark applications: two runs on two days are a day', () => {
    for (const workload of ['AutoscalingRunnerSet/ci', 'JenkinsAgent/build', 'ScheduledSparkApplication/x'])
      assert.ok(watched({ ...web, workload }, [0, 2 * minute], [day, 2 * minute]) >= day, workload);
  });

  it('counts by the day for jobs, pipelines and init containers', () => {
    const run = { ...web, workload: 'CronJob/report' };
    assert.equal(watched(run, [0, 10 * minute]), 9 * minute + 55);
    assert.ok(watched(run, [0, 2 * minute], [7 * day, 2 * minute]) >= day, 'two short runs in a week');
    for (const workload of ['Job.batch.volcano.sh/train', 'JobSet/train/workers', 'Pipeline/build/compile'])
      assert.ok(watched({ ...web, workload }, [0, 2 * minute], [day, 2 * minute]) >= day, workload);
    const init: PlayedContainer = { ...web, type: 'init' };
    assert.ok(watched(init, [0, 2 * minute], [2 * day, 2 * minute], [4 * day, 2 * minute]) >= 2 * day);
  });

  it('does not begin with an older OOM kill that the API reports', () => {
    const aggregate = closeWindows(played([web], hour).kept()).find(keyOf(web)) ?? assert.fail();
    aggregate.killed({ pod: 'web-1', lifetime: 'x', at: monday - 5 * day });
    assert.ok(watchedSeconds(aggregate, 'Deployment/cart') <= hour);
  });
});
