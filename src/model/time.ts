/** Moments, as numbers and as text. What time it is comes from outside. */

/**
 * Seconds since 1970 between which a moment can be remembered (2024 to 2042): what is a thousand half-lives old has no
 * weight that a double can hold.
 */
export const earliestTime = 1_704_067_200;
export const latestTime = 2_300_000_000;

/** Also false for NaN. @param at seconds since 1970 */
export const canBeRemembered = (at: number): boolean => at >= earliestTime && at <= latestTime;

export const daySeconds = 86_400;

/** Milliseconds since 1970 → RFC 3339 in whole seconds, as Kubernetes writes times. */
export const rfc3339 = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** The same for what a clock may show that is wrong: what no date says is a number. */
export const dateOf = (at: number): string => (Math.abs(at) <= 8.64e15 ? rfc3339(at) : String(at));

/** A date in RFC 3339, or as HTTP headers have it → seconds since 1970; undefined for any other text. */
export function epochSeconds(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at / 1000;
}

/** So long, in the unit that people would say it in: `10 s`, `12 min`, `5.2 h`, `3.1 d`. Never a whole unit more than it is. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < daySeconds) return `${Math.min(23.9, seconds / 3600).toFixed(1)} h`;
  return `${(seconds / daySeconds).toFixed(1)} d`;
}
