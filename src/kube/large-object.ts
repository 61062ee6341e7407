/** An object of the API that is larger than what is read: not parsed, but told by name. */
import { deepestJson, parseJson } from '../model/json.ts';

/** etcd keeps objects of 1.5 MiB. As JSON they can be six times that (`<` is \u003c): such a one is told by name. */
export const longestObject = 2 * 1024 * 1024;
/** A pod of some hundred containers has ten thousand values. With more the parsed text could fill the heap. */
const mostValues = 100_000;

export interface LargeObject {
  /** Of a watch: what happened to it. */
  readonly type?: string;
  /** As far as the object begins with it. */
  readonly metadata: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  /** What is too large about it. */
  readonly why: string;
}

/** Read, or too large for that. */
export type ReadObject = { readonly value: unknown } | { readonly large: LargeObject };

/** @throws SyntaxError where the text is no JSON */
export function readObject(text: string): ReadObject {
  try {
    return { value: parseJson(text, deepestJson, mostValues) };
  } catch (error) {
    if (error instanceof RangeError) return { large: largeObject(text, error.message) };
    throw error;
  }
}

/** One that is longer than `longestObject`. @param head how it begins */
export const longObject = (head: string, bytes: number): LargeObject =>
  largeObject(head, `${bytes} bytes (at most ${longestObject})`);

/** Longer than any name, UID or version. */
const longestText = 253;
const texts = /\s*"([A-Za-z]+)"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,?/y;

/** Enough of a text to have it. */
const headLength = 4096;

/**
 * Objects of the API begin with what kind they are, and their metadata with their names: only the texts that stand there
 * before the first list or object count, since what comes later is the owner's to write.
 */
function largeObject(text: string, why: string): LargeObject {
  const head = text.slice(0, headLength);
  const type = /^\{"type":"([A-Z]{1,20})"/.exec(head)?.[1];
  const metadata = /"metadata"\s*:\s*\{/.exec(head);
  const found: Record<string, string> = {};
  texts.lastIndex = metadata === null ? head.length : metadata.index + metadata[0].length;
  for (let match = texts.exec(head); match !== null; match = texts.exec(head)) {
    const [, key = '', value = ''] = match;
    if (value.length <= longestText) found[key] ??= value;
  }
  const { namespace, name, uid, resourceVersion } = found;
  return {
    ...(type !== undefined && { type }),
    metadata: {
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    why,
  };
}
