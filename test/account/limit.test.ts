import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { apiLimitOf, highOf, type Limit, limitOf } from '../../src/account/limit.ts';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { CgroupSample } from '../../src/model/cgroup.ts';
import type { ContainerName } from '../../src/model/pod.ts';

/** Path → limit. undefined: the cgroup has no limit file; null: the cgroup was not read. */
type Tree = Readonly<Record<string, number | 'none' | undefined | null>>;

const sampleOf = (
  path: string,
  limit: number | 'none' | undefined,
  hierarchicalLimit?: number,
): CgroupSample => ({
  id: { path, inode: 1 },
  version: hierarchicalLimit === undefined ? 2 : 1,
  details: limit === undefined ? {} : { limit: limit as Bytes | 'none' },
  ...(hierarchicalLimit !== undefined && { stat: { hierarchicalLimit: bytes(hierarchicalLimit) } }),
  faults: [],
});

function biting(tree: Tree, path: string, hierarchical?: number): Limit | undefined {
  const own = sampleOf(path, tree[path] ?? undefined, hierarchical);
  return limitOf(own, (at) => {
    const limit = tree[at];
    return limit === null || !(at in tree) ? undefined : sampleOf(at, limit);
  });
}

const pod = '/kubepods/burstable/pod1';
const container = `${pod}/c`;

describe('limitOf', () => {
  it('returns the cgroup’s own limit if that is the smallest', () =>
    assert.deepEqual(biting({ [container]: 100, [pod]: 200, '/kubepods': 300, '/': 'none' }, container), {
      bytes: 100,
      path: container,
    }));

  it('returns the limit of an ancestor if that is smaller', () => {
    assert.deepEqual(biting({ [container]: 300, [pod]: 200, '/kubepods': 400 }, container), {
      bytes: 200,
      path: pod,
    });
    assert.deepEqual(biting({ [container]: 300, [pod]: 'none', '/kubepods': 150 }, container), {
      bytes: 150,
      path: '/kubepods',
    });
  });

  it('returns the limit of an ancestor if the cgroup has none', () =>
    assert.deepEqual(biting({ [container]: 'none', [pod]: 200 }, container), { bytes: 200, path: pod }));

  it('returns the nearest of equal limits', () =>
    assert.deepEqual(biting({ [container]: 'none', [pod]: 200, '/kubepods/burstable': 200 }, container), {
      bytes: 200,
      path: pod,
    }));

  it('returns the cgroup’s own of equal limits', () =>
    assert.equal(biting({ [container]: 200, [pod]: 200 }, container)?.path, container));

  it('returns the limit of the root', () =>
    assert.deepEqual(biting({ '/': 50, '/a': 60 }, '/a'), { bytes: 50, path: '/' }));

  it('returns a limit of zero', () => assert.deepEqual(biting({ '/a': 0 }, '/a'), { bytes: 0, path: '/a' }));

  it('returns undefined if no cgroup sets a limit', () => {
    assert.equal(biting({ [container]: 'none', [pod]: 'none', '/': 'none' }, container), undefined);
    assert.equal(biting({}, container), undefined);
    assert.equal(biting({ '/': 'none' }, '/'), undefined);
  });

  it('skips ancestors that were not read', () =>
    assert.deepEqual(biting({ [container]: 'none', [pod]: null, '/kubepods': 300 }, container), {
      bytes: 300,
      path: '/kubepods',
    }));

  it('takes no sibling with a similar name for an ancestor', () =>
    assert.equal(biting({ '/a/bc': 'none', '/a/b': 10, '/a/bcd': 10, '/ab': 10 }, '/a/bc'), undefined));

  it('returns the smallest limit on the way up in any tree', () => {
    const limit = fc.oneof(
      fc.nat(5),
      fc.constant('none' as const),
      fc.constant(undefined),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(limit, { minLength: 1, maxLength: 6 }), (limits) => {
        // The first limit is that of the root, the last that of the cgroup itself.
        const paths = limits.map((_, depth) => `/${'abcdef'.slice(0, depth).split('').join('/')}`);
        const tree = Object.fromEntries(limits.map((one, depth) => [paths[depth] ?? '', one]));
        const set = limits.filter((one): one is number => typeof one === 'number');
        const expected =
          set.length === 0
            ? undefined
            : { bytes: Math.min(...set), path: paths[limits.lastIndexOf(Math.min(...set))] };
        assert.deepEqual(biting(tree, paths.at(-1) ?? ''), expected);
      }),
    );
  });
});

