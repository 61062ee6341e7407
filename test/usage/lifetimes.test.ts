import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { CgroupSample } from '../../src/model/cgroup.ts';
import type { Observation } from '../../src/model/observation.ts';
import { ContainerLifetimes } from '../../src/usage/lifetimes.ts';

const seen = (path: string, real: number | undefined, inode = 1): Observation => ({
  role: { kind: 'other', type: 'service', name: path },
  sample: { id: { path, inode }, version: 2, faults: [], ...(real !== undefined && { usage: bytes(real) }) },
});

/** Usage stands for real here: other tests cover the formula of real. */
const realOf = ({ usage }: CgroupSample): Bytes | undefined => usage;
const reading = { realOf, pageBytes: 4096, lru: 'classic' } as const;

/** The peaks after several passes, by path. */
function after(...passes: readonly (readonly Observation[])[]): Readonly<Record<string, number | undefined>> {
  const peaks = new ContainerLifetimes();
  for (const pass of passes) peaks.remember(pass, reading, 0);
  return Object.fromEntries((passes.at(-1) ?? []).map(({ sample: { id } }) => [id.path, peaks.of(id)?.peak]));
}

describe('the peak of a cgroup', () => {
  it('is real after the first pass', () => assert.deepEqual(after([seen('/a', 5)]), { '/a': 5 }));

  it('rises with real and does not fall with it', () => {
    assert.deepEqual(after([seen('/a', 5)], [seen('/a', 8)]), { '/a': 8 });
    assert.deepEqual(after([seen('/a', 8)], [seen('/a', 5)]), { '/a': 8 });
  });

  it('can be zero', () => assert.deepEqual(after([seen('/a', 0)], [seen('/a', 0)]), { '/a': 0 }));

  it('is separate for each cgroup', () =>
    assert.deepEqual(after([seen('/a', 5), seen('/b', 7)], [seen('/a', 1), seen('/b', 2)]), {
      '/a': 5,
      '/b': 7,
    }));

  it('starts again with a new inode under the old path', () => {
    assert.deepEqual(after([seen('/a', 8, 1)], [seen('/a', 5, 2)]), { '/a': 5 });
    assert.deepEqual(after([seen('/a', 8, 1)], [seen('/a', 5, 2)], [seen('/a', 6, 2)]), { '/a': 6 });
  });

  it('is forgotten when a pass does not see the cgroup', () =>
    assert.deepEqual(after([seen('/a', 8)], [seen('/b', 1)], [seen('/a', 5)]), { '/a': 5 }));

  it('stays in a pass that could not read the files of the cgroup', () =>
    assert.deepEqual(after([seen('/a', 8)], [seen('/a', undefined)], [seen('/a', 5)]), { '/a': 8 }));

  it('is undefined without real', () =>
    assert.deepEqual(after([seen('/a', undefined)]), { '/a': undefined }));

  it('is undefined for another inode under the path', () => {
    const peaks = new ContainerLifetimes();
    peaks.remember([seen('/a', 5, 1)], reading, 0);
    assert.equal(peaks.of({ path: '/a', inode: 2 })?.peak, undefined);
    assert.equal(peaks.of({ path: '/b', inode: 1 })?.peak, undefined);
  });

  it('has the time of the first pass with that inode as its start', () => {
    const peaks = new ContainerLifetimes();
    for (const [at, inode] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ] as const)
      peaks.remember([seen('/a', 5, inode)], reading, at);
    assert.equal(peaks.of({ path: '/a', inode: 2 })?.since, 3);
    assert.equal(peaks.of({ path: '/a', inode: 1 })?.since, undefined);
  });

  it('is the maximum since the cgroup appeared, for any sequence of passes', () => {
    const observation = fc.tuple(fc.constantFrom('/a', '/b'), fc.nat(9), fc.integer({ min: 1, max: 2 }));
    const pass = fc.uniqueArray(observation, { maxLength: 2, selector: ([path]) => path });
    fc.assert(
      fc.property(fc.array(pass, { minLength: 1, maxLength: 8 }), (passes) => {
        const peaks = new ContainerLifetimes();
        let model = new Map<string, number>();
        for (const one of passes) {
          const next = new Map(
            one.map(([path, real, inode]) => [
              `${path} ${inode}`,
              Math.max(real, model.get(`${path} ${inode}`) ?? 0),
            ]),
          );
          model = next;
          const seenNow = one.map(([path, real, inode]) => seen(path, real, inode));
          peaks.remember(seenNow, reading, 0);
          for (const { sample } of seenNow)
            assert.equal(peaks.of(sample.id)?.peak, model.get(`${sample.id.path} ${sample.id.inode}`));
        }
      }),
    );
  });
});

describe('a container that was taken for a sandbox', () => {
  it('has windows again once it has a name, and keeps its peak', () => {
    const lifetimes = new ContainerLifetimes();
    const role = { kind: 'container', podUID: 'u', id: 'a' } as const;
    const one = { ...seen('/a', 8), role };
    lifetimes.remember([one], reading, 100);
    lifetimes.dropWindows(one.sample.id);
    assert.equal(lifetimes.container(one.sample.id), undefined);
    const again = lifetimes.named(one.sample.id, role);
    assert.deepEqual([again?.peak, again?.since], [8, 100]);
    lifetimes.remember([one], reading, 105);
    assert.equal(lifetimes.container(one.sample.id), again);
  });
});

describe('a sample that a pass hands over again because the cgroup is unchanged', () => {
  it('counts like a new one with the same figures, over windows of five minutes, hours and days', () => {
    const pass = fc.record({
      // Seconds since the last pass. Undefined: the time is unknown.
      after: fc.option(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 90_000 })), {
        nil: undefined,
      }),
      real: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(pass, { minLength: 2, maxLength: 30 }), (passes) => {
        const [again, anew] = [new ContainerLifetimes(), new ContainerLifetimes()];
        let [at, last] = [20_003 * 86_400, seen('/a', 5)];
        for (const { after, real } of passes) {
          at += after ?? 0;
          if (real !== undefined) last = seen('/a', real);
          const known = after === undefined ? undefined : at;
          again.remember([last], reading, known);
          anew.remember([structuredClone(last)], reading, known);
        }
        const [one, other] = [again, anew].map((lifetimes) =>
          [...lifetimes].map(({ state, aggregate }) => ({ state, hours: [...aggregate.days] })),
        );
        assert.deepEqual(one, other);
      }),
    );
  });
});
