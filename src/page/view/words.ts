/** Figures and names as text. */
import { formatRounded, inWholeMi } from '../../model/bytes.ts';
import { printable } from '../../model/text.ts';
import { formatSpan } from '../../model/time.ts';
import type { PageData } from '../data.ts';

/** What a table shows where there is no figure. */
export const absent = '–';

export const size = (amount: number | undefined): string =>
  amount === undefined ? absent : formatRounded(amount);

export const percent = (share: number | undefined): string =>
  share === undefined ? absent : `${(share * 100).toFixed(0)}%`;

export const kubectlSize = (workingSet: number | undefined): string => inWholeMi(workingSet) ?? absent;

/** At least so much of the end stays. */
const shortTail = 10;
const longTail = 26;

/**
 * The name in two parts. Where room lacks, the page cuts the end of the first one: both ends tell names apart. Of `pod/container`
 * the container and the end of the pod stay.
 */
export function inMiddle(name: string): readonly [head: string, tail: string] {
  const characters = [...name];
  const slash = characters.lastIndexOf('/');
  const wanted = slash === -1 ? shortTail : Math.min(longTail, characters.length - slash + 5);
  const tail = Math.min(Math.max(shortTail, wanted), Math.floor(characters.length / 2));
  const from = characters.length - tail;
  return [characters.slice(0, from).join(''), characters.slice(from).join('')];
}

export const age = (seconds: number): string => `${formatSpan(Math.max(0, seconds))} ago`;

/** `namespace shop · pods with app=web`: what the data is restricted to. Undefined: nothing. Safe to show. */
export function restriction({ only }: Pick<PageData, 'only'>): string | undefined {
  if (only === undefined) return undefined;
  const { namespace, selector } = only;
  return [
    ...(namespace === undefined ? [] : [`namespace ${printable(namespace)}`]),
    ...(selector === undefined ? [] : [`pods with ${printable(selector)}`]),
  ].join(' · ');
}
