/**
 * Reads the comments of values.yaml: `## @param KEY [KIND] TEXT`, below `## @section TITLE`. The schema and the README's table come
 * from them, so a value, its type and its description are in one place.
 */
import { isMap, isScalar, parseDocument } from 'yaml';

export interface Param {
  readonly section: string;
  readonly key: string;
  /** One of `kinds` in schema.ts, or the allowed values: `a|b`. Undefined: the type of the default. */
  readonly kind?: string;
  readonly about: string;
  readonly value: unknown;
}

const line = /^## @(?:section (?<section>.+)|param (?<key>\S+)(?: \[(?<kind>[^\]]+)\])? (?<about>.+))$/;

/** @throws if a comment has no value, or a value has no comment */
export function readParams(text: string): readonly Param[] {
  const document = parseDocument(text);
  const params: Param[] = [];
  let section = '';
  for (const comment of text.split('\n').filter((one) => one.startsWith('##'))) {
    const { key, kind, about = '', section: title } = line.exec(comment)?.groups ?? {};
    if (title !== undefined) section = title;
    else if (key === undefined)
      throw new Error(`values.yaml: expected ## @section or ## @param, got ${comment}`);
    else {
      const path = key.split('.');
      if (!document.hasIn(path)) throw new Error(`values.yaml: expected a value for @param ${key}, got none`);
      const node: unknown = document.getIn(path, true);
      const value = isScalar(node) ? node.value : (node as { toJS(of: object): unknown }).toJS(document);
      params.push({ section, key, ...(kind !== undefined && { kind }), about, value });
    }
  }
  const known = new Set(params.map(({ key }) => key));
  const silent = leaves(document.contents).filter((key) => !covered(key, known));
  if (silent.length > 0)
    throw new Error(`values.yaml: expected a @param comment for ${silent.join(', ')}, got none`);
  return params;
}

function leaves(node: unknown, at = ''): readonly string[] {
  if (!isMap(node) || node.items.length === 0) return [at];
  return node.items.flatMap(({ key, value }) => leaves(value, at === '' ? `${key}` : `${at}.${key}`));
}

/** Whether the key, or an object that contains it, has a comment. */
const covered = (key: string, known: ReadonlySet<string>): boolean =>
  known.has(key) || (key.includes('.') && covered(key.slice(0, key.lastIndexOf('.')), known));
