/** Moments, as numbers and as text. What time it is comes from outside. */

/** Milliseconds since 1970 → RFC 3339 in whole seconds, as Kubernetes writes times. */
export const rfc3339 = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** RFC 3339 → seconds since 1970; undefined for a text that is none. */
export function epochSeconds(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at / 1000;
}
