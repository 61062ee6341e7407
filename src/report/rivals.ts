/** Figures as other tools print them, in their own way of writing. */
import type { Bytes } from '../model/bytes.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** `kubectl top`: the working set in whole Mi, rounded down. */
export function kubectlSize({ workingSetBytes }: MemoryUsage): string | undefined {
  return workingSetBytes === undefined ? undefined : `${Math.floor(workingSetBytes / 1024 ** 2)}Mi`;
}

/**
 * `docker stats`, MEM %: usage − inactive_file as a share of the container's own limit. Without one, or with one
 * above it, docker takes the host's memory.
 */
export function dockerShare(
  { workingSetBytes, limitBytes, limitFrom }: MemoryUsage,
  host: Bytes | undefined,
): string | undefined {
  const own = limitFrom === undefined ? limitBytes : undefined;
  const whole = own === undefined || (host !== undefined && own > host) ? host : own;
  if (workingSetBytes === undefined || whole === undefined || whole <= 0) return undefined;
  return `${hundredths((workingSetBytes / whole) * 100)}%`;
}

/** Two digits, as Go prints them: a number that lies exactly between two goes to the even one. */
function hundredths(value: number): string {
  const scaled = value * 100;
  const below = Math.floor(scaled);
  return scaled - below === 0.5 && below % 2 === 0 ? (below / 100).toFixed(2) : value.toFixed(2);
}
