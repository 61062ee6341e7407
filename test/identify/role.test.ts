/** The roles of the cgroup paths that kubelets, runtimes and systemd create. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { holdsOthers, roleOf } from '../../src/identify/role.ts';
import { rules } from '../../src/identify/rules.ts';
import type { CgroupRole, OtherType } from '../../src/model/cgroup-role.ts';
import { anyText } from '../model/any-text.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const U_U = UID.replaceAll('-', '_');
const HASH = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
const ID = '73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd';
const NODE = 'ba7b10d15d16e10e3de7a2dcd408a3d971169ae303f46cfad4c5453c6326fee2';

const kube: CgroupRole = { kind: 'kube' };
const inner: CgroupRole = { kind: 'inner' };
const pod = (qos: string, podUID = UID): CgroupRole => ({ kind: 'pod', podUID, qos });
const inside = (role: CgroupRole, path: string): CgroupRole => ({ ...role, inside: path }) as CgroupRole;
const container = (runtime?: string, podUID = UID): CgroupRole => ({
  kind: 'container',
  podUID,
  id: ID,
  ...(runtime !== undefined && { runtime }),
});
const other = (type: OtherType, name: string): CgroupRole => ({ kind: 'other', type, name });
/** A container outside pods, named by the 12 digits that `docker ps` prints. */
const withShortId = other('container', ID.slice(0, 12));
/** The same where only root can create cgroups: a pod's status may list the full ID. */
const withFullId = (id: string, runtime?: string): CgroupRole =>
  ({
    kind: 'other',
    type: 'container',
    name: id.slice(0, 12),
    id,
    ...(runtime !== undefined && { runtime }),
  }) as CgroupRole;
const outside = withFullId(ID);
const outsideDocker = withFullId(ID, 'docker');
const node = withFullId(NODE, 'docker');
const overhead: CgroupRole = { kind: 'other', type: 'vm', name: ID.slice(0, 12), overheadOf: ID };
const kata: CgroupRole = { kind: 'container', podUID: UID, id: ID, runtime: 'kata', sandbox: true };
const payload: CgroupRole = { kind: 'inner', mayHoldPods: true };
const conmon: CgroupRole = {
  kind: 'skip',
  why: 'conmon, the monitor process of a container',
};
const unit: CgroupRole = { kind: 'skip', why: 'a mount or swap unit: it contains no processes' };
const build: CgroupRole = { kind: 'skip', why: 'a nerdctl build: it is temporary' };
const noPod: CgroupRole = { kind: 'skip', why: 'below kubepods, but neither a pod nor a QoS level' };
const noContainer: CgroupRole = { kind: 'skip', why: 'below a pod, but its name contains no container ID' };

