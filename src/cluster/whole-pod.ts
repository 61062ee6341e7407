/** Request and limit of a whole pod from those of its containers. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { ContainerView } from './view.ts';

type Sized = Pick<ContainerView, 'type' | 'request' | 'limit'>;

/**
 * The sum over containers that run at the same time. A container without a request adds nothing to the pod's request. One
 * without a limit makes the pod unlimited.
 * @returns undefined: no container has a request, or one has no limit, or the sum exceeds 2^53 − 1
 */
export function wholeOf(containers: readonly Sized[], kind: 'request' | 'limit'): Bytes | undefined {
  let total: number | undefined;
  for (const container of containers) {
    // An ephemeral container has no resources.
    if (container.type === 'ephemeral') continue;
    const size = container[kind];
    if (size !== undefined) total = (total ?? 0) + size;
    else if (kind === 'limit') return undefined;
  }
  return total === undefined || !Number.isSafeInteger(total) ? undefined : bytes(total);
}
