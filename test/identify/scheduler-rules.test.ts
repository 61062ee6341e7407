/** The rules below the parents of QEMU, Nomad, Slurm, ECS and Kata. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, ID, other, shortId, U_U, UID } from './decide.ts';

describe('workloads below the parent of their scheduler', () => {
  it('of Nomad are tasks: allocation, dot, task', () => {
    assert.deepEqual(decide('host', `${UID}.web.scope`), [other('task', `${UID}.web`), 'inner']);
    assert.deepEqual(decide('host', `${UID}.scope`)[0], other('service', UID));
    assert.deepEqual(decide('nomad', `${UID}.web`), [other('task', `${UID}.web`), 'inner']);
    for (const text of ['share', 'shared.slice', 'reserve'])
      assert.equal(decide('nomad', text)[1], 'nomad', text);
    assert.deepEqual(decide('nomad', 'shares'), [other('task', 'shares'), 'inner']);
  });

  it('of Slurm are jobs, whose steps carry the name of the job', () => {
    assert.equal(decide('host', 'slurm_node1')[1], 'slurm');
    assert.equal(decide('host', 'slurmstepd.scope')[1], 'slurm');
    assert.equal(decide('host', 'n1_slurmstepd.scope')[1], 'slurm');
    assert.equal(decide('slurm', 'uid_1000')[1], 'slurm');
    assert.equal(decide('slurm', 'system')[1], 'service');
    assert.deepEqual(decide('slurm', 'uid_x'), [other('job', 'uid_x'), 'slurmJob']);
    assert.deepEqual(decide('slurmJob', 'step_0', { parent: 'job_7' }), [
      other('slice', 'job_7/step_0'),
      'inner',
    ]);
  });

  it('of ECS are tasks with containers', () => {
    assert.deepEqual(decide('host', 'ecstasks-abc.slice'), [other('task', 'abc'), 'ecsTask']);
    assert.deepEqual(decide('ecs', 'abc'), [other('task', 'abc'), 'ecsTask']);
    assert.deepEqual(decide('ecsTask', 'web.scope'), [other('container', 'web'), 'inner']);
  });

  it('are virtual machines below qemu, without their suffix', () => {
    assert.deepEqual(decide('vms', 'vm1.scope'), [other('vm', 'vm1'), 'inner']);
    assert.deepEqual(decide('vms', '.scope'), [other('vm', '.scope'), 'inner']);
    assert.deepEqual(decide('host', 'vm1.libvirt-qemu'), [other('vm', 'vm1'), 'inner']);
    assert.deepEqual(decide('host', 'c1.libvirt-lxc'), [other('container', 'c1'), 'nodeContainer']);
  });
});

describe('Kata', () => {
  it('has the overhead of a sandbox in three forms of its name, below kata_overhead or its slice', () => {
    for (const text of [ID, `kata_${ID}`, `runtime-rs-${ID}.scope`])
      assert.deepEqual(decide('kataOverhead', text), [other('vm', shortId, { overheadOf: ID }), 'inner']);
    for (const text of ['kata_overhead', 'kata-overhead.slice'])
      assert.equal(decide('host', text)[1], 'kataOverhead');
    assert.equal(decide('service', 'kata_overhead')[1], 'service');
  });

  it('has no pod below kata_overhead, whatever the name', () => {
    for (const text of [`pod${UID}`, 'kubepods', `kubepods-pod${U_U}.slice`, `kata_${ID.slice(1)}`])
      assert.deepEqual(decide('kataOverhead', text)[1], 'kataOverhead', text);
  });

  it('has its sandbox in the pod', () =>
    assert.deepEqual(decide('pod', `kata_${ID}`), [
      { kind: 'container', podUID: UID, id: ID, runtime: 'kata', sandbox: true },
      'inner',
    ]));
});
