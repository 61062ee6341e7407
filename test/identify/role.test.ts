/** From a cgroup's path to what it is: the table of the paths that kubelets, runtimes and systemd make. */
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
/** A container outside pods goes by the twelve digits that `docker ps` prints. */
const unbelieved = other('container', ID.slice(0, 12));
/** Where only root makes cgroups, a pod may say that a container of that ID is its own. */
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
  why: 'the monitor process of a container (conmon), not a container',
};
const unit: CgroupRole = { kind: 'skip', why: 'a mount or swap unit: it holds no processes' };
const build: CgroupRole = { kind: 'skip', why: 'a build of nerdctl: it ends with its command' };
const noPod: CgroupRole = { kind: 'skip', why: 'below kubepods, but no pod and no quality of service' };
const noContainer: CgroupRole = { kind: 'skip', why: 'below a pod, but its name holds no container ID' };

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
  'drivers that disagree': [
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
    [`/system.slice/web.service/libpod-payload-${ID}`, unbelieved],
    [`/libpod_parent/libpod-conmon-${ID}`, conmon],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, unbelieved],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`, inner],
  ],
  'kind, inside its node': [
    ['/kubelet.slice/kubelet-kubepods.slice', kube],
    [`/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${U_U}.slice`, pod('Guaranteed')],
    [
      `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${U_U}.slice/cri-containerd-${ID}.scope`,
      container('containerd'),
    ],
  ],
  'kind, seen from the real host': [
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
  'another root': [
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
  'static pods: the hash of their manifest stands for the UID': [
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
    [`/system.slice/x.service/kata_overhead/${ID}`, unbelieved],
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
  'what holds no processes, or not for long': [
    ['/system.slice/var-lib-docker.mount', unit],
    ['/dev-sda2.swap', unit],
    ['/system.slice/nerdctl-buildkit-1234', build],
    ['/nerdctl-build-1/x', inner],
  ],
  'below pods, but no container': [
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
    [`/ecs/${HASH}/${ID}`, unbelieved],
    [`/ecs/${HASH}/${ID}/kubepods/pod${UID}`, inner],
    [`/ecstasks.slice/ecstasks-${HASH}.slice`, other('task', HASH)],
    [`/ecstasks.slice/ecstasks-${HASH}.slice/docker-${ID}.scope`, unbelieved],
    ['/nomad.slice/share.slice', other('slice', 'share')],
    [`/nomad.slice/share.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/reserve.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/${UID}.api.scope`, other('task', `${UID}.api`)],
    [`/nomad.slice/docker-${ID}.scope`, unbelieved],
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

describe('a cgroup’s path', () => {
  for (const [what, rows] of Object.entries(table))
    describe(what, () => {
      for (const [path, role] of rows) it(path, () => assert.deepEqual(roleOf(path), role));
    });
});

const believed = ({ kind }: CgroupRole): boolean => kind === 'pod' || kind === 'container';

/** What a stranger would name a cgroup to be taken for a pod, and what else stands in paths. */
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
/** A pod's container as drivers that disagree name it: the one form that is believed below a service. */
const disagreeing = `kubepods-pod${U_U}.slice:cri-containerd:${ID}`;

describe('a name that a stranger chose', () => {
  const containers = [
    `${cgroupfs}/${ID}`,
    `${burstable}/cri-containerd-${ID}.scope`,
    `/kubepods/pod${UID}/kata_${ID}`,
    `/system.slice/containerd.service/${disagreeing}`,
    `/docker/${NODE}/kubepods/pod${UID}/${ID}`,
    `/../../pod${HASH}/${ID}`,
  ];
  it('below a pod’s container is the container’s own, whatever it says', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...containers),
        fc.oneof(
          names,
          names.map((all) => [...all, disagreeing]),
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
    it(`below ${top} is never a pod`, () =>
      fc.assert(
        fc.property(names, fc.boolean(), (below, ends) => {
          const path = [top, ...below, ...(ends ? [disagreeing] : [])].join('/');
          assert.equal(believed(roleOf(path)), false, path);
        }),
        { numRuns: 5000 },
      ));

  for (const top of ['/system.slice/x.service', '/x.scope', '/system.slice/system-x.slice/x@1.service'])
    it(`below ${top} is never a pod`, () =>
      fc.assert(
        fc.property(names, (below) => {
          const path = [top, ...below].join('/');
          assert.equal(believed(roleOf(path)), false, path);
        }),
        { numRuns: 5000 },
      ));

  for (const top of ['/user.slice', '/user/bob/0', '/system.slice/x.service', `/docker/${NODE}`, '/lxc/101'])
    it(`below ${top} names no container of a pod by its ID`, () =>
      fc.assert(
        fc.property(names, (below) => {
          const role = roleOf([top, ...below].join('/'));
          assert.equal(role.kind === 'other' && role.id !== undefined, false);
        }),
        { numRuns: 2000 },
      ));

  it('below a container outside pods is a pod only where a node has it', () =>
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
  for (const path of hidden) it(`is no pod: ${path}`, () => assert.equal(believed(roleOf(path)), false));
});

describe('any path', () => {
  const path = fc.oneof(
    names.map((all) => `/${all.join('/')}`),
    anyText(),
  );

  it('has a place', () =>
    fc.assert(
      fc.property(path, (text) => {
        const { kind } = roleOf(text);
        assert.ok(['root', 'kube', 'pod', 'container', 'other', 'inner', 'skip'].includes(kind));
      }),
      { numRuns: 2000 },
    ));

  it('is the same with slashes doubled or at its end', () =>
    fc.assert(
      fc.property(names, (all) =>
        assert.deepEqual(roleOf(`//${all.join('//')}/`), roleOf(`/${all.join('/')}`)),
      ),
    ));

  it('that is a pod or a container has nothing of the kind below its container', () =>
    fc.assert(
      fc.property(names, names, (above, below) => {
        const top = `/${above.join('/')}`;
        if (roleOf(top).kind !== 'container') return;
        assert.deepEqual(roleOf([top, ...below, disagreeing].join('/')), inner);
      }),
      { numRuns: 5000 },
    ));

  it('that is skipped says why', () =>
    fc.assert(
      fc.property(path, (text) => {
        const role = roleOf(text);
        if (role.kind === 'skip') assert.match(role.why, /\w+ \w+/);
      }),
    ));

  it('with a name longer than a kernel takes is skipped', () => {
    assert.equal(roleOf(`/${'x'.repeat(255)}`).kind, 'other');
    assert.equal(roleOf(`/${'x'.repeat(256)}`).kind, 'skip');
  });

  it('is told with work in proportion to its length', (test) => {
    // Names made to keep the expressions busy, as long as the kernel takes them.
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
      // One expression a rule, on a name that is never longer than the kernel takes: that bounds each.
      assert.ok(two - one <= 100 * longestTable, `${top}: ${two - one} tries for 100 names`);
    }
  });

  it('is told soon, whatever its names are made of', () => {
    const start = performance.now();
    for (const char of ['-', 'k', 'a', '.', ':', '_', '\\', '\\x2d', 'kubepods-', '-pod', 'slice:'])
      roleOf(`/${char.repeat(255).slice(0, 255)}/kubepods/pod${char.repeat(84).slice(0, 252)}`);
    // The slowest expression is tried on 255 characters at most: some microseconds.
    assert.ok(performance.now() - start < 1_000);
  });
});

describe('a walk of the tree', () => {
  it('looks below what can hold more, and not into containers of pods', () => {
    const looked = (path: string): boolean => holdsOthers(roleOf(path));
    for (const path of [
      '/',
      '/kubepods',
      cgroupfs,
      '/system.slice',
      '/system.slice/containerd.service',
      `/docker/${NODE}`,
    ])
      assert.equal(looked(path), true, path);
    for (const path of [`${cgroupfs}/${ID}`, `${cgroupfs}/${ID}/x`, '/dev-sda2.swap', `${cgroupfs}/x`])
      assert.equal(looked(path), false, path);
  });
});
