/** One read of the kernel's kill counter after another: what rose, when, and whether at the cgroup's own limit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roleOf } from '../../../src/identify/role.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { CgroupDetails, CgroupSample, CgroupVersion } from '../../../src/model/cgroup.ts';
import type { CgroupRole } from '../../../src/model/cgroup-role.ts';
import { type Counter, lifeIdOf, nextCounter, ownLimitOf } from '../../../src/usage/kill-counters.ts';

const at = Date.parse('2026-11-23T09:00:00Z');

const sampleOf = (
  details: CgroupDetails | undefined,
  version: CgroupVersion = 2,
  inode = 7,
): CgroupSample => ({
  ...{ id: { path: '/system.slice/db.service', inode }, version, faults: [] },
  ...(details !== undefined && { details }),
});
const counter = (more: Partial<Counter> = {}): Counter => ({
  ...{ inode: 7, kills: 0, at, limitHits: 0, isAtLimit: false },
  ...more,
});
const isAtLimit = (details: CgroupDetails, version: CgroupVersion, before?: Counter): boolean | undefined =>
  nextCounter(before, sampleOf(details, version), at)?.isAtLimit;

describe('the counter of a cgroup', () => {
  it('is undefined while no sample could read it', () => {
    assert.equal(nextCounter(undefined, sampleOf(undefined), at), undefined);
    assert.equal(nextCounter(undefined, sampleOf({ limitOoms: 3 }), at), undefined);
  });

  it('keeps its last value when a sample cannot read it', () => {
    const before = counter({ kills: 3 });
    assert.equal(nextCounter(before, sampleOf({ limitOoms: 9 }), at + 5), before);
  });

  it('begins at zero kills, which no limit caused, even where the limit was met', () =>
    assert.deepEqual(
      nextCounter(undefined, sampleOf({ oomKills: 0, limitOomsLocal: 4 }), at),
      counter({ limitHits: 4 }),
    ));

  it('begins without a time when the kills can be of any age', () =>
    assert.deepEqual(
      nextCounter(undefined, sampleOf({ oomKills: 2, limitOomsLocal: 1 }), undefined),
      counter({ kills: 2, at: undefined, limitHits: 1, isAtLimit: true }),
    ));

  it('has the time and the inode of the sample in which it rose', () => {
    const before = counter({ kills: 1 });
    const found = nextCounter(before, sampleOf({ oomKills: 2, limitOoms: 0 }, 2, 8), at + 5);
    assert.deepEqual([found?.kills, found?.at, found?.inode], [2, at + 5, 8]);
  });

  it('without a rise stays the same (v2), so that the next rise compares with the last one', () => {
    const before = counter({ kills: 1, limitHits: 1 });
    assert.equal(nextCounter(before, sampleOf({ oomKills: 1, limitOomsLocal: 2 }), at + 5), before);
    // The kernel counted the limit in one sample and the kill in the next.
    assert.equal(isAtLimit({ oomKills: 2, limitOomsLocal: 2 }, 2, before), true);
  });

  it('without a rise takes the failures of the sample (v1), because reclaim resolved them', () => {
    const before = counter({ kills: 1, limitHits: 1 });
    const after = nextCounter(before, sampleOf({ oomKills: 1, failCount: 9 }, 1), at + 5);
    assert.deepEqual(after, { ...before, limitHits: 9 });
    assert.equal(isAtLimit({ oomKills: 2, failCount: 9 }, 1, after), false);
    assert.equal(isAtLimit({ oomKills: 2, failCount: 10 }, 1, after), true);
  });

  it('stays at the limit until the kills are reported, whatever the next kill was', () =>
    assert.equal(
      isAtLimit({ oomKills: 2, limitOomsLocal: 1 }, 2, counter({ kills: 1, limitHits: 1, isAtLimit: true })),
      true,
    ));
});

describe('a kill', () => {
  const limit = bytes(1000);
  const cases: readonly (readonly [string, CgroupVersion, CgroupDetails, boolean])[] = [
    ['with a rise of oom in memory.events.local', 2, { oomKills: 1, limitOomsLocal: 1 }, true],
    ['without a rise of oom in memory.events.local', 2, { oomKills: 1, limitOomsLocal: 0 }, false],
    [
      'with a rise of oom in a cgroup below alone',
      2,
      { oomKills: 1, limitOomsLocal: 0, limitOoms: 1 },
      false,
    ],
    ['with a rise of oom before Linux 5.2', 2, { oomKills: 1, limitOoms: 1 }, true],
    ['without a rise of oom before Linux 5.2', 2, { oomKills: 1, limitOoms: 0 }, false],
    ['with no count of oom at all', 2, { oomKills: 1 }, true],
    ['with a failcnt of v1', 1, { oomKills: 1, failCount: 1, limit, peak: bytes(1) }, true],
    ['with no failcnt of v1', 1, { oomKills: 1 }, true],
    [
      'with failcnt 0 and a peak at 98 % of the limit',
      1,
      { oomKills: 1, failCount: 0, limit, peak: bytes(980) },
      true,
    ],
    [
      'with failcnt 0 and a peak below 98 %',
      1,
      { oomKills: 1, failCount: 0, limit, peak: bytes(979) },
      false,
    ],
    ['with failcnt 0 and no known peak', 1, { oomKills: 1, failCount: 0, limit }, false],
    ['with failcnt 0 and no limit', 1, { oomKills: 1, failCount: 0, limit: 'none', peak: bytes(980) }, false],
    [
      'of v2 with a peak at the limit but no oom',
      2,
      { oomKills: 1, limitOoms: 0, limit, peak: limit },
      false,
    ],
  ];
  for (const [what, version, details, expected] of cases)
    it(`${what} ${expected ? 'may have been' : 'was not'} at the own limit`, () => {
      assert.equal(isAtLimit(details, version), expected);
      assert.equal(isAtLimit(details, version, counter()), expected);
    });
});

describe('the own limit', () => {
  it('is the size, and undefined for none and without details', () => {
    assert.equal(ownLimitOf(sampleOf({ limit: bytes(5) })), 5);
    assert.equal(ownLimitOf(sampleOf({ limit: bytes(0) })), 0);
    assert.equal(ownLimitOf(sampleOf({ limit: 'none' })), undefined);
    assert.equal(ownLimitOf(sampleOf({})), undefined);
    assert.equal(ownLimitOf(sampleOf(undefined)), undefined);
  });
});

describe('the ID of a lifetime', () => {
  const idOf = (path: string, inode = 7, role: CgroupRole = roleOf(path)): string | undefined =>
    lifeIdOf(role, { id: { path, inode }, version: 2, faults: [] });

  it('is the container ID of a container in a pod', () => {
    const id = 'a'.repeat(64);
    assert.equal(idOf(`/kubepods/pod12345678-1234-1234-1234-123456789012/${id}`), id);
  });

  it('is the container ID of a container outside pods', () => {
    const id = 'b'.repeat(64);
    const role: CgroupRole = { kind: 'other', type: 'container', name: 'db', id };
    assert.equal(idOf('/docker/db', 7, role), id);
  });

  it('of a service differs by path and by inode, and is the same again for both', () => {
    const service = '/system.slice/db.service';
    assert.equal(idOf(service), idOf(service));
    assert.match(idOf(service) ?? '', /^[0-9a-z]+\.7$/);
    assert.notEqual(idOf(service), idOf(service, 8));
    assert.notEqual(idOf(service), idOf('/system.slice/web.service'));
  });

  it('is undefined for pods, slices, jobs and cgroups inside a container', () => {
    const others: readonly CgroupRole[] = [
      { kind: 'root' },
      { kind: 'kube' },
      { kind: 'inner' },
      { kind: 'skip', why: 'x' },
      { kind: 'pod', podUID: 'u', qos: 'burstable' },
      { kind: 'other', type: 'slice', name: 'user.slice' },
      { kind: 'other', type: 'job', name: 'job', id: 'c' },
    ];
    for (const role of others) assert.equal(idOf('/x', 7, role), undefined, JSON.stringify(role));
  });
});
