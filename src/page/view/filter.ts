/**
 * The filter: words that all have to match. `cart` is a part of a name, `-proxy` excludes, `ns:shop`, `node:a`, `workload:cart`
 * and `verdict:near` look at one field, and `real>1Gi`, `real%>=80`, `ooms>0` compare.
 */
import { parseQuantity } from '../../model/bytes.ts';
import { type Entry, shareOf } from './entries.ts';

export type Matches = (entry: Entry) => boolean;

const texts: Readonly<Record<string, (entry: Entry) => string | undefined>> = {
  ns: (entry) => entry.namespace,
  namespace: (entry) => entry.namespace,
  node: (entry) => entry.node,
  workload: (entry) => entry.workload,
  verdict: (entry) => entry.verdict,
};

const sizes: Readonly<Record<string, (entry: Entry) => number | undefined>> = {
  real: (entry) => entry.real,
  peak: (entry) => entry.peak,
  limit: (entry) => entry.limit,
  request: (entry) => entry.request,
  top: (entry) => entry.workingSet,
  usage: (entry) => entry.usage,
};

const numbers: Readonly<Record<string, (entry: Entry) => number | undefined>> = {
  'real%': (entry) => {
    const share = shareOf(entry);
    return share === undefined ? undefined : share * 100;
  },
  ooms: (entry) => entry.ooms,
};

/** Longer filters are cut: an address can hold any text. */
const most = 500;

export function parseFilter(text: string): Matches {
  const words = text
    .slice(0, most)
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const tests = words.map(testOf);
  return tests.length === 0 ? () => true : (entry) => tests.every((test) => test(entry));
}

function testOf(word: string): Matches {
  const field = /^(\w+):(.+)$/.exec(word);
  const [, name = '', value = ''] = field ?? [];
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text !== undefined) return (entry) => text(entry)?.toLowerCase().includes(value) === true;
  const comparison = comparisonOf(word);
  if (comparison !== undefined) return comparison;
  if (word.length > 1 && word.startsWith('-')) {
    const without = word.slice(1);
    return ({ search }) => !search.includes(without);
  }
  return ({ search }) => search.includes(word);
}

function comparisonOf(word: string): Matches | undefined {
  const [, name = '', sign = '', value = ''] = /^([a-z]+%?)(>=|<=|>|<|=)([\d.]+[a-z]*)%?$/.exec(word) ?? [];
  const isSize = Object.hasOwn(sizes, name);
  const figure = isSize ? sizes[name] : Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  const bound = isSize ? sizeOf(value) : Number(value);
  if (figure === undefined || bound === undefined || Number.isNaN(bound)) return undefined;
  return (entry) => {
    const is = figure(entry);
    return is !== undefined && compares(is, sign, bound);
  };
}

function compares(is: number, sign: string, bound: number): boolean {
  if (sign === '>') return is > bound;
  if (sign === '<') return is < bound;
  if (sign === '>=') return is >= bound;
  return sign === '<=' ? is <= bound : is === bound;
}

/** `1gi`, `500m`: the filter is in lower case, and nobody means millibytes. */
const sizeOf = (text: string): number | undefined =>
  parseQuantity(
    text.replace(/[a-z]+$/, (unit) => unit.charAt(0).toUpperCase() + unit.slice(1)).replace(/K$/, 'k'),
  );
