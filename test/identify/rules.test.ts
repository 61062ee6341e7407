/** The tables of rules on their own: which rule decides for a name in a state. Whole paths are in role.test.ts. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Above, type PathState, rules } from '../../src/identify/rules.ts';
import type { CgroupRole, OtherType } from '../../src/model/cgroup-role.ts';
import { anyText } from '../model/any-text.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const U_U = UID.replaceAll('-', '_');
const ID = '73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd';
const shortId = ID.slice(0, 12);

const states = Object.keys(rules) as PathState[];
const above: Above = { parent: 'parent', pod: { podUID: UID, qos: 'Burstable' } };

const indexOf = (state: PathState, name: string): number =>
  rules[state].findIndex((rule) => rule.name.test(name));

/** The role and the next state of a name. */
function decide(state: PathState, name: string, more: Partial<Above> = {}): readonly [CgroupRole, PathState] {
  for (const rule of rules[state]) {
    const match = rule.name.exec(name);
    if (match !== null) return [rule.role(match, { ...above, ...more }), rule.below];
  }
  throw new assert.AssertionError({ message: `no rule in ${state} for ${name}` });
}

const other = (type: OtherType, name: string, more: object = {}): CgroupRole =>
  ({ kind: 'other', type, name, ...more }) as CgroupRole;
const pod = (podUID: string, qos: string): CgroupRole => ({ kind: 'pod', podUID, qos });

/** Every name in the paths of the recorded and documented layouts. */
const recorded = [
  ...new Set(
    fs
      .globSync('*/paths.txt', { cwd: new URL('../../fixtures/paths/', import.meta.url).pathname })
      .flatMap((file) =>
        fs
          .readFileSync(new URL(`../../fixtures/paths/${file}`, import.meta.url), 'utf8')
          .split('\n')
          .filter((line) => !line.startsWith('#'))
          .flatMap((line) => line.split('/').filter((name) => name !== '')),
      ),
  ),
];

const name = fc
  .oneof(
    fc.constantFrom(...recorded),
    fc.tuple(fc.constantFrom(...recorded), anyText({ maxLength: 5 })).map((parts) => parts.join('')),
    anyText({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll('/', '_')),
  )
  .filter((text) => text !== '' && text.length <= 255);

describe('the rules of each state', () => {
  it('decide for any name, also with line breaks and control characters', () => {
    for (const state of states) {
      for (const text of ['\n', 'a\nb', '\0', '\ufffd', ' ', '.', '-', '\u2028'])
        assert.notEqual(indexOf(state, text), -1, `${state} ${JSON.stringify(text)}`);
      fc.assert(
        fc.property(name, (text) => assert.notEqual(indexOf(state, text), -1)),
        { numRuns: 100 },
      );
    }
  });

  it('each decide for a recorded name: no rule is hidden by an earlier one', () => {
    const names = [...recorded, 'buildkit'];
    // In machine.slice, names without a dot are containers, so rules for such names do not apply there.
    for (const state of states.filter((one) => one !== 'machines'))
      for (const [at, rule] of rules[state].entries())
        assert.ok(
          names.some((text) => indexOf(state, text) === at),
          `${state}: ${rule.name.source}`,
        );
  });

  it('lead only to states that exist, and each state but host is led to', () => {
    const led = new Set(states.flatMap((state) => rules[state].map(({ below }) => below)));
    assert.deepEqual([...led].toSorted(), states.toSorted());
  });

  it('use expressions without memory, so the same name always gives the same rule', () => {
    for (const { name: expression } of Object.values(rules).flat())
      assert.equal(/[gy]/.test(expression.flags), false, expression.source);
  });

  it('return an empty name for no cgroup', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role] = decide(state, text);
        if (role.kind === 'other') assert.notEqual(role.name, '', text);
      }),
      { numRuns: 1_000 },
    ));

  it('return a pod only below kubepods or a hidden beginning, and a container of a pod only below a pod', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const { kind } = decide(state, text)[0];
        if (kind === 'pod') assert.ok(['kubepods', 'hidden'].includes(state), state);
        if (kind === 'container' && state !== 'pod')
          assert.match(text, /^[^:]*kubepods[^:]*:[^:]+:[0-9a-f]{64}$/);
      }),
      { numRuns: 2_000 },
    ));

  it('end at inner for each container of a pod and for each overhead, and stay at inner', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role, below] = decide(state, text);
        if (role.kind === 'container' || (role.kind === 'other' && role.overheadOf !== undefined))
          assert.equal(below, 'inner');
        if (state === 'inner') assert.deepEqual([role, below], [{ kind: 'inner' }, 'inner']);
      }),
      { numRuns: 2_000 },
    ));

  it('return a full ID only in states below root, machine.slice, a runtime or a hidden beginning', () =>
    fc.assert(
      fc.property(fc.constantFrom(...states), name, (state, text) => {
        const [role] = decide(state, text);
        if (role.kind === 'other' && role.id !== undefined)
          assert.ok(['host', 'machines', 'runtime', 'hidden'].includes(state), state);
      }),
      { numRuns: 2_000 },
    ));
});

