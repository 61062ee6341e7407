/** Synthetic workloads have a known need. The tests compare it with what realmem recommends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { advise } from '../../src/recommend/advise.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { type Made, type Synthetic, synthetics } from './synthetic.ts';

const noise = 0.05;

const named = (name: string): Synthetic => {
  const found = synthetics.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

/** Short enough to hit a job of 90 s, and the top of a sawtooth almost. */
const sampleSeconds = 30;

function samples({ replicas }: Made, replica: number, from: number, to: number): readonly number[] {
  const { real, rereads } = replicas[replica] ?? { real: () => Number.NaN, rereads: 0 };
  return Array.from({ length: (to - from) / sampleSeconds }, (_, index) => {
    return real(from + index * sampleSeconds) + rereads;
  });
}

const everyReplica = ({ replicas }: Made): readonly number[] => replicas.map((_, replica) => replica);

describe('a synthetic workload', () => {
  for (const synthetic of synthetics)
    it(`${synthetic.name}: its truth is the smallest limit that holds, on each day`, () => {
      const made = synthetic.make({ noise });
      for (let on = 0; on < 8; on++) {
        const ofEach = everyReplica(made).map((replica) =>
          Math.max(...samples(made, replica, on * day, (on + 1) * day)),
        );
        const [peak, truth] = [Math.max(...ofEach), made.truth.leastOn(on)];
        // Noise can put a sample below the need, and sampling can miss the top of a rise.
        assert.ok(peak <= truth && peak >= truth * (1 - noise) * 0.97, `day ${on}: ${peak} of ${truth}`);
      }
      assert.equal(made.truth.leastOf(8), Math.max(...[0, 1, 2, 3, 4, 5, 6, 7].map(made.truth.leastOn)));
    });

  it('never falls only if it is the leak', () => {
    for (const { name, make } of synthetics) {
      const made = make({ noise: 0 });
      const values = samples(made, 0, 0, 8 * day);
      const neverFalls = values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
      // The workload `step` rises once.
      const isLeak = neverFalls && new Set(values).size > 2;
      assert.equal(isLeak, made.truth.leakPerDay !== undefined, name);
      if (made.truth.leakPerDay === undefined) continue;
      const gained = ((values.at(-1) ?? 0) - (values[0] ?? 0)) / (8 - sampleSeconds / day);
      assert.ok(Math.abs(gained / made.truth.leakPerDay - 1) < 1e-6, `${gained} a day`);
    }
  });

  it('has one replica that needs 1.5 times the others only if it names an odd one', () => {
    for (const { name, make } of synthetics) {
      const made = make();
      const peaks = everyReplica(made).map((replica) => Math.max(...samples(made, replica, 0, hour)));
      const odd = peaks.flatMap((peak, replica) => (peak > 1.5 * Math.min(...peaks) ? replica : []));
      assert.deepEqual(odd, made.truth.oddReplica === undefined ? [] : [made.truth.oddReplica], name);
    }
  });

  it('stays between 0 and its truth, and repeats for the same seed only', () =>
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

  it('takes other parameters', () => {
    const { truth } = named('leak').make({ parameters: { leakPerDay: 5 } });
    assert.deepEqual([truth.leakPerDay, truth.leastOf(8)], [5, 140]);
  });
});

/**
 * Observes one pod per replica for two weeks.
 * @param stepSeconds default: a sample in each of the five minutes that a histogram counts
 */
function advised(
  made: Made,
  set: Pick<PlayedContainer, 'request' | 'limit'> = {},
  stepSeconds = 5 * minute,
): Recommendation {
  const days = 14;
  const containers = made.replicas.map(
    ({ real, rereads }, replica): PlayedContainer => ({
      pod: `cart-${replica}`,
      real,
      activeFile: () => rereads,
      refaulted: () => 0,
      ...set,
    }),
  );
  const aggregate = closeWindows(play(containers, { days, stepSeconds }).kept()).find(
    keyOf({ pod: '', real: () => 0 }),
  );
  assert.ok(aggregate !== undefined, 'no history');
  const advice = advise(aggregate, monday + days * day);
  assert.ok(advice !== undefined, 'no recommendation');
  return advice;
}

describe('the recommendation after two weeks', () => {
  for (const { name, make } of synthetics) {
    if (name === 'leak') continue;
    const all = [1, 2].map((seed) => make({ seed, noise }));
    // Samples of each fifth minute would miss the top of a rise that takes ten.
    const stepSeconds = name === 'sawtooth' ? 2 * minute : 5 * minute;
    /** Playing two weeks is slow, so all tests of a workload share it. */
    let played: readonly Recommendation[] | undefined;
    const advice = (): readonly Recommendation[] =>
      (played ??= all.map((made) => advised(made, {}, stepSeconds)));
    const ratios = (): readonly number[] =>
      all.map(({ truth }, index) => (advice()[index]?.limit.target ?? 0) / MiB / truth.leastOf(14));
    it(`${name}: the limit holds`, () => {
      for (const ratio of ratios()) assert.ok(ratio >= 1, `${ratio} of the need`);
    });

    it(`${name}: the limit is at most 1.5 times the need`, () => {
      for (const ratio of ratios()) assert.ok(ratio <= 1.5, `${ratio} of the need`);
    });

    it(`${name}: names no leak, and only the odd replica`, () => {
      for (const [index, { truth }] of all.entries()) {
        const { leak, oddReplica } = advice()[index] ?? assert.fail();
        const odd = truth.oddReplica;
        assert.deepEqual([leak, oddReplica], [undefined, odd === undefined ? undefined : `cart-${odd}`]);
      }
    });
  }

  it('leak: names the leak with its rate, and keeps the limit', () => {
    const made = named('leak').make({ noise });
    const { leak, limit } = advised(made, { request: 300, limit: 600 });
    assert.equal(limit.target / MiB, 600);
    assert.equal(leak?.pod, 'cart-0');
    const perDay = (leak?.perDay ?? 0) / MiB;
    assert.ok(Math.abs(perDay / (made.truth.leakPerDay ?? 0) - 1) < 0.1, `${perDay} a day`);
  });

  it('batch: requests less than the peak of a short job', () => {
    const { request } = advised(named('batch').make({ noise }));
    assert.ok(request.target <= 30 * MiB, `${request.target / MiB}`);
  });
});
