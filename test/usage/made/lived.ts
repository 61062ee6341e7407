/** Container lifetimes with a few samples. */
import { ContainerLifetime, type LifetimeState } from '../../../src/usage/lifetime.ts';
import type { LifetimeSample } from '../../../src/usage/open-windows.ts';
import { day, monday } from './played.ts';

const today = monday / day;

const nothing: LifetimeSample = {
  ...{ real: undefined, workingSet: undefined, anon: undefined, shmem: undefined },
  ...{ activeFile: undefined, unsorted: undefined, refaulted: undefined },
};
export const sampleOf = (more: Partial<LifetimeSample>): LifetimeSample => ({ ...nothing, ...more });

export const begun = (state: Partial<LifetimeState> = {}): ContainerLifetime =>
  new ContainerLifetime('/a', { inode: 1, ...state });

/** Samples by seconds since `monday`. */
export function after(
  samples: readonly (readonly [number, Partial<LifetimeSample>])[],
  lifetime = begun(),
): ContainerLifetime {
  for (const [at, more] of samples) lifetime.observe(sampleOf(more), monday + at);
  return lifetime;
}
export const dayOf = ({ aggregate }: ContainerLifetime, ago = 0) => aggregate.days.get(today - ago);