describe('a container ID', () => {
  it('is taken with each prefix of a runtime, with and without .scope', () => {
    for (const [prefix, runtime] of [
      ['docker-', 'docker'],
      ['cri-containerd-', 'containerd'],
      ['crio-', 'cri-o'],
      ['libpod-', undefined],
      ['libpod-payload-', undefined],
      ['nerdctl-', undefined],
      ['', undefined],
    ] as const)
      for (const suffix of ['', '.scope'])
        assert.deepEqual(decide('host', `${prefix}${ID}${suffix}`), [
          other('container', shortId, { id: ID, ...(runtime !== undefined && { runtime }) }),
          'nodeContainer',
        ]);
  });

  it('has exactly 64 digits in lower case', () => {
    for (const wrong of [ID.slice(1), `${ID}0`, ID.toUpperCase(), `${ID.slice(1)}g`, `${ID}\n`, `x${ID}`]) {
      const [role] = decide('host', `docker-${wrong}.scope`);
      assert.deepEqual(role, other('service', `docker-${wrong}`), wrong);
      assert.equal(decide('pod', wrong)[0].kind, 'skip', wrong);
    }
  });

  it('is not taken with an unknown prefix or suffix', () => {
    assert.deepEqual(decide('host', `podman-${ID}`)[0], other('slice', `podman-${ID}`));
    assert.deepEqual(decide('host', `docker-${ID}.slice`)[0], other('slice', `docker-${ID}`));
    assert.equal(decide('pod', `nerdctl-${ID}`)[0].kind, 'skip');
  });

  it('is only shown in short below a service or a user, where anyone may have written it', () => {
    for (const state of ['service', 'user', 'userRuntime', 'nomad', 'ecsTask'] as const)
      assert.deepEqual(decide(state, `docker-${ID}.scope`), [other('container', shortId), 'inner'], state);
  });
});

describe('a pod', () => {
  it('has the quality of service of its slice’s name, not of its parent', () => {
    for (const [level, qos] of [
      ['-besteffort', 'BestEffort'],
      ['-burstable', 'Burstable'],
      ['', 'Guaranteed'],
    ] as const)
      assert.deepEqual(decide('kubepods', `kubepods${level}-pod${U_U}.slice`, { parent: 'burstable' }), [
        pod(UID, qos),
        'pod',
      ]);
  });

  it('has the quality of service of its parent with cgroupfs, and is Guaranteed below any other', () => {
    for (const [parent, qos] of [
      ['besteffort', 'BestEffort'],
      ['burstable', 'Burstable'],
      ['kubepods', 'Guaranteed'],
      ['Burstable', 'Guaranteed'],
    ] as const)
      assert.deepEqual(decide('kubepods', `pod${UID}`, { parent })[0], pod(UID, qos));
  });

  it('is found below a custom cgroup root, whose name becomes a prefix of the slice', () => {
    assert.deepEqual(
      decide('kubepods', `kubelet-kubepods-burstable-pod${U_U}.slice`)[0],
      pod(UID, 'Burstable'),
    );
    // The last kubepods counts: the text before it is the prefix.
    assert.deepEqual(
      decide('kubepods', `kubepods-podx-kubepods-besteffort-pod${U_U}.slice`)[0],
      pod(UID, 'BestEffort'),
    );
  });

  it('needs a UID: without one the cgroup is skipped', () => {
    for (const text of ['pod', 'kubepods-pod.slice', 'kubepods-burstable-pod.slice', 'Podx'])
      assert.deepEqual(decide('kubepods', text), [
        { kind: 'skip', why: 'below kubepods, but neither a pod nor a QoS level' },
        'inner',
      ]);
  });

  it('needs a whole UID or hash where a cgroup namespace hides kubepods', () => {
    for (const uid of [UID, UID.replaceAll('-', '')])
      assert.deepEqual(decide('hidden', `pod${uid}`, { parent: '..' })[0], pod(uid, 'Guaranteed'));
    for (const text of ['podx', `pod${UID.toUpperCase()}`, `pod${UID}0`, `pod${UID.slice(1)}`, 'podman'])
      assert.equal(decide('hidden', text)[0].kind, 'other', text);
  });

  it('is only a slice on the host, outside kubepods', () => {
    assert.deepEqual(decide('host', `pod${UID}`), [other('slice', `pod${UID}`), 'host']);
    assert.deepEqual(decide('host', `kubepods-burstable-pod${U_U}.slice`), [
      other('slice', `kubepods-burstable-pod${U_U}`),
      'host',
    ]);
  });
});

