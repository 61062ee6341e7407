/** Figures in the formats of other tools. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** What docker and podman divide by: the host's memory where there is no limit of the container's own, or one above it. */
export function dockerWhole(own: Bytes | undefined, host: Bytes | undefined): Bytes | undefined {
  if (own === undefined) return host;
  return host === undefined ? own : bytes(Math.min(own, host));
}

/**
 * `docker stats` shows as MEM % usage − inactive_file as a share of `dockerWhole`. If usage − inactive_file is 0, docker shows
 * usage.
 */
export function dockerShare(
  { usageBytes, workingSetBytes, limitBytes, limitFrom }: MemoryUsage,
  host: Bytes | undefined,
): string | undefined {
  const shown = workingSetBytes === 0 ? (usageBytes ?? workingSetBytes) : workingSetBytes;
  const whole = dockerWhole(limitFrom === undefined ? limitBytes : undefined, host);
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
