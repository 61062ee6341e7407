/** What workloads made by rule need is known by construction; and this is what the recommender says of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { advise } from '../../src/recommend/advise.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/played.ts';
import { type Made, type Synthetic, synthetics } from './synthetic.ts';

const noise = 0.05;

const named = (name: string): Synthetic => {
  const found = synthetics.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** Fine enough to meet a job of 90 s, and the end of a sawtooth nearly. */
const sampleSeconds = 30;

function samples({ replicas }: Made, replica: number, from: number, to: number): readonly number[] {
  const { real, rereads } = replicas[replica] ?? { real: () => Number.NaN, rereads: 0 };
  return Array.from({ length: (to - from) / sampleSeconds }, (_, index) => {
    return real(from + index * sampleSeconds) + rereads;
  });
}

const everyReplica = ({ replicas }: Made): readonly number[] => replicas.map((_, replica) => replica);

describe('by construction', () => {
  for (const synthetic of synthetics)
    it(`${synthetic.name}: the truth holds each day, and nothing below it would`, () => {
      const made = synthetic.make({ noise });
      for (let on = 0; on < 8; on++) {
        const ofEach = everyReplica(made).map((replica) =>
          Math.max(...samples(made, replica, on * day, (on + 1) * day)),
        );
        const [peak, truth] = [Math.max(...ofEach), made.truth.leastOn(on)];
        // A sample is below what is needed by as much as noise may be, and a rise by as much as a step.
        assert.ok(peak <= truth && peak >= truth * (1 - noise) * 0.97, `day ${on}: ${peak} of ${truth}`);
      }
      assert.equal(made.truth.leastOf(8), Math.max(...[0, 1, 2, 3, 4, 5, 6, 7].map(made.truth.leastOn)));
    });

  it('only the leak gives nothing back', () => {
    for (const { name, make } of synthetics) {
      const made = make({ noise: 0 });
      const values = samples(made, 0, 0, 8 * day);
      const neverFalls = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
      // One that is deployed anew rises once.
      const isLeak = neverFalls && new Set(values).size > 2;
      assert.equal(isLeak, made.truth.leakPerDay !== undefined, name);
      if (made.truth.leakPerDay === undefined) continue;
      const gained = ((values.at(-1) ?? 0) - (values[0] ?? 0)) / (8 - sampleSeconds / day);
      assert.ok(Math.abs(gained / made.truth.leakPerDay - 1) < 1e-6, `${gained} a day`);
    }
  });

  it('the odd replica is the one that stands out', () => {
    for (const { name, make } of synthetics) {
      const made = make();
      const peaks = everyReplica(made).map((replica) => Math.max(...samples(made, replica, 0, hour)));
      const odd = peaks.flatMap((peak, replica) => (peak > 1.5 * Math.min(...peaks) ? replica : []));
      assert.deepEqual(odd, made.truth.oddReplica === undefined ? [] : [made.truth.oddReplica], name);
    }
  });

  it('never below zero, never above the truth; the same seed plays the same, another one other noise', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...synthetics),
        fc.nat({ max: 20 * day }),
        fc.integer(),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        ({ make }, at, seed, share) => {
          const options = { seed, noise: share };
          const playedAt = (made: Made): readonly number[] => made.replicas.map(({ real }) => real(at));
          const made = make(options);
          const most = made.truth.leastOn(Math.floor(at / day));
          for (const value of playedAt(made)) assert.ok(value >= 0 && value <= most, `${value} of ${most}`);
          assert.deepEqual(playedAt(made), playedAt(make(options)));
          assert.notDeepEqual(playedAt(made), playedAt(make({ ...options, seed: seed + 1 })));
        },
      ),
    ));

  it('parameters can be others', () => {
    const { truth } = named('leak').make({ parameters: { leakPerDay: 5 } });
    assert.deepEqual([truth.leakPerDay, truth.leastOf(8)], [5, 140]);
  });
});

/** Of each replica a pod, watched for two weeks. */
function advised(
  made: Made,
  set: Pick<PlayedContainer, 'request' | 'limit'> = {},
  days = 14,
): Recommendation {
  const containers = made.replicas.map(
    ({ real, rereads }, replica): PlayedContainer => ({
      pod: `cart-${replica}`,
      real,
      activeFile: () => rereads,
      refaulted: () => 0,
      ...set,
    }),
  );
  const aggregate = closeWindows(play(containers, { days, stepSeconds: minute }).kept()).find(
    keyOf({ pod: '', real: () => 0 }),
  );
  assert.ok(aggregate !== undefined, 'nothing is remembered of it');
  const advice = advise(aggregate, monday + days * day);
  assert.ok(advice !== undefined, 'nothing is advised');
  return advice;
}

describe('what is advised after two weeks', () => {
  for (const { name, make } of synthetics) {
    if (name === 'leak') continue;
    const all = [1, 2].map((seed) => make({ seed, noise }));
    /** Two weeks take a while to play: once for all tests of a workload. */
    let played: readonly Recommendation[] | undefined;
    const advice = (): readonly Recommendation[] => (played ??= all.map((made) => advised(made)));
    const ratios = (): readonly number[] =>
      all.map(({ truth }, index) => (advice()[index]?.limit.target ?? 0) / MiB / truth.leastOf(14));
    it(`${name}: the limit holds`, () => {
      for (const ratio of ratios()) assert.ok(ratio >= 1, `${ratio} of what is needed`);
    });

    it(`${name}: the limit is at most half as much again`, () => {
      for (const ratio of ratios()) assert.ok(ratio <= 1.5, `${ratio} of what is needed`);
    });

    it(`${name}: no leak is named, and no replica but the odd one`, () => {
      for (const [index, { truth }] of all.entries()) {
        const { leak, oddReplica } = advice()[index] ?? assert.fail();
        const odd = truth.oddReplica;
        assert.deepEqual([leak, oddReplica], [undefined, odd === undefined ? undefined : `cart-${odd}`]);
      }
    });
  }

  it('a leak is named with what it leaks, and its limit stays', () => {
    const made = named('leak').make({ noise });
    const { leak, limit } = advised(made, { request: 300, limit: 600 });
    assert.equal(limit.target / MiB, 600);
    assert.equal(leak?.pod, 'cart-0');
    const perDay = (leak?.perDay ?? 0) / MiB;
    assert.ok(Math.abs(perDay / (made.truth.leakPerDay ?? 0) - 1) < 0.1, `${perDay} a day`);
  });

  it('the request of a job that is short is not that of its peak', () => {
    const { request } = advised(named('batch').make({ noise }));
    assert.ok(request.target <= 30 * MiB, `${request.target / MiB}`);
  });
});