describe('kubepods', () => {
  it('is a name of its own, or the end of a slice', () => {
    for (const text of [
      'kubepods',
      'kubepods.slice',
      'kubepods-burstable.slice',
      'a-b-kubepods-besteffort.slice',
    ])
      assert.deepEqual(decide('host', text), [{ kind: 'kube' }, 'kubepods'], text);
    for (const text of [
      'Kubepods',
      'kubepods2',
      'xkubepods.slice',
      'kubepods-guaranteed.slice',
      'kubepods-burstable',
      '-kubepods',
    ])
      assert.equal(decide('host', text)[0].kind, 'other', text);
  });

  it('is no more than a slice below a service or a user, where anyone can create it', () => {
    for (const state of ['service', 'user'] as const)
      for (const text of ['kubepods', 'kubepods.slice'])
        assert.deepEqual(decide(state, text), [other('slice', 'kubepods'), state]);
  });
});

describe('slice:prefix:id, of drivers that disagree,', () => {
  const slice = `kubepods-burstable-pod${U_U}.slice`;

  it('is a container with the runtime of its prefix, or without one for another prefix', () => {
    for (const [prefix, runtime] of [
      ['cri-containerd', 'containerd'],
      ['crio', 'cri-o'],
      ['docker', 'docker'],
      ['x', undefined],
      ['constructor', undefined],
      ['__proto__', undefined],
    ] as const)
      for (const state of ['host', 'service'] as const)
        assert.deepEqual(
          decide(state, `${slice}:${prefix}:${ID}`),
          [{ kind: 'container', podUID: UID, id: ID, ...(runtime !== undefined && { runtime }) }, 'inner'],
          prefix,
        );
  });

  it('is not a container with a missing or a fourth part, without a UID, or below a user', () => {
    for (const text of [
      `${slice}:${ID}`,
      `${slice}::${ID}`,
      `${slice}:a:b:${ID}`,
      `kubepods-pod.slice:x:${ID}`,
      `${slice}:x:${ID}.scope`,
    ])
      assert.notEqual(decide('host', text)[0].kind, 'container', text);
    assert.notEqual(decide('user', `${slice}:crio:${ID}`)[0].kind, 'container');
  });
});

describe('names of systemd units', () => {
  it('are decoded, also bytes that make one character, and bytes that make none', () => {
    for (const [text, decoded] of [
      ['a\\x2db.service', 'a-b'],
      ['a\\xc3\\xa9.service', 'aé'],
      ['a\\xff.service', 'a\ufffd'],
      ['a\\x2.service', 'a\\x2'],
      ['a\\x2D.service', 'a\\x2D'],
      ['\\x5cx2d.service', '\\x2d'],
    ] as const)
      assert.deepEqual(decide('host', text)[0], other('service', decoded), text);
  });

  it('end in .service or .scope for a service, and in .slice for a slice', () => {
    assert.deepEqual(decide('host', 'ssh.service'), [other('service', 'ssh'), 'service']);
    assert.deepEqual(decide('host', 'init.scope'), [other('service', 'init'), 'service']);
    assert.deepEqual(decide('host', 'system.slice'), [other('slice', 'system'), 'host']);
    // Nothing before the suffix: a plain name.
    for (const text of ['.service', '.scope', '.slice'])
      assert.deepEqual(decide('host', text), [other('slice', text), 'host']);
  });

  it('are skipped for mounts and swaps in every form, but not for names that only contain the word', () => {
    for (const text of ['dev-sda2.swap', 'var-lib.mount', '.mount'])
      assert.equal(decide('host', text)[0].kind, 'skip');
    for (const text of ['mount', 'a.mounts', 'a.mount.service'])
      assert.equal(decide('host', text)[0].kind, 'other', text);
  });

  it('of a user lead to a state without pods: user.slice, or user on v1, but not user-1000.slice on the host', () => {
    for (const text of ['user.slice', 'user'])
      assert.deepEqual(decide('host', text), [other('slice', 'user'), 'user']);
    assert.deepEqual(decide('host', 'user-1000.slice'), [other('slice', 'user-1000'), 'host']);
  });
});

