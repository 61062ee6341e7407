/** Pods with pod-level resources (`spec.resources`), which hold for all their containers together. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../src/checkpoint/write.ts';
import { rowsOfSuggestions } from '../../src/suggest/rows.ts';
import { renderSuggestions } from '../../src/suggest/text.ts';
import { matchesGolden } from '../golden.ts';
import { suggestFrom } from '../suggest/suggest-from.ts';
import { day, hour, MiB, monday, type PlayedContainer, play } from '../usage/made/played.ts';

const shared: PlayedContainer = {
  ...{ pod: 'shared-1', workload: 'Deployment/shared', podRequest: 400, podLimit: 512 },
  real: () => 147,
};
const three = ['a', 'b', 'c'].map((container) => ({ ...shared, container }));

function suggested(containers: readonly PlayedContainer[], seconds: number) {
  const at = monday + seconds;
  const kept = play(containers, { days: seconds / day, stepSeconds: 300 }).kept();
  // Through a checkpoint, as suggest reads it.
  return suggestFrom([decodeCheckpoint('it', encodeCheckpoint({ node: 'node-1', at, ...kept }))], at);
}

const rowsOf = (containers: readonly PlayedContainer[], seconds = 3 * day) =>
  rowsOfSuggestions(suggested(containers, seconds), 'name').map(({ suggestion, request, limit, risk }) => ({
    name: suggestion.isWholePod ? 'pod' : suggestion.key.container,
    request: request && Math.round(request / MiB),
    limit: limit && Math.round(limit / MiB),
    risk,
  }));

describe('a pod with a request and a limit of its own', () => {
  it('has its own row in the table, and its containers get no values of their own', () => {
    const table = (seconds: number): string =>
      renderSuggestions(suggested(three, seconds), { sortBy: 'name', headers: true, why: true });
    matchesGolden(
      new URL('goldens/whole-pod.txt', import.meta.url),
      `After an hour:\n\n${table(hour)}\nAfter three days:\n\n${table(3 * day)}`,
    );
  });

  it('gets at least the requests of its containers, and a limit not below any of theirs', () => {
    const own = { ...shared, podRequest: 100, podLimit: 100, real: () => 200 };
    const [pod, a, b] = rowsOf([
      { ...own, container: 'a', request: 90, limit: 90 },
      { ...own, container: 'b', request: 10, limit: 50 },
    ]);
    assert.equal(pod?.name, 'pod');
    assert.ok((pod?.request ?? 0) >= (a?.request ?? 0) + (b?.request ?? 0));
    assert.ok((pod?.limit ?? 0) >= Math.max(a?.limit ?? 0, b?.limit ?? 0, pod?.request ?? 0));
  });

  it('names the probes of its containers, with the values of the pod without them', () => {
    const at = monday + 3 * day;
    const kept = play(three, { days: 3, stepSeconds: 300 }).kept();
    const probed = (...names: readonly string[]) => {
      const histories = decodeCheckpoint('it', encodeCheckpoint({ node: 'node-1', at, ...kept }));
      for (const { key, aggregate } of histories.aggregates)
        if (names.includes(key.container))
          aggregate.probed({
            ...{ pod: 'shared-1', at: at - 31 * day, neededCacheBytes: 32 * MiB, coldCacheBytes: 8 * MiB },
            ...{ errorBytes: MiB, watchedSeconds: 60 },
          });
      return suggestFrom([histories], at);
    };
    const podOf = (...names: readonly string[]) =>
      probed(...names).items.find(({ isWholePod }) => isWholePod)?.recommendation ?? assert.fail();
    const [none, both] = [podOf(), podOf('a', 'b')];
    assert.equal(none.probe, undefined);
    assert.equal(both.request.target - none.request.target, 64 * MiB);
    assert.deepEqual(both.probe?.without, { request: none.request.target, limit: none.limit.target });
    assert.deepEqual([both.probe?.neededCacheBytes, both.probe?.old], [64 * MiB, 'age']);
    assert.match(
      both.because.at(-1) ?? '',
      /^It has probes of a, b \(old: probe again\)\. Without them: request 444Mi and limit 512Mi$/,
    );
    assert.match(podOf('a').because.at(-1) ?? '', /^It has a probe of a .* Without it: /);
    const table = renderSuggestions(probed('a', 'b'), { sortBy: 'name', headers: true, why: false });
    assert.match(table, /\(whole pod\) .* 444Mi, 512Mi /);
    assert.match(table, /Old probe \(3 of 4 rows\)/);
  });

  it('has medium confidence after three days, even if its init container ran only for ten minutes', () => {
    const first: PlayedContainer = {
      ...{ ...shared, container: 'first', type: 'init' },
      real: (at) => (at < 600 ? 450 : undefined),
    };
    const [pod] = suggested([...three, first], 3 * day).items.filter(({ isWholePod }) => isWholePod);
    assert.deepEqual([pod?.recommendation.confidence, pod?.recommendation.learning], ['medium', undefined]);
    assert.ok((pod?.recommendation.request.target ?? 0) >= 450 * MiB, 'the init container has to fit');
  });

  it('gets more on its first day after an OOM kill, and keeps larger values', () => {
    const tight = { podRequest: 100, podLimit: 160 };
    const killed = three.map((one) => ({ ...one, ...tight, kills: [600] }));
    const [pod] = rowsOf(killed, hour);
    assert.equal(pod?.name, 'pod');
    assert.ok((pod?.request ?? 0) >= 3 * 147, JSON.stringify(pod));
    assert.ok(
      (pod?.limit ?? 0) > (pod?.request ?? 0),
      `with room for one that peaks: ${JSON.stringify(pod)}`,
    );
    const [whole] = suggested(killed, hour).items.filter(({ isWholePod }) => isWholePod);
    assert.match(whole?.recommendation.learning?.because.join() ?? '', /more after an OOM kill/);
    const [withoutKill] = rowsOf(
      three.map((one) => ({ ...one, ...tight })),
      hour,
    );
    assert.deepEqual([withoutKill?.request, withoutKill?.limit], [100, 160]);
    const [wide] = rowsOf(
      killed.map((one) => ({ ...one, podRequest: 2000, podLimit: 4000 })),
      hour,
    );
    assert.deepEqual([wide?.request, wide?.limit], [2000, 4000]);
  });

  it('shows the risk "no limit" for its containers when it has only a request', () => {
    const { podLimit, ...noLimit } = shared;
    const [pod, a] = rowsOf([{ ...noLimit, container: 'a' }]);
    assert.deepEqual([pod?.limit, a?.request, a?.risk], [undefined, undefined, 'no limit']);
    assert.ok((a?.limit ?? 0) >= 147);
  });

  describe('with a container that its newest pods no longer have', () => {
    const until = (seconds: number) => (at: number) => (at < seconds ? 147 : undefined);
    const old = { ...shared, pod: 'shared-0', container: 'a-old', real: until(2 * day) };
    const wholeOf = (containers: readonly PlayedContainer[], seconds = 3 * day) =>
      suggested(containers, seconds).items.find(({ isWholePod }) => isWholePod);

    it('gets the request, limit and reasons of the two others', () => {
      const [, ...two] = three;
      const [pod] = rowsOf([old, ...two]);
      const [expected] = rowsOf(two);
      assert.deepEqual(pod, expected);
      assert.ok((pod?.request ?? 0) < 3 * 147, JSON.stringify(pod));
      assert.deepEqual(wholeOf([old, ...two])?.recommendation, wholeOf(two)?.recommendation);
    });

    it('fits the remaining containers, independent of the values of the old one', () => {
      const own = { ...shared, request: 147, limit: 180 };
      const gone = { ...own, pod: 'shared-0', container: 'a-old', limit: 600, real: until(2 * day) };
      const left = ['b', 'c'].map((container) => ({ ...own, container }));
      const rows = (containers: readonly PlayedContainer[]) => rowsOf(containers)[0];
      assert.deepEqual(rows([gone, ...left]), rows(left));
    });

    it('leaves learning as soon as the two others do', () => {
      const [, ...two] = three;
      const brief = { ...old, real: until(6 * hour) };
      const whole = wholeOf([brief, ...two]);
      assert.deepEqual(
        [whole?.recommendation.confidence, whole?.recommendation.learning],
        ['medium', undefined],
      );
    });

    it('has no row when the running pods no longer set pod-level resources', () => {
      const { podRequest, podLimit, ...alone } = shared;
      assert.equal(wholeOf([old, { ...alone, container: 'b' }]), undefined);
    });

    it('counts all containers when nothing runs, as between two runs of a CronJob', () => {
      const report = three.map((one) => ({ ...one, workload: 'CronJob/report', real: until(2 * day) }));
      const request = wholeOf(report)?.recommendation.request.target ?? 0;
      assert.ok(request >= 3 * 147 * MiB, `${request / MiB}`);
    });

    it('counts all containers while a new pod still runs only its init container and sidecar', () => {
      const starts = 3 * day - 1800;
      const mains = three.map((one) => ({ ...one, real: until(starts) }));
      const early = (container: string, type: 'init' | 'sidecar'): PlayedContainer => ({
        ...{ ...shared, pod: 'shared-2', container, type },
        real: (at) => (at < starts ? undefined : 20),
      });
      const whole = wholeOf([...mains, early('first', 'init'), early('side', 'sidecar')]);
      assert.ok((whole?.recommendation.request.target ?? 0) >= 3 * 147 * MiB);
    });

    it('counts an init container that has ended while the others run', () => {
      const init: PlayedContainer = {
        ...{ ...shared, container: 'first', type: 'init' },
        real: (at) => (at < 600 ? 900 : undefined),
      };
      assert.ok((wholeOf([init, ...three])?.recommendation.request.target ?? 0) >= 900 * MiB);
    });
  });
});
