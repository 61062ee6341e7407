/** Which cgroups must not be probed. */
import { type Bytes, formatBytes } from '../model/bytes.ts';
import type { CgroupVersion } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { Pod } from '../model/pod.ts';
import { limitInForce, type MemoryUsage, nearLimit } from '../model/usage.ts';

export interface Target {
  readonly path: string;
  readonly version: CgroupVersion;
  readonly role: CgroupRole;
  readonly usage: MemoryUsage;
  readonly pod?: Pod;
  /** The cgroup of this process. Undefined: unknown. */
  readonly ownPath: string | undefined;
  /** Seconds since its first process started. Undefined: unknown. */
  readonly ageSeconds: number | undefined;
  /** Swap of the machine. Undefined: unknown. */
  readonly swapBytes: Bytes | undefined;
}

export interface Refusal {
  readonly expected: string;
  readonly got: string;
  readonly todo?: string;
}

/** A younger container has not read its files yet. */
export const leastAgeSeconds = 60;
/** Containers of the cluster itself. */
export const systemNamespaces: readonly string[] = ['kube-system'];
/** Types of cgroups outside pods that hold one workload. */
const workloads: readonly string[] = ['container', 'task', 'job'];

/** The first reason not to probe this cgroup. Undefined: it can be probed. */
export function refusalOf(target: Target): Refusal | undefined {
  const { role, path, ownPath, usage, ageSeconds, version, pod } = target;
  if (role.kind === 'pod')
    return refusal('one container', 'a pod', 'name the container: namespace/pod/container');
  const isContainer =
    (role.kind === 'container' && role.sandbox !== true) ||
    (role.kind === 'other' && workloads.includes(role.type));
  if (!isContainer)
    return refusal('a container', `a cgroup that is no container (${kindOf(role)}), which is never probed`);
  if (pod !== undefined && systemNamespaces.includes(pod.namespace))
    return refusal('a container of a user', `one of ${pod.namespace}, which is never probed`);
  const isOwn = ownPath !== undefined && (ownPath === path || ownPath.startsWith(`${path}/`));
  if (isOwn || pod?.labels['app.kubernetes.io/name'] === 'realmem')
    return refusal('another container', 'one of realmem itself, which is never probed');
  if (ageSeconds !== undefined && ageSeconds < leastAgeSeconds)
    return refusal(
      `a container that has run for ${leastAgeSeconds} s`,
      `one that started ${Math.floor(ageSeconds)} s ago`,
      'wait until it has read its files',
    );
  const limit = limitInForce(usage);
  if (limit !== undefined && usage.realBytes !== undefined && usage.realBytes >= nearLimit * limit.bytes)
    return refusal(
      'a container with room below its limit',
      `${formatBytes(usage.realBytes)} real of ${formatBytes(limit.bytes)}`,
      'raise the limit first',
    );
  if (version === 1 && target.swapBytes !== 0)
    return refusal(
      'a machine without swap, because this is cgroup v1',
      target.swapBytes === undefined ? 'unknown swap' : `${formatBytes(target.swapBytes)} of swap`,
      'turn swap off: the kernel could swap out the memory of the program',
    );
  return undefined;
}

const kindOf = (role: CgroupRole): string =>
  role.kind === 'other'
    ? role.type
    : role.kind === 'container'
      ? 'sandbox'
      : role.kind === 'inner'
        ? 'below a container'
        : role.kind;

const refusal = (expected: string, got: string, todo?: string): Refusal => ({
  expected,
  got,
  ...(todo !== undefined && { todo }),
});