describe('machine.slice', () => {
  it('has a container for a name without a dot, and the other rules for a name with one', () => {
    assert.deepEqual(decide('machines', '101'), [other('container', '101'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'garden'), [other('container', 'garden'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'kubepods'), [{ kind: 'kube' }, 'kubepods']);
    assert.deepEqual(decide('machines', 'machine-qemu\\x2d1\\x2dvm.scope'), [
      other('vm', 'qemu-1-vm'),
      'inner',
    ]);
    assert.deepEqual(decide('machines', 'machine-web.scope'), [other('container', 'web'), 'nodeContainer']);
    assert.deepEqual(decide('machines', 'systemd-nspawn@web.service'), [
      other('container', 'web'),
      'nodeContainer',
    ]);
    assert.deepEqual(decide('machines', 'nerdctl-a.b')[0].kind, 'skip');
  });
});

describe('workloads of other runtimes', () => {
  const handle = '2f57368b-0eda-4e52-64d8';

  it('have a UUID whose last part has 4 to 12 digits, as Garden cuts it', () => {
    for (const digits of [4, 12]) {
      const text = `${handle}-${'a'.repeat(digits)}`;
      assert.deepEqual(decide('host', text), [other('container', text), 'nodeContainer']);
    }
    for (const digits of [3, 13])
      assert.deepEqual(
        decide('host', `${handle}-${'a'.repeat(digits)}`)[0],
        other('slice', `${handle}-${'a'.repeat(digits)}`),
      );
  });

  it('of Nomad are tasks: allocation, dot, task', () => {
    assert.deepEqual(decide('host', `${UID}.web.scope`), [other('task', `${UID}.web`), 'inner']);
    assert.deepEqual(decide('host', `${UID}.scope`)[0], other('service', UID));
    assert.deepEqual(decide('nomad', `${UID}.web`), [other('task', `${UID}.web`), 'inner']);
    for (const text of ['share', 'shared.slice', 'reserve'])
      assert.equal(decide('nomad', text)[1], 'nomad', text);
    assert.deepEqual(decide('nomad', 'shares'), [other('task', 'shares'), 'inner']);
  });

  it('of YARN are containers with four or five numbers, not with three or a letter', () => {
    for (const text of ['container_1_2_3_4', 'container_e17_1_2_3_4'])
      assert.deepEqual(decide('host', text), [other('container', text), 'inner']);
    for (const text of ['container_1_2_3', 'container_1_2_3_x', 'container_e_1_2_3_4', 'container_1_2_3_4_5'])
      assert.equal((decide('host', text)[0] as { type?: string }).type, 'slice', text);
  });

  it('of HTCondor are jobs with a numbered slot', () => {
    assert.deepEqual(decide('host', 'condor_x_slot1_2@node'), [
      other('job', 'condor_x_slot1_2@node'),
      'inner',
    ]);
    assert.equal((decide('host', 'condor_x_slot')[0] as { type?: string }).type, 'slice');
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

describe('a container that may be a node', () => {
  it('holds pods below kubepods, directly or below the levels that runtimes add', () => {
    for (const text of ['container', 'payload', 'ns', 'syscont-cgroup-root', 'init'])
      assert.deepEqual(decide('nodeContainer', text), [
        { kind: 'inner', mayHoldPods: true },
        'nodeContainer',
      ]);
    for (const text of ['kubelet', 'kubelet.slice'])
      assert.deepEqual(decide('nodeContainer', text), [{ kind: 'kube' }, 'nodeContainer']);
    assert.equal(decide('nodeContainer', 'kubelet-kubepods.slice')[1], 'kubepods');
    for (const text of ['containers', 'init.scope', 'kubelet.service', ID])
      assert.deepEqual(decide('nodeContainer', text), [{ kind: 'inner' }, 'inner']);
  });
});
