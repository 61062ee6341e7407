/** What stands beside a figure: its formula, how far it is off, and why. */
import { bytes, formatBytes } from '../model/bytes.ts';
import type { Rival } from '../model/rival.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** Names first, then the same with numbers. A name alone says enough beside its figure. */
export function formulaOf({ formula = '', numbers, value }: Rival): string {
  return numbers === undefined || numbers === String(value) ? formula : `${formula} = ${numbers}`;
}

export function whyOf({ why, missing, value, formula, aside }: Rival, { realBytes }: MemoryUsage): string {
  if (missing !== undefined) return `not known here (${missing}); ${why}`;
  if (formula === undefined || value === undefined || aside || realBytes === undefined) return why;
  const off = value - realBytes;
  if (off === 0) return why;
  return `${formatBytes(bytes(Math.abs(off)))} ${off > 0 ? 'more' : 'less'} than real: ${why}`;
}

export const offOf = ({ value, aside }: Rival, { realBytes }: MemoryUsage): string => {
  if (value === undefined || realBytes === undefined || aside) return '';
  const off = value - realBytes;
  return off === 0 ? '=' : `${off > 0 ? '+' : '−'}${formatBytes(bytes(Math.abs(off)))}`;
};