describe('limitOf on v1', () => {
  it('returns the kernel’s figure if an ancestor was not read', () =>
    assert.deepEqual(biting({ [container]: 300 }, container, 200), {
      bytes: 200,
      path: pod,
    }));

  it('names the ancestor that sets the limit if it was read', () =>
    assert.deepEqual(biting({ [container]: 300, [pod]: 200 }, container, 200), { bytes: 200, path: pod }));

  it('names the cgroup itself if its limit equals the kernel’s figure', () =>
    assert.deepEqual(biting({ [container]: 300 }, container, 300), { bytes: 300, path: container }));

  it('names the cgroup itself if its own limit was not recorded', () =>
    assert.deepEqual(biting({}, container, 300), { bytes: 300, path: container }));
});

describe('highOf', () => {
  const withHigh = (path: string, details: CgroupSample['details']): CgroupSample => ({
    ...{ id: { path, inode: 1 }, version: 2, faults: [] },
    ...(details !== undefined && { details }),
  });
  const high = (bytes: number | 'none', events?: number, local?: number): CgroupSample['details'] => ({
    high: bytes as Bytes | 'none',
    ...(events !== undefined && { highEvents: events }),
    ...(local !== undefined && { highEventsLocal: local }),
  });
  const holding = (tree: Readonly<Record<string, CgroupSample['details']>>, path: string) =>
    highOf(withHigh(path, tree[path]), (at) => (at in tree ? withHigh(at, tree[at]) : undefined));

  it('returns the smallest memory.high of the cgroup and its ancestors, with the events of that cgroup', () => {
    const tree = { [container]: high(300, 5, 5), [pod]: high(200, 9, 7), '/kubepods': high('none', 9) };
    assert.deepEqual(holding(tree, container), { bytes: 200, path: pod, events: 7 });
    assert.deepEqual(holding({ ...tree, [pod]: high('none', 5) }, container), {
      ...{ bytes: 300, path: container, events: 5 },
    });
  });

  it('returns the nearest of equal values', () =>
    assert.equal(holding({ [container]: high(200), [pod]: high(200) }, container)?.path, container));

  it('prefers an ancestor that throttles to a smaller value without events', () => {
    const tree = { [container]: high(300, 0), [pod]: high(500, 9) };
    const holdingAt = (usage: number) =>
      highOf(withHigh(container, tree[container]), (at) =>
        at === pod ? { ...withHigh(pod, tree[pod]), usage: bytes(usage) } : undefined,
      )?.path;
    assert.equal(holdingAt(490), pod);
    assert.equal(holdingAt(200), container);
  });

  it('uses the events of the subtree if the kernel does not count them per cgroup', () =>
    assert.deepEqual(holding({ [pod]: high(200, 9) }, pod), { bytes: 200, path: pod, events: 9 }));

  it('returns no events if the kernel or the recording has none', () =>
    assert.deepEqual(holding({ [pod]: high(0) }, pod), { bytes: 0, path: pod }));

  it('returns undefined if no cgroup sets it, and on v1', () => {
    assert.equal(holding({ [container]: high('none'), [pod]: high('none') }, container), undefined);
    assert.equal(holding({ [container]: {}, [pod]: undefined }, container), undefined);
  });
});

describe('apiLimitOf', () => {
  const apiLimit = (named: number | undefined, own: number | 'none' | undefined, pageBytes?: number) =>
    apiLimitOf(
      {
        role: { kind: 'container', podUID: 'u', id: 'c' },
        sample: {
          ...{ id: { path: '/c', inode: 1 }, version: 2, faults: [] },
          ...(own !== undefined && { details: { limit: own === 'none' ? own : bytes(own) } }),
        },
        container: {
          container: { name: 'web', ...(named !== undefined && { limit: bytes(named) }) },
        } as unknown as ContainerName,
      },
      pageBytes,
    );

  it('returns the API limit if the cgroup has another limit or none', () => {
    assert.equal(apiLimit(2 ** 27, 2 ** 26), 2 ** 27);
    assert.equal(apiLimit(2 ** 27, 'none'), 2 ** 27);
  });

  it('returns undefined if both agree to within a page, since the kernel rounds', () => {
    assert.equal(apiLimit(2 ** 27, 2 ** 27), undefined);
    assert.equal(apiLimit(100_000_000, 99_999_744, 4096), undefined);
    assert.equal(apiLimit(100_000_000, 99_991_552, 4096), 100_000_000);
  });

  it('returns undefined if either is unknown', () => {
    assert.equal(apiLimit(undefined, 2 ** 27), undefined);
    assert.equal(apiLimit(2 ** 27, undefined), undefined);
  });
});
