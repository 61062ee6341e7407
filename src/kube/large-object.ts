/** API objects above the size limits: reported by name instead of being parsed. */
import { deepestJson, parseJson } from '../model/json.ts';

/** Maximum bytes of an object. etcd stores up to 1.5 MiB; escapes (`<` as \u003c) can make its JSON six times longer. */
export const longestObject = 2 * 1024 * 1024;
/** Maximum values of an object, to bound the heap. A pod with a hundred containers has ten thousand. */
const mostValues = 100_000;

export interface LargeObject {
  /** In a watch: the event's type. */
  readonly type?: string;
  /** The names found at the beginning of the object. */
  readonly metadata: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  /** The limit that it exceeds. */
  readonly why: string;
}

export type ReadObject = { readonly value: unknown } | { readonly large: LargeObject };

/** Parses an object, or returns its name when it exceeds a limit. @throws SyntaxError when the text is not JSON */
export function readObject(text: string): ReadObject {
  try {
    return { value: parseJson(text, deepestJson, mostValues) };
  } catch (error) {
    if (error instanceof RangeError) return { large: largeObject(text, error.message) };
    throw error;
  }
}

/** An object longer than `longestObject`. @param head its beginning @param bytes its length */
export const longObject = (head: string, bytes: number): LargeObject =>
  largeObject(head, `${bytes} bytes (at most ${longestObject})`);

/** Maximum length of a name, UID or version. */
const longestText = 253;

/** Characters that contain the metadata's names. */
const headLength = 4096;

/**
 * Finds the names at the beginning of an object. API objects begin with their kind, and metadata begins with the names. Only
 * strings before the first nested value count: an owner could write fake names into later ones.
 */
function largeObject(text: string, why: string): LargeObject {
  const head = text.slice(0, headLength);
  const type = /^\{"type":"([A-Z]{1,20})"/.exec(head)?.[1];
  const metadata = /"metadata"\s*:\s*\{/.exec(head);
  const found: Record<string, string> = {};
  const texts = /\s*"([A-Za-z]+)"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
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
