/** Figures in the formats of other tools. */
import type { Bytes } from '../model/bytes.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** `kubectl top` shows the working set in whole Mi, rounded down. */
export const kubectlSize = (workingSet: Bytes | undefined): string | undefined =>
  workingSet === undefined ? undefined : `${Math.floor(workingSet / 1024 ** 2)}Mi`;

/**
 * `docker stats` shows as MEM % usage − inactive_file as a share of the container's own limit. Without a limit, or with one above
 * the host's memory, docker divides by the host's memory. If usage − inactive_file is 0, docker shows usage.
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

/** Formats like Go: it rounds an exact half to the even digit, where JavaScript rounds up. */
export function goFixed(value: number, digits: number): string {
  // Only fractions of powers of two can be exact halves, and multiplying them loses nothing.
  const between = value * 2 ** (digits + 1);
  const below = Math.floor(value * 10 ** digits);
  return between % 2 === 1 && below % 2 === 0
    ? (below / 10 ** digits).toFixed(digits)
    : value.toFixed(digits);
}
