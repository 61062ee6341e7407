import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptUsages } from '../../src/account/kept-usages.ts';
import { type Surroundings, usageOf } from '../../src/account/memory.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupSample } from '../../src/model/cgroup.ts';

const sample: CgroupSample = {
  ...{ id: { path: '/p/c', inode: 1 }, version: 2, usage: bytes(100), faults: [] },
  stat: { anon: bytes(40), activeFile: bytes(30), inactiveFile: bytes(10) },
};
const limit = { bytes: bytes(500), path: '/p' };
const high = { bytes: bytes(400), path: '/p/c', events: 3 };
const around: Surroundings = {
  limit,
  high,
  request: bytes(64),
  peakReal: bytes(90),
  oomKills: 1,
  hasBelow: false,
};

const others: Readonly<Record<string, Surroundings>> = {
  'another limit': { ...around, limit: { ...limit, bytes: bytes(600) } },
  'a limit of another cgroup': { ...around, limit: { ...limit, path: '/p/c' } },
  'no limit': { ...around, limit: undefined },
  'another memory.high': { ...around, high: { ...high, bytes: bytes(300) } },
  'more events at memory.high': { ...around, high: { ...high, events: 4 } },
  'another limit in the API': { ...around, apiLimit: bytes(7) },
  'another request': { ...around, request: bytes(32) },
  'a new peak': { ...around, peakReal: bytes(91) },
  'one more OOM kill': { ...around, oomKills: 2 },
  'cgroups below it': { ...around, hasBelow: true },
  'another page size': { ...around, machine: { pageBytes: 4096, cpus: 2 } },
};

describe('the figures of the last report', () => {
  it('are the same object for the same sample with the same surroundings', () => {
    const kept = new KeptUsages();
    const first = kept.of(sample, around);
    assert.deepEqual(first, usageOf(sample, around));
    assert.equal(kept.of(sample, { ...around, limit: { ...limit }, high: { ...high } }), first);
  });

  it('are computed anew for another sample', () => {
    const kept = new KeptUsages();
    kept.of(sample, around);
    const next = { ...sample, usage: bytes(120) };
    assert.deepEqual(kept.of(next, around), usageOf(next, around));
  });

  for (const [what, other] of Object.entries(others))
    it(`are computed anew with ${what}`, () => {
      const kept = new KeptUsages();
      const first = kept.of(sample, around);
      const next = kept.of(sample, other);
      assert.notEqual(next, first);
      assert.deepEqual(next, usageOf(sample, other));
    });
});
