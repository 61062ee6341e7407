/** What histories say in the words of earlier agents, in the words of today. */
import type { HeapCap } from '../model/pod.ts';

/** By which rules an agent tells workloads and heaps, as a history says since 2: older ones say nothing. */
export const rules = 2;

/**
 * The first agents took the owner of a pod for its workload, so that each roll-out of an Argo Rollout was one of its
 * own: `<rollout>-<hash>`. What a Deployment made they knew. A hash is a number of 32 bits in nine letters and digits,
 * and a date is none. Agents of today go by the pod's label: what they call a ReplicaSet somebody named so.
 */
const rollout = /^ReplicaSet\/(.+)-(?:(?=\d*[bcdf])[\dbcdf]{8,10}|[4-9]{8,10})$/;
/** Of a DeploymentConfig: `<config>-<number>`. A person may name a ReplicationController so too. */
const config = /^ReplicationController\/(.+)-\d{1,6}$/;

export function todaysWorkload(workload: string, writtenBy: number): string {
  if (writtenBy >= rules) return workload;
  const name = rollout.exec(workload)?.[1];
  if (name !== undefined) return `Rollout/${name}`;
  const configName = config.exec(workload)?.[1];
  return configName === undefined ? workload : `DeploymentConfig/${configName}`;
}

/** The first agents did not know in which order a JVM and Node.js read their flags. */
export const isDoubted = (runtime: HeapCap['runtime'], writtenBy: number): boolean =>
  writtenBy < rules && (runtime === 'JVM' || runtime === 'Node.js');
