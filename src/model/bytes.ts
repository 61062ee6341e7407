/** Amounts of memory: the unit, its formats, and Kubernetes quantities. */

/** A whole number of bytes, at most 2^53 − 1. */
export type Bytes = number & { readonly unit: 'bytes' };

export const bytes = (n: number): Bytes => n as Bytes;

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Bytes → text as kubectl prints it: `812Ki`, `4.3Mi`, `212Mi`, `69.1Gi`. At most three significant digits below 1000 of a unit. */
export function formatBytes(n: Bytes): string {
  const sign = n < 0 ? '-' : '';
  let value = Math.abs(n);
  let unit = 0;
  // 1023.5 and more would round to 1024 of the smaller unit.
  while (value >= 1023.5 && unit < binary.length - 1) {
    value /= 1024;
    unit++;
  }
  const figures = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
  return `${sign}${figures}${binary[unit]}`;
}

/** `formatBytes` for a computed amount, which may have a fraction. @param amount bytes */
export const formatRounded = (amount: number): string => formatBytes(bytes(Math.round(amount)));

/** `part / whole` in per cent: `53.99%`. Undefined when the whole is unknown, zero or negative. @param digits after the point */
export function formatShare(part: number, whole: number | undefined, digits: number): string | undefined {
  if (whole === undefined || whole <= 0) return undefined;
  return `${((part / whole) * 100).toFixed(digits)}%`;
}

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/**
 * Parses a Kubernetes Quantity of memory (`64Mi`, `1.5G`, `128974848`, `1e9`, `500m`).
 * Rounds up to whole bytes, as the API server does.
 * @returns undefined when the text is not a quantity, or when it exceeds 2^53 − 1 bytes
 */
export function parseQuantity(text: string): Bytes | undefined {
  const match = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', kibi = '', suffix = '', exponent = '0'] = match;
  if (whole.length + fraction.length > 100) return undefined;
  // BigInt keeps this exact: with doubles, 16.1k would become 16101.
  const power = (suffix === '' ? Number(exponent) : 3 * (decimal.indexOf(suffix) - 3)) - fraction.length;
  const digits = BigInt(`${sign}${whole}${fraction}`) * 1024n ** BigInt(binary.indexOf(kibi));
  const tens = 10n ** BigInt(Math.abs(power));
  const value = Number(power >= 0 ? digits * tens : digits / tens + (digits % tens > 0n ? 1n : 0n));
  return Number.isSafeInteger(value) ? bytes(value) : undefined;
}

export type Optional = Bytes | undefined;

/** Undefined as soon as one part is: an absent part is not zero. */
export function sum(...parts: readonly Optional[]): Optional {
  let total = 0;
  // Each pass does this for every cgroup. An iterator would allocate an object for each part.
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part === undefined) return undefined;
    total += part;
  }
  return bytes(total);
}

/** The sum over items, or undefined if one item lacks the amount or there is no item. */
export function sumOf<Item, Amount extends number>(
  items: readonly Item[],
  of: (item: Item) => Amount | undefined,
): Amount | undefined {
  let total = 0;
  for (const item of items) {
    const part = of(item);
    if (part === undefined) return undefined;
    total += part;
  }
  return items.length === 0 ? undefined : (total as Amount);
}

/** The sum of the amounts that are known. Undefined if none is. */
export function knownSum<Item, Amount extends number>(
  items: readonly Item[],
  of: (item: Item) => Amount | undefined,
): Amount | undefined {
  const known = items.flatMap((item) => of(item) ?? []);
  return sumOf(known, (amount) => amount);
}

/** Undefined as soon as one part is. `sum` of two, without a list: passes do this for every cgroup. */
export const plus = (one: Optional, other: Optional): Optional =>
  one === undefined || other === undefined ? undefined : bytes(one + other);

export const minus = (from: Optional, part: Optional): Optional =>
  from === undefined || part === undefined ? undefined : bytes(from - part);

/** As `kubectl top` shows a working set: rounded down. */
export const inWholeMi = (amount: number | undefined): string | undefined =>
  amount === undefined ? undefined : `${Math.floor(amount / 1024 ** 2)}Mi`;
