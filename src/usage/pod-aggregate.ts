/** The requests of a pod's containers together, as the API server compares them with the request of the whole pod. */
import type { ContainerType } from '../model/pod.ts';

export interface PodPart {
  readonly type: ContainerType;
  /** What it asks for. */
  readonly amount: number;
  /** Its place among the init containers, sidecars among them. Absent: nobody knows. */
  readonly index?: number;
}

/**
 * Containers and sidecars run side by side. An init container runs before the containers, beside the sidecars that the
 * kubelet started before it. Where a place is unknown, that sidecar counts: too much fits, too little is refused.
 */
export function podAggregate(parts: readonly PodPart[]): number {
  const sidecars = parts.filter(({ type }) => type === 'sidecar');
  const started = parts
    .filter(({ type }) => type === 'init')
    .map((init) => init.amount + before(init, sidecars));
  // The API server leaves ephemeral containers out: they ask for nothing.
  const atLast = parts.filter(({ type }) => type !== 'init' && type !== 'ephemeral');
  return Math.max(sum(atLast), ...started);
}

const before = ({ index: place }: PodPart, sidecars: readonly PodPart[]): number =>
  sum(sidecars.filter(({ index }) => index === undefined || place === undefined || index < place));

const sum = (parts: readonly PodPart[]): number => parts.reduce((total, { amount }) => total + amount, 0);
