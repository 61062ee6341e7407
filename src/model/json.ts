/** Objects: untrusted JSON, and copies without undefined values. Depth and size are bounded, because later code may recurse over a value. */

/** Maximum nesting. Kubernetes objects stay below half of it, except for schemas in CRDs. */
export const deepestJson = 100;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Measures a JSON text before it is parsed: the nesting depth (0 for a bare value) and an upper bound of its values.
 * Brackets and commas inside strings do not count.
 */
function shapeOf(text: string): { readonly deepest: number; readonly values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        values++;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
        values++;
        break;
    }
  }
  return { deepest, values };
}

/**
 * Splits concatenated JSON: yields each top-level list or object, from its opening to its closing bracket. Text outside
 * brackets is yielded together with its neighbour, and JSON.parse then rejects it.
 */
export function* jsonTexts(text: string): Generator<string> {
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && --depth === 0) {
      yield text.slice(from, at + 1);
      from = at + 1;
    }
  }
  if (text.slice(from).trim() !== '') yield text.slice(from);
}

/** Index of the quote that closes the string opened at `begin`; skips escaped characters. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/**
 * Parses JSON within bounds. The caller bounds the length of the text.
 * @param deepest maximum nesting depth
 * @param most maximum number of values. Each takes some 60 bytes of heap: empty objects take 30 times their text
 * @throws SyntaxError when the text is not JSON; RangeError, before parsing, when it exceeds `deepest` or `most`
 */
export function parseJson(text: string, deepest = deepestJson, most = Number.POSITIVE_INFINITY): unknown {
  const shape = shapeOf(text);
  if (shape.deepest > deepest) throw new RangeError(`JSON of ${shape.deepest} levels (at most ${deepest})`);
  if (shape.values > most) throw new RangeError(`JSON of up to ${shape.values} values (at most ${most})`);
  return JSON.parse(text);
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value's fields; an empty object when the value is not an object. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** The list's elements as fields; an empty list when the value is not a list. */
export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(fieldsOf) : [];

/** A non-empty string; undefined for anything else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A copy without the keys whose value is undefined. */
export function defined<Value extends object>(
  value: { [name in keyof Value]: Value[name] | undefined },
): Value {
  // Each pass does this for every cgroup. Object.fromEntries takes five times as long.
  const copy: Partial<Value> = {};
  for (const name in value) if (value[name] !== undefined) copy[name] = value[name];
  return copy as Value;
}