const burstable = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${U_U}.slice`;
const cgroupfs = `/kubepods/burstable/pod${UID}`;

const table: Readonly<Record<string, readonly (readonly [string, CgroupRole])[]>> = {
  'cgroupfs driver': [
    ['/kubepods', kube],
    ['/kubepods/burstable', kube],
    ['/kubepods/besteffort', kube],
    [`/kubepods/burstable/pod${UID}`, pod('Burstable')],
    [`/kubepods/besteffort/pod${UID}`, pod('BestEffort')],
    [`/kubepods/pod${UID}`, pod('Guaranteed')],
    [`/kubepods/burstable/pod${UID}/${ID}`, container()],
    [`/kubepods/pod${UID}/${ID}`, container()],
  ],
  'systemd driver with containerd': [
    ['/kubepods.slice', kube],
    ['/kubepods.slice/kubepods-burstable.slice', kube],
    [burstable, pod('Burstable')],
    [`/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${U_U}.slice`, pod('BestEffort')],
    [`/kubepods.slice/kubepods-pod${U_U}.slice`, pod('Guaranteed')],
    [`${burstable}/cri-containerd-${ID}.scope`, container('containerd')],
    [`/kubepods.slice/kubepods-pod${U_U}.slice/cri-containerd-${ID}.scope`, container('containerd')],
  ],
  'kubelet and runtime with different cgroup drivers': [
    [
      `/system.slice/containerd.service/kubepods-burstable-pod${U_U}.slice:cri-containerd:${ID}`,
      container('containerd'),
    ],
    [`/system.slice/kubepods-pod${U_U}.slice:cri-containerd:${ID}`, container('containerd')],
    [`/podruntime/runtime/kubepods-pod${U_U}.slice:cri-containerd:${ID}`, container('containerd')],
    [`/kubepods-besteffort-pod${U_U}.slice:cri-containerd:${ID}`, container('containerd')],
    [`/system.slice/crio.service/kubepods-burstable-pod${U_U}.slice:crio:${ID}`, container('cri-o')],
    [
      `/system.slice/containerd.service/kubelet-kubepods-burstable-pod${U_U}.slice:cri-containerd:${ID}`,
      container('containerd'),
    ],
    [`/system.slice/containerd.service/kubepods-burstable-pod${U_U}.slice:cri-containerd:${ID}/x`, inner],
  ],
  'CRI-O, systemd': [
    [`${burstable}/crio-${ID}.scope`, container('cri-o')],
    [`${burstable}/crio-${ID}`, container('cri-o')],
    [`${burstable}/crio-conmon-${ID}.scope`, conmon],
    [`${burstable}/crio-conmon-${ID}.scope/x`, inner],
    [`/system.slice/crio-conmon-${ID}.scope`, conmon],
  ],
  'CRI-O, cgroupfs': [
    [`${cgroupfs}/crio-${ID}`, container('cri-o')],
    [`${cgroupfs}/crio-conmon-${ID}`, conmon],
  ],
  'crun’s child': [[`${burstable}/crio-${ID}.scope/container`, inner]],
  'docker and cri-dockerd': [
    [`${burstable}/docker-${ID}.scope`, container('docker')],
    [`/kubepods/besteffort/pod${UID}/${ID}`, container()],
  ],
  'plain docker and podman': [
    ['/docker', other('slice', 'docker')],
    [`/docker/${ID}`, outside],
    ['/docker/my-container', other('container', 'my-container')],
    [`/system.slice/docker-${ID}.scope`, outsideDocker],
    [`/machine.slice/libpod-${ID}.scope`, outside],
    [`/machine.slice/libpod-conmon-${ID}.scope`, conmon],
    [`/libpod_parent/libpod-${ID}`, outside],
    [`/system.slice/web.service/libpod-payload-${ID}`, withShortId],
    [`/libpod_parent/libpod-conmon-${ID}`, conmon],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, withShortId],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`, inner],
  ],
  'kind, from inside its node': [
    ['/kubelet.slice/kubelet-kubepods.slice', kube],
    [`/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${U_U}.slice`, pod('Guaranteed')],
    [
      `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${U_U}.slice/cri-containerd-${ID}.scope`,
      container('containerd'),
    ],
  ],
  'kind, from the host': [
    [`/system.slice/docker-${NODE}.scope`, node],
    [`/system.slice/docker-${NODE}.scope/kubelet`, kube],
    [`/system.slice/docker-${NODE}.scope/kubelet/kubepods`, kube],
    [
      `/system.slice/docker-${NODE}.scope/kubelet/kubepods/burstable/pod${UID}`,
      inside(pod('Burstable'), `/system.slice/docker-${NODE}.scope`),
    ],
    [
      `/system.slice/docker-${NODE}.scope/kubelet/kubepods/burstable/pod${UID}/${ID}`,
      inside(container(), `/system.slice/docker-${NODE}.scope`),
    ],
    [
      `/docker/${NODE}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${U_U}.slice/cri-containerd-${ID}.scope`,
      inside(container('containerd'), `/docker/${NODE}`),
    ],
    [`/docker/${NODE}/system.slice/kubelet.service`, inner],
    [`/machine.slice/libpod-${NODE}.scope/container`, payload],
    [
      `/machine.slice/libpod-${NODE}.scope/container/kubelet/kubepods/pod${UID}`,
      inside(pod('Guaranteed'), `/machine.slice/libpod-${NODE}.scope`),
    ],
    [`/machine.slice/libpod-${NODE}.scope/container/docker/${ID}`, inner],
  ],
  'nodes nested in docker or LXC': [
    [`/docker/${NODE}/kubepods/besteffort/pod${UID}/${ID}`, inside(container(), `/docker/${NODE}`)],
    [`/kubepods/kubepods/besteffort/pod${UID}/${ID}`, container()],
    [`/lxc.payload.first/kubepods/burstable/pod${UID}/${ID}`, inside(container(), '/lxc.payload.first')],
    [`/lxc/first/kubepods/burstable/pod${UID}`, inside(pod('Burstable'), '/lxc/first')],
  ],
  k3s: [[`/kubepods/pod${UID}/${ID}`, container()]],
  'a custom cgroup root': [
    [`/node2/kubepods/burstable/pod${UID}/${ID}`, container()],
    [
      `/node2.slice/node2-kubepods.slice/node2-kubepods-burstable.slice/node2-kubepods-burstable-pod${U_U}.slice/cri-containerd-${ID}.scope`,
      container('containerd'),
    ],
  ],
  Talos: [
    ['/podruntime', other('slice', 'podruntime')],
    ['/podruntime/kubelet', other('slice', 'kubelet')],
    ['/podruntime/etcd', other('slice', 'etcd')],
    ['/system/apid', other('slice', 'apid')],
    ['/init', other('slice', 'init')],
  ],
  'static pods with the hash of their manifest as UID': [
    [`/kubepods/burstable/pod${HASH}`, pod('Burstable', HASH)],
    [`/kubepods/burstable/pod${HASH}/${ID}`, container(undefined, HASH)],
    [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${HASH}.slice`, pod('Burstable', HASH)],
    ['/kubepods/podset-by-hand', pod('Guaranteed', 'set-by-hand')],
  ],
  Kata: [
    [`${cgroupfs}/kata_${ID}`, kata],
    ['/kata_overhead', other('slice', 'kata_overhead')],
    [`/kata_overhead/${ID}`, overhead],
    [`/kata_overhead/${ID}/x`, inner],
    [`/kata_overhead/kubepods/burstable/pod${UID}/${ID}`, overhead],
    [`/kata_overhead/kubepods/burstable/pod${UID}`, other('slice', `pod${UID}`)],
    [`/kata.slice/kata-overhead.slice/runtime-rs-${ID}.scope`, overhead],
    [`${cgroupfs}/${ID}/kata_overhead/${ID}`, inner],
    [`/system.slice/x.service/kata_overhead/${ID}`, withShortId],
  ],
  'systemd or docker inside a container': [
    [`/system.slice/docker-${ID}.scope/init.scope`, inner],
    [`/system.slice/docker-${ID}.scope/system.slice/ssh.service`, inner],
    [`/docker/${ID}/docker/${NODE}`, inner],
    [`${cgroupfs}/${ID}/docker/${NODE}`, inner],
    [`${cgroupfs}/${ID}/init.scope`, inner],
    ['/lxc.payload.first/system.slice/systemd-logind.service', inner],
  ],
  'relative to a cgroup namespace': [
    ['/..', kube],
    [`/../cri-containerd-${ID}.scope`, withFullId(ID, 'containerd')],
    [`/../../pod${HASH}/${ID}`, container(undefined, HASH)],
    [`/../../pod${UID}`, pod('Guaranteed')],
    [`/../../kubepods-burstable-pod${U_U}.slice/cri-containerd-${ID}.scope`, container('containerd')],
    [`/../../../../system.slice/docker-${NODE}.scope`, node],
    [`/../../burstable/pod${UID}`, pod('Burstable')],
  ],
  'cgroups without processes, or temporary ones': [
    ['/system.slice/var-lib-docker.mount', unit],
    ['/dev-sda2.swap', unit],
    ['/system.slice/nerdctl-buildkit-1234', build],
    ['/nerdctl-build-1/x', inner],
  ],
  'cgroups below pods that are no containers': [
    ['/kubepods/burstable/nonsense', noPod],
    [`/kubepods.slice/kubepods-burstable.slice/${ID}`, noPod],
    [`${cgroupfs}/not-an-id`, noContainer],
    [`${cgroupfs}/${ID.slice(1)}`, noContainer],
    [`${cgroupfs}/${ID.toUpperCase()}`, noContainer],
    [`${cgroupfs}/x${ID}`, noContainer],
    [`${burstable}/evil-${ID}.scope`, noContainer],
  ],
  'systemd’s units': [
    ['/', { kind: 'root' }],
    ['/init.scope', other('service', 'init')],
    ['/system.slice', other('slice', 'system')],
    ['/system.slice/ssh.service', other('service', 'ssh')],
    ['/system.slice/system-getty.slice/getty@tty1.service', other('service', 'getty@tty1')],
    ['/system.slice/app\\x2dserver.service', other('service', 'app-server')],
    ['/system.slice/run-r1\\xe4\\xb8\\xad.service', other('service', 'run-r1中')],
    ['/user.slice', other('slice', 'user')],
    ['/user.slice/user-1000.slice', other('slice', 'user-1000')],
    ['/user.slice/user-1000.slice/session-3.scope', other('service', 'session-3')],
  ],
  'other containers and machines': [
    ['/machine.slice/machine-qemu\\x2d1\\x2dweb.scope', other('vm', 'qemu-1-web')],
    ['/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator', inner],
    ['/machine.slice/machine-debian.scope', other('container', 'debian')],
    ['/machine.slice/machine-debian.scope/payload/init.scope', inner],
    ['/machine.slice/systemd-nspawn@debian.service', other('container', 'debian')],
    ['/machine.slice/systemd-nspawn@my\\x2dbox.service', other('container', 'my-box')],
    ['/machine.slice/systemd-nspawn@debian.service/payload', payload],
    [
      `/machine.slice/systemd-nspawn@debian.service/payload/kubepods/burstable/pod${UID}`,
      inside(pod('Burstable'), '/machine.slice/systemd-nspawn@debian.service'),
    ],
    ['/machine.slice/systemd-nspawn@debian.service/supervisor', inner],
    ['/lxc.payload.first', other('container', 'first')],
    ['/lxc.monitor.first', other('slice', 'lxc.monitor.first')],
    ['/lxc', other('slice', 'lxc')],
    ['/lxc/first', other('container', 'first')],
    [`/default/${ID}`, outside],
    [`/system.slice/nerdctl-${ID}.scope`, outside],
    [`/k8s.io/${ID}`, outside],
    ['/buildkit/abc', other('container', 'abc')],
    ['/docker/buildkit/abc', other('container', 'abc')],
    ['/lxc.payload/first', other('container', 'first')],
    ['/qemu.slice/100.scope', other('vm', '100')],
    ['/machine/qemu-1-web.libvirt-qemu', other('vm', 'qemu-1-web')],
    ['/machine/lxc-1-web.libvirt-lxc', other('container', 'lxc-1-web')],
    ['/machine.slice/101', other('container', '101')],
    [`/machine.slice/${UID}`, other('container', UID)],
    ['/machine.slice/101/system.slice', inner],
    ['/user.slice/user-1000.slice/machine.slice/101', other('slice', '101')],
  ],
  'tasks and jobs of other orchestrators': [
    ['/ecs', other('slice', 'ecs')],
    [`/ecs/${HASH}`, other('task', HASH)],
    [`/ecs/${HASH}/${HASH}-94568231`, other('container', `${HASH}-94568231`)],
    [`/ecs/${HASH}/${ID}`, withShortId],
    [`/ecs/${HASH}/${ID}/kubepods/pod${UID}`, inner],
    [`/ecstasks.slice/ecstasks-${HASH}.slice`, other('task', HASH)],
    [`/ecstasks.slice/ecstasks-${HASH}.slice/docker-${ID}.scope`, withShortId],
    ['/nomad.slice/share.slice', other('slice', 'share')],
    [`/nomad.slice/share.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/reserve.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/docker-${ID}.scope`, withShortId],
    [`/batch.slice/share.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad/${UID}.api`, other('task', `${UID}.api`)],
    [`/nomad/${UID}`, other('task', UID)],
    ['/slurm', other('slice', 'slurm')],
    ['/slurm_node1/uid_1000', other('slice', 'uid_1000')],
    ['/slurm/uid_1000/job_42', other('job', 'job_42')],
    ['/slurm/uid_1000/job_42/step_0', other('slice', 'job_42/step_0')],
    ['/slurm/uid_1000/job_42/step_0/task_0', inner],
    ['/system.slice/slurmstepd.scope', other('service', 'slurmstepd')],
    ['/system.slice/slurmstepd.scope/system', other('slice', 'system')],
    ['/system.slice/node1_slurmstepd.scope/job_42', other('job', 'job_42')],
    ['/system.slice/slurmstepd.scope/job_42/step_batch', other('slice', 'job_42/step_batch')],
    ['/system.slice/slurmstepd.scope/job_42/step_batch/user/task_0', inner],
    ['/system.slice/slurmstepd.scope/s5K1KKYAYG5D00', other('job', 's5K1KKYAYG5D00')],
    [
      '/hadoop-yarn/container_e01_1700000000000_0001_01_000002',
      other('container', 'container_e01_1700000000000_0001_01_000002'),
    ],
    [
      '/hadoop-yarn/container_1700000000000_0001_01_000002',
      other('container', 'container_1700000000000_0001_01_000002'),
    ],
    ['/garden/2f57368b-0eda-4e52-64d8-af5c', other('container', '2f57368b-0eda-4e52-64d8-af5c')],
    ['/system.slice/garden.service/garden/good', other('slice', 'good')],
    [
      '/system.slice/garden.service/garden/good/2f57368b-0eda-4e52-64d8-af5c',
      other('container', '2f57368b-0eda-4e52-64d8-af5c'),
    ],
    ['/garden/good/check-1/init', inner],
    [`/mesos/${UID}`, other('container', UID)],
    [`/${UID}`, other('container', UID)],
    ['/htcondor/condor_var_lib_condor_execute_slot1', other('job', 'condor_var_lib_condor_execute_slot1')],
    [
      '/system.slice/htcondor/condor_var_lib_condor_execute_slot1_23@node1',
      other('job', 'condor_var_lib_condor_execute_slot1_23@node1'),
    ],
  ],
  'nodes in containers of LXC, Sysbox and others': [
    ['/lxc/101/ns', payload],
    [`/lxc/101/ns/kubepods/burstable/pod${UID}/${ID}`, inside(container(), '/lxc/101')],
    [
      `/lxc.payload.101/ns/kubepods.slice/kubepods-pod${U_U}.slice`,
      inside(pod('Guaranteed'), '/lxc.payload.101'),
    ],
    [
      `/docker/${NODE}/syscont-cgroup-root/kubelet/kubepods/pod${UID}`,
      inside(pod('Guaranteed'), `/docker/${NODE}`),
    ],
    [`/docker/${NODE}/init/kubepods/burstable/pod${UID}`, inside(pod('Burstable'), `/docker/${NODE}`)],
    [`/docker/${NODE}/ns/${ID}`, inner],
  ],
};

describe('roleOf', () => {
  for (const [what, rows] of Object.entries(table))
    describe(`reads paths of ${what}:`, () => {
      for (const [path, role] of rows)
        it(`${path} is ${role.kind}`, () => assert.deepEqual(roleOf(path), role));
    });
});

const isPodOrContainer = ({ kind }: CgroupRole): boolean => kind === 'pod' || kind === 'container';

/** Names that an attacker would choose to imitate a pod, and other names in paths. */
const name = fc.oneof(
  fc.constantFrom(
    ...['kubepods', 'kubepods.slice', 'kubepods-burstable.slice', 'x-kubepods.slice', 'burstable', 'kubelet'],
    ...[`pod${UID}`, `pod${HASH}`, `kubepods-pod${U_U}.slice`, `kubepods-burstable-pod${U_U}.slice`],
    ...[
      ID,
      `docker-${ID}.scope`,
      `cri-containerd-${ID}.scope`,
      `crio-${ID}`,
      `libpod-${ID}.scope`,
      `kata_${ID}`,
    ],
    ...[
      'docker',
      'lxc',
      'default',
      'k8s.io',
      'moby',
      'buildkit',
      'libpod_parent',
      'lxc.payload.x',
      'lxc.monitor.x',
    ],
    ...[
      'machine.slice',
      'machine-x.scope',
      'machine-qemu1.scope',
      'system.slice',
      'x.service',
      'x.scope',
      'user.slice',
    ],
    ...[
      'ns',
      'init',
      'syscont-cgroup-root',
      'nomad.slice',
      'slurm',
      'ecs',
      'garden',
      'qemu.slice',
      'job_1',
      UID,
    ],
    ...['..', '.', 'kubelet.slice', 'nerdctl-x', 'x.mount', 'crio-conmon-x', 'container', 'x'],
  ),
  anyText({ minLength: 1, maxLength: 20 }).map((text) => text.replaceAll('/', '_')),
);
const names = fc.array(name, { minLength: 1, maxLength: 8 });
/** A pod's container when kubelet and runtime use different cgroup drivers: the only form accepted below a service. */
const mixedDrivers = `kubepods-pod${U_U}.slice:cri-containerd:${ID}`;

describe('roleOf, for a name that an attacker chose,', () => {
  const containers = [
    `${cgroupfs}/${ID}`,
    `${burstable}/cri-containerd-${ID}.scope`,
    `/kubepods/pod${UID}/kata_${ID}`,
    `/system.slice/containerd.service/${mixedDrivers}`,
    `/docker/${NODE}/kubepods/pod${UID}/${ID}`,
    `/../../pod${HASH}/${ID}`,
  ];
  it('returns inner for any path below a container of a pod', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...containers),
        fc.oneof(
          names,
          names.map((all) => [...all, mixedDrivers]),
        ),
        (path, below) => assert.deepEqual(roleOf(`${path}/${below.join('/')}`), inner),
      ),
      { numRuns: 1000 },
    ));

  for (const top of [
    '/user.slice',
    '/user.slice/user-1000.slice/user@1000.service',
    '/user.slice/user-1000.slice/session-3.scope',
  ])
    it(`never returns a pod or container below ${top}`, () =>
      fc.assert(
        fc.property(names, fc.boolean(), (below, ends) => {
          const path = [top, ...below, ...(ends ? [mixedDrivers] : [])].join('/');
          assert.equal(isPodOrContainer(roleOf(path)), false, path);
        }),
        { numRuns: 5000 },
      ));

  for (const top of ['/system.slice/x.service', '/x.scope', '/system.slice/system-x.slice/x@1.service'])
    it(`never returns a pod or container below the service ${top}`, () =>
      fc.assert(
        fc.property(names, (below) => {
          const path = [top, ...below].join('/');
          assert.equal(isPodOrContainer(roleOf(path)), false, path);
        }),
        { numRuns: 5000 },
      ));

  for (const top of ['/user.slice', '/user/bob/0', '/system.slice/x.service', `/docker/${NODE}`, '/lxc/101'])
    it(`never returns a full container ID below ${top}`, () =>
      fc.assert(
        fc.property(names, (below) => {
          const role = roleOf([top, ...below].join('/'));
          assert.equal(role.kind === 'other' && role.id !== undefined, false);
        }),
        { numRuns: 2000 },
      ));

  it('returns a pod below a container outside pods only with that container as its node', () =>
    fc.assert(
      fc.property(names, (below) => {
        const path = `/docker/${NODE}/${below.join('/')}`;
        const role = roleOf(path);
        if (role.kind === 'pod' || role.kind === 'container')
          assert.equal(role.inside, `/docker/${NODE}`, path);
      }),
      { numRuns: 2000 },
    ));

  const hidden = [
    `/user.slice/docker/x/kubepods/pod${UID}/${ID}`,
    `/user.slice/user-1000.slice/user@1000.service/lxc/x/kubepods.slice/kubepods-pod${U_U}.slice`,
    `/system.slice/x.service/${NODE}/kubepods/pod${UID}/${ID}`,
    `/system.slice/x.service/docker/x/kubepods/pod${UID}`,
    `/system.slice/x.service/machine-x.scope/kubepods/pod${UID}`,
  ];
  for (const path of hidden)
    it(`returns no pod for ${path}`, () => assert.equal(isPodOrContainer(roleOf(path)), false));
});

describe('roleOf, for any path,', () => {
  const path = fc.oneof(
    names.map((all) => `/${all.join('/')}`),
    anyText(),
  );

  it('returns a role', () =>
    fc.assert(
      fc.property(path, (text) => {
        const { kind } = roleOf(text);
        assert.ok(['root', 'kube', 'pod', 'container', 'other', 'inner', 'skip'].includes(kind));
      }),
      { numRuns: 2000 },
    ));

  it('returns the same role with double and trailing slashes', () =>
    fc.assert(
      fc.property(names, (all) =>
        assert.deepEqual(roleOf(`//${all.join('//')}/`), roleOf(`/${all.join('/')}`)),
      ),
    ));

  it('returns inner for any path below a container', () =>
    fc.assert(
      fc.property(names, names, (above, below) => {
        const top = `/${above.join('/')}`;
        if (roleOf(top).kind !== 'container') return;
        assert.deepEqual(roleOf([top, ...below, mixedDrivers].join('/')), inner);
      }),
      { numRuns: 5000 },
    ));

  it('returns a reason with each skipped path', () =>
    fc.assert(
      fc.property(path, (text) => {
        const role = roleOf(text);
        if (role.kind === 'skip') assert.match(role.why, /\w+ \w+/);
      }),
    ));

  it('skips a path with a name of 256 characters, but not of 255', () => {
    assert.equal(roleOf(`/${'x'.repeat(255)}`).kind, 'other');
    assert.equal(roleOf(`/${'x'.repeat(256)}`).kind, 'skip');
  });

  it('tries a number of expressions that is linear in the length of the path', (test) => {
    // Names of the maximum length that are expensive for the expressions.
    const busy = ['-kubepods-pod'.repeat(19), 'crio-'.repeat(51), 'lxc.payload.'.repeat(21), 'a'.repeat(255)];
    const tops = ['', '/kubepods', `${cgroupfs}`, '/docker', '/system.slice/x.service', '/user.slice', '/..'];
    const tries = test.mock.method(RegExp.prototype, 'exec').mock;
    const workOn = (top: string, times: number): number => {
      tries.resetCalls();
      roleOf(`${top}/${Array.from({ length: times }, (_, i) => busy[i % busy.length]).join('/')}`);
      return tries.callCount();
    };
    const longestTable = Math.max(...Object.values(rules).map((table) => table.length));
    for (const top of tops) {
      const [one, two, three] = [100, 200, 300].map((times) => workOn(top, times)) as [
        number,
        number,
        number,
      ];
      assert.equal(three - two, two - one, top);
      // Each rule has one expression, and the name's length is bounded.
      assert.ok(two - one <= 100 * longestTable, `${top}: ${two - one} tries for 100 names`);
    }
  });

  it('takes less than a second for 11 paths with repetitive names', () => {
    const start = performance.now();
    for (const char of ['-', 'k', 'a', '.', ':', '_', '\\', '\\x2d', 'kubepods-', '-pod', 'slice:'])
      roleOf(`/${char.repeat(255).slice(0, 255)}/kubepods/pod${char.repeat(84).slice(0, 252)}`);
    // The slowest expression takes some microseconds on 255 characters.
    assert.ok(performance.now() - start < 1_000);
  });
});

describe('holdsOthers', () => {
  it('is true for the root, kubepods, pods, slices, services and containers outside pods, and false below pods', () => {
    const holds = (path: string): boolean => holdsOthers(roleOf(path));
    for (const path of [
      '/',
      '/kubepods',
      cgroupfs,
      '/system.slice',
      '/system.slice/containerd.service',
      `/docker/${NODE}`,
    ])
      assert.equal(holds(path), true, path);
    for (const path of [`${cgroupfs}/${ID}`, `${cgroupfs}/${ID}/x`, '/dev-sda2.swap', `${cgroupfs}/x`])
      assert.equal(holds(path), false, path);
  });
});
