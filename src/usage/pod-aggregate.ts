/** The requests of a pod's containers together, as the API server compares them with the request of the whole pod. */
import type { ContainerType } from '../model/pod.ts';

export interface PodPart {
  readonly type: ContainerType;
  /** Its request. */
  readonly amount: number;
  /** Position among the init containers, including sidecars. Absent: unknown. */
  readonly index?: number;
}

/**
 * Containers and sidecars run at the same time. An init container runs before the containers, beside the sidecars that started
 * before it. With an unknown position, the sidecar counts: the API server accepts too much, and refuses too little.
 */
export function podAggregate(parts: readonly PodPart[]): number {
  const sidecars = parts.filter(({ type }) => type === 'sidecar');
  const started = parts
    .filter(({ type }) => type === 'init')
    .map((init) => init.amount + before(init, sidecars));
  // The API server ignores ephemeral containers: they have no requests.
  const atLast = parts.filter(({ type }) => type !== 'init' && type !== 'ephemeral');
  return Math.max(sumOfParts(atLast), ...started);
}

const before = ({ index: position }: PodPart, sidecars: readonly PodPart[]): number =>
  sumOfParts(
    sidecars.filter(({ index }) => index === undefined || position === undefined || index < position),
  );

const sumOfParts = (parts: readonly PodPart[]): number =>
  parts.reduce((total, { amount }) => total + amount, 0);
