/** What a rule is: the state in which it applies, the names that match, their role, and the next state. */
import type { CgroupRole } from '../model/cgroup-role.ts';

/** A container ID. */
export const ID = '([0-9a-f]{64})';

/** The state while reading a path: it selects the rules for the next segment. */
export type PathState =
  | 'host'
  /** Below a systemd service. Pods are here only when the runtime uses another cgroup driver than the kubelet. */
  | 'service'
  /** Below user.slice. Users can create cgroups of any name here, so nothing here is a pod. */
  | 'user'
  /** Below machine.slice. A bare name is a container (Virtuozzo). */
  | 'machines'
  /** Below `qemu.slice` or `qemu`: virtual machines. */
  | 'vms'
  /** Below `garden`, `nomad`, `slurm`, `ecs`, and their tasks and jobs. Nothing here counts as a node with pods. */
  | 'garden'
  | 'nomad'
  | 'slurm'
  | 'slurmJob'
  | 'ecs'
  | 'ecsTask'
  /** Below `docker`, `lxc` or a containerd namespace. Any name is a container. */
  | 'runtime'
  /** The same below a service or a user. Nothing here counts as a node with pods. */
  | 'userRuntime'
  /** Below `kata_overhead`. A name that ends in a sandbox ID is the overhead of that sandbox's pod. */
  | 'kataOverhead'
  /** After `..`: a cgroup namespace hides the beginning of the path. */
  | 'hidden'
  /** Below kubepods. `pod<uid>` is a pod only here. */
  | 'kubepods'
  | 'pod'
  /** Below a container outside pods, which may be a node with pods (kind, minikube, nested Docker). */
  | 'nodeContainer'
  | 'inner';

export interface Rule {
  readonly name: RegExp;
  readonly role: (match: RegExpExecArray, above: Above) => CgroupRole;
  readonly below: PathState;
}

export interface Above {
  readonly parent: string;
  readonly pod: { readonly podUID: string; readonly qos: string };
}

/** A cgroup that is no workload. @param why for the report */
export const skip = (why: string) => (): CgroupRole => ({ kind: 'skip', why });

/** A level of Kubernetes between the node and its pods. */
export const kube = (): CgroupRole => ({ kind: 'kube' });
/** Below a container: its workload chooses the name. */
export const inner = (): CgroupRole => ({ kind: 'inner' });

/**
 * The runtime by its prefix of a name. A map, because a service chooses the prefix: an object has values for `constructor` and
 * the like.
 */
export const runtimes: ReadonlyMap<string, string> = new Map([
  ['cri-containerd', 'containerd'],
  ['crio', 'cri-o'],
  ['docker', 'docker'],
]);

export const conmon = skip('conmon, the monitor process of a container');
