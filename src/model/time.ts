/** Points in time and durations, as numbers and text. The caller passes the current time. */

/**
 * The range of times that can be remembered, in seconds since 1970 (2024 to 2042). Outside it, decay by half-lives would
 * leave the range of a double.
 */
export const earliestTime = 1_704_067_200;
export const latestTime = 2_300_000_000;

/** Also false for NaN. @param at seconds since 1970 */
export const canBeRemembered = (at: number): boolean => at >= earliestTime && at <= latestTime;

export const daySeconds = 86_400;

/** Milliseconds since 1970 → RFC 3339 in whole seconds, as Kubernetes writes times. */
export const rfc3339 = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The same for a clock that may be wrong: a time outside the range of dates is printed as its number. */
export const dateOf = (at: number): string => (Math.abs(at) <= 8.64e15 ? rfc3339(at) : String(at));

/** A date in RFC 3339 or in the format of HTTP headers → seconds since 1970. Undefined for any other text. */
export function epochSeconds(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at / 1000;
}

/** Seconds → a duration in its largest suitable unit: `10 s`, `12 min`, `5.2 h`, `3.1 d`. Seconds and minutes round down. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < daySeconds) return `${Math.min(23.9, seconds / 3600).toFixed(1)} h`;
  return `${(seconds / daySeconds).toFixed(1)} d`;
}
