/**
 * The weights of a histogram as a short text. Two thirds of its buckets are empty, and a run of them takes one byte. A weight
 * takes six bytes: a double rounded to 37 bits, so that a sum of thousands of weights is exact to nine digits.
 */
import { textOfBytes } from '../../edges/decode-text.ts';

/** The weights of the bucket `first` and of those after it. */
export interface Steps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Number of buckets. */
export const mostSteps = 1_150;
const firstBytes = 2;
const weightBytes = 6;
/** The sign of a double. No weight is negative, so it marks a run of empty buckets. */
const runMark = 128;
const longestRun = 128;
/** Half of the last bit that a text keeps, in the lower half of the double. */
const half = 2 ** 15;

const scratch = new Uint8Array(firstBytes + weightBytes * mostSteps + 8);
const view = new DataView(scratch.buffer);
/** For reading. */
const double = new DataView(new ArrayBuffer(8));

/** Without weights: an empty text. */
export function packWeights({ first, weights }: Steps): string {
  if (weights.length === 0) return '';
  view.setUint16(0, first);
  let length = firstBytes;
  for (let index = 0; index < weights.length; ) {
    const weight = weights[index] as number;
    if (weight !== 0) {
      view.setFloat64(length, weight);
      const lower = view.getUint32(length + 4) + half;
      if (lower >= 2 ** 32) view.setUint32(length, view.getUint32(length) + 1);
      view.setUint32(length + 4, lower);
      length += weightBytes;
      index++;
      continue;
    }
    let run = 1;
    while (run < longestRun && weights[index + run] === 0) run++;
    scratch[length++] = runMark + run - 1;
    index += run;
  }
  return textOfBytes(scratch, length);
}

export function unpackWeights(text: string): { readonly first: number; readonly weights: number[] } {
  const weights: number[] = [];
  if (text === '') return { first: 0, weights };
  for (let at = firstBytes; at < text.length; ) {
    const byte = text.charCodeAt(at);
    if (byte >= runMark) {
      for (let run = byte - runMark; run >= 0; run--) weights.push(0);
      at++;
      continue;
    }
    for (let index = 0; index < weightBytes; index++) double.setUint8(index, text.charCodeAt(at++));
    weights.push(double.getFloat64(0));
  }
  return { first: 256 * text.charCodeAt(0) + text.charCodeAt(1), weights };
}
