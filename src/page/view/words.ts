/** Figures and names as text. */
import { formatRounded } from '../../model/bytes.ts';
import { formatSpan } from '../../model/time.ts';

/** What a table shows where there is no figure. */
export const absent = '–';

export const size = (amount: number | undefined): string =>
  amount === undefined ? absent : formatRounded(amount);

export const percent = (share: number | undefined): string =>
  share === undefined ? absent : `${(share * 100).toFixed(0)}%`;

/** `kubectl top` shows whole Mi, rounded down. */
export const kubectlSize = (workingSet: number | undefined): string =>
  workingSet === undefined ? absent : `${Math.floor(workingSet / 1024 ** 2)}Mi`;

/** The name in two parts. Where room lacks, the page cuts the end of the first one: both ends tell names apart. */
export function inMiddle(name: string): readonly [head: string, tail: string] {
  const characters = [...name];
  const tail = Math.min(10, Math.floor(characters.length / 2));
  const from = characters.length - tail;
  return [characters.slice(0, from).join(''), characters.slice(from).join('')];
}

export const age = (seconds: number): string => `${formatSpan(Math.max(0, seconds))} ago`;
