/** Figures as other tools print them, in their own way of writing. */
import type { Bytes } from '../model/bytes.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** `kubectl top`: the working set in whole Mi, rounded down. */
export const kubectlSize = (workingSet: Bytes | undefined): string | undefined =>
  workingSet === undefined ? undefined : `${Math.floor(workingSet / 1024 ** 2)}Mi`;

/**
 * `docker stats`, MEM %: usage − inactive_file as a share of the container's own limit. Without one, or with one
 * above it, docker takes the host's memory. Where nothing would be left it shows usage.
 */
export function dockerShare(
  { usageBytes, workingSetBytes, limitBytes, limitFrom }: MemoryUsage,
  host: Bytes | undefined,
): string | undefined {
  const shown = workingSetBytes === 0 ? (usageBytes ?? workingSetBytes) : workingSetBytes;
  const own = limitFrom === undefined ? limitBytes : undefined;
  const whole = own === undefined || (host !== undefined && own > host) ? host : own;
  if (shown === undefined || whole === undefined || whole <= 0) return undefined;
  return `${goFixed((shown / whole) * 100, 2)}%`;
}

/** As Go prints it: a number that lies exactly between two goes to the even one, where JavaScript goes up. */
export function goFixed(value: number, digits: number): string {
  // Between two lie only fractions of powers of two, and these multiply without loss.
  const between = value * 2 ** (digits + 1);
  const below = Math.floor(value * 10 ** digits);
  return between % 2 === 1 && below % 2 === 0
    ? (below / 10 ** digits).toFixed(digits)
    : value.toFixed(digits);
}
