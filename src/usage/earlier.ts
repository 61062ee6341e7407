/** Translates names in the histories of earlier agents to those of today. */
import type { HeapCap } from '../model/pod.ts';

/** Version of the rules by which an agent identifies workloads and heaps. Histories of version 1 do not state it. */
export const identificationRules = 2;

/**
 * The first agents took the owner of a pod for its workload, except for Deployments. Each roll-out of an Argo Rollout was a
 * workload of its own: `<rollout>-<hash>`. The hash is a 32-bit number in Kubernetes' safe letters and digits. A date does not
 * match. Agents of today use the pod's label, so their `ReplicaSet/…` is a name that a person chose.
 */
const rollout = /^ReplicaSet\/(.+)-(?:(?=\d*[bcdf])[\dbcdf]{8,10}|[4-9]{8,10})$/;
/** A roll-out of a DeploymentConfig: `<config>-<number>`. A person may choose such a name too. */
const config = /^ReplicationController\/(.+)-\d{1,6}$/;

export function todaysWorkload(workload: string, writtenBy: number): string {
  if (writtenBy >= identificationRules) return workload;
  const name = rollout.exec(workload)?.[1];
  if (name !== undefined) return `Rollout/${name}`;
  const configName = config.exec(workload)?.[1];
  return configName === undefined ? workload : `DeploymentConfig/${configName}`;
}

/** The first agents read the flags of JVMs and Node.js in the wrong order, so their heap caps are unreliable. */
export const isDoubted = (runtime: HeapCap['runtime'], writtenBy: number): boolean =>
  writtenBy < identificationRules && (runtime === 'JVM' || runtime === 'Node.js');
