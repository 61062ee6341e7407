/** A recommendation in the making: each rule changes the numbers and adds its reason. */
import { formatRounded } from '../model/bytes.ts';

/** Bytes. */
export interface Range {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

export interface Proposal {
  readonly request: Range;
  readonly limit: Range;
  readonly because: readonly string[];
}

/** Adds one reason, and the change that follows from it. */
export const withReason = (
  proposal: Proposal,
  reason: string,
  change: Partial<Pick<Proposal, 'request' | 'limit'>> = {},
): Proposal => ({ ...proposal, ...change, because: [...proposal.because, reason] });

export const atLeast = ({ target, lower, upper }: Range, least: number): Range => ({
  target: Math.max(target, least),
  lower: Math.max(lower, least),
  upper: Math.max(upper, least),
});

export const shifted = ({ target, lower, upper }: Range, more: number): Range => ({
  target: target + more,
  lower: lower + more,
  upper: upper + more,
});

/** Overrides the target; the bounds widen to include it. */
export const fixedAt = (range: Range, target: number): Range => ({
  target,
  lower: Math.min(range.lower, target),
  upper: Math.max(range.upper, target),
});

/** `95Mi to 100Mi`; one size where both look alike. */
export function span(lowest: number, highest: number): string {
  const [from, to] = [formatRounded(lowest), formatRounded(highest)];
  return from === to ? to : `${from} to ${to}`;
}

/** Rounds up to whole mebibytes, as manifests have them. Never −0, which YAML writes as `-0`. */
export const wholeMiB = (amount: number): number => Math.max(0, Math.ceil(amount / 2 ** 20 - 1e-6)) * 2 ** 20;

/** Container runtimes do not start a container with less. */
export const leastLimit = 12 * 2 ** 20;

/** A limit as a manifest gets it. */
export const settableLimit = (amount: number): number => Math.max(leastLimit, wholeMiB(amount));
