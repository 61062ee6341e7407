/** JSON from outside, with a bound on its depth: whatever walks a value later may recurse, and a stack has an end. */

/** No object of the Kubernetes API nests deeper than half of this (a schema in a definition does). */
export const deepestJson = 100;

const quote = 0x22;
const backslash = 0x5c;

/**
 * How deep the lists and objects of a JSON text nest (0 for a bare value), and how many values it has at the most. What stands
 * in strings does not count.
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
 * The lists and objects of a text that stand one after the other, each from its bracket to the one that closes it. What no
 * bracket holds comes with what is beside it: no parser takes that.
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

/** Where the string that begins there ends, over each escaped character. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/**
 * The parsed value. The caller bounds the length of the text.
 * @param most values, at some 60 bytes of heap each: a text of empty objects takes thirty times its own length
 * @throws SyntaxError where the text is no JSON; RangeError, before anything is parsed, where it nests deeper than `deepest` or
 * has more values than `most`
 */
export function parseJson(text: string, deepest = deepestJson, most = Number.POSITIVE_INFINITY): unknown {
  const shape = shapeOf(text);
  if (shape.deepest > deepest)
    throw new RangeError(`JSON nests ${shape.deepest} levels deep, ${deepest} at most are read`);
  if (shape.values > most)
    throw new RangeError(`JSON has up to ${shape.values} values, ${most} at most are read`);
  return JSON.parse(text);
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** None where it is no object. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(fieldsOf) : [];

/** Absent where it is empty, too. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
