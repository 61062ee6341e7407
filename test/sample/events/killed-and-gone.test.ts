import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CgroupSample } from '../../../src/model/cgroup.ts';
import type { CgroupRole, OtherType } from '../../../src/model/cgroup-role.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { KilledAndGone } from '../../../src/sample/events/killed-and-gone.ts';

const container: CgroupRole = { kind: 'container', podUID: 'uid', id: 'a' };
const other = (type: OtherType, id?: string): CgroupRole => ({
  ...{ kind: 'other', type, name: 'x' },
  ...(id !== undefined && { id }),
});

const observed = (inode: number, role: CgroupRole = container): Observation => {
  const sample: CgroupSample = { id: { path: `/${inode}`, inode }, version: 2, faults: [] };
  return { role, sample };
};

const inodesOf = (observations: readonly Observation[]): readonly number[] =>
  observations.map(({ sample }) => sample.id.inode);

/** @param before OOM kills at the last report */
function keeping(observations: readonly Observation[], before = 0): KilledAndGone {
  const killed = new KilledAndGone();
  killed.keep(observations.map((observation) => ({ observation, kills: before + 1, before })));
  return killed;
}

describe('KilledAndGone', () => {
  for (const [what, role, isKept] of [
    ['a container', container, true],
    ['a service', other('service'), true],
    ['a container outside pods', other('container', 'a'), true],
    ['a pod', { kind: 'pod', podUID: 'uid', qos: 'Burstable' }, false],
    ['a slice', other('slice'), false],
    ['a virtual machine', other('vm'), false],
    ['a cgroup below a container', { kind: 'inner' }, false],
  ] as const satisfies readonly (readonly [string, CgroupRole, boolean])[])
    it(`${isKept ? 'keeps' : 'does not keep'} the sample of ${what} that is gone`, () =>
      assert.deepEqual(inodesOf(keeping([observed(1, role)]).missingFrom([])), isKept ? [1] : []));

  it('forgets a cgroup that the report finds, even if it is gone in the next report', () => {
    const killed = keeping([observed(1), observed(2)]);
    assert.deepEqual(inodesOf(killed.missingFrom([observed(1)])), [2]);
    assert.deepEqual(inodesOf(killed.missingFrom([])), [2]);
  });

  it('keeps the last sample of a cgroup with two kills, but the kills before the first of them', () => {
    const role = other('container', 'a');
    const killed = keeping([observed(1, role)], 0);
    const last = observed(1, role);
    killed.keep([{ observation: last, kills: 2, before: 1 }]);
    // It runs again under its ID. With a kill at the last report, it would be forgotten.
    const missing = killed.missingFrom([observed(2, role)]);
    assert.equal(missing.length, 1);
    assert.equal(missing[0], last);
  });

  it('forgets a restarted container outside pods with an earlier kill, and keeps a service without an ID', () => {
    assert.deepEqual(keeping([observed(1, other('container', 'a'))], 1).missingFrom([]).length, 1);
    const restarted = observed(2, other('container', 'a'));
    assert.deepEqual(keeping([observed(1, other('container', 'a'))], 1).missingFrom([restarted]), []);
    const another = observed(2, other('container', 'b'));
    assert.equal(keeping([observed(1, other('container', 'a'))], 1).missingFrom([another]).length, 1);
    const service = observed(2, other('service'));
    assert.equal(keeping([observed(1, other('service'))], 1).missingFrom([service]).length, 1);
  });

  it('keeps the latest 100 of 101 killed cgroups', () => {
    const killed = keeping(Array.from({ length: 101 }, (_, inode) => observed(inode)));
    const missing = inodesOf(killed.missingFrom([]));
    assert.deepEqual([missing.length, missing[0], missing.at(-1)], [100, 1, 100]);
  });

  it('waits 40 reports again after another kill', () => {
    const killed = keeping([observed(1)]);
    for (let report = 0; report < 39; report++) killed.missingFrom([]);
    killed.keep([{ observation: observed(1), kills: 2, before: 1 }]);
    for (let report = 0; report < 40; report++) assert.equal(killed.missingFrom([]).length, 1);
    assert.deepEqual(killed.missingFrom([]), []);
  });

  it('forgets the counted samples, and no others', () => {
    const killed = keeping([observed(1), observed(2)]);
    const [first] = killed.missingFrom([]);
    assert.ok(first !== undefined);
    killed.counted(new Set([first.sample]));
    assert.deepEqual(inodesOf(killed.missingFrom([])), [2]);
  });
});
