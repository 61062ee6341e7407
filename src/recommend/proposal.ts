/** A recommendation in the making: each rule moves the numbers and says why. */
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

/** One reason more, and what follows from it. */
export const because = (
  proposal: Proposal,
  reason: string,
  change: Partial<Pick<Proposal, 'request' | 'limit'>> = {},
): Proposal => ({ ...proposal, ...change, because: [...proposal.because, reason] });

/** At least that much. */
export const atLeast = ({ target, lower, upper }: Range, least: number): Range => ({
  target: Math.max(target, least),
  lower: Math.max(lower, least),
  upper: Math.max(upper, least),
});

/** That much on top. */
export const plus = ({ target, lower, upper }: Range, more: number): Range => ({
  target: target + more,
  lower: lower + more,
  upper: upper + more,
});

/** This, whatever else would follow. */
export const held = (range: Range, target: number): Range => ({
  target,
  lower: Math.min(range.lower, target),
  upper: Math.max(range.upper, target),
});

/** From the lowest to the highest of some, in words. */
export function span(lowest: number, highest: number): string {
  const [from, to] = [formatRounded(lowest), formatRounded(highest)];
  return from === to ? to : `${from} to ${to}`;
}

/** What is written into a manifest: whole mebibytes, rounded up. */
export const wholeMiB = (amount: number): number => Math.ceil(amount / 2 ** 20 - 1e-6) * 2 ** 20;
