/** JSON and YAML output for programs. */
import { Document, Scalar, visit } from 'yaml';
import { escapeUnsafe, isPrintable, printableLines } from '../model/text.ts';

// JSON.stringify does not escape C1 controls and bidirectional marks. In a JSON string `\uXXXX` is the same text.
export const renderJson = (value: object): string =>
  printableLines(`${JSON.stringify(value, undefined, 2)}\n`);

/** The same text in parts, one list item at a time. One string for thousands of items would need many times the memory. */
export function* jsonParts(value: object): Generator<string> {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  for (const [index, [key, entry]] of entries.entries()) {
    yield printableLines(`${index === 0 ? '{' : ','}\n  ${JSON.stringify(key)}: `);
    if (isList(entry)) {
      let before = '[';
      for (const item of entry) {
        yield `${before}\n    ${indented(item, '    ')}`;
        before = ',';
      }
      yield before === '[' ? '[]' : '\n  ]';
    } else yield indented(entry, '  ');
  }
  yield entries.length === 0 ? '{}\n' : '\n}\n';
}

/** An array, or items that are made one by one. */
const isList = (entry: unknown): entry is Iterable<unknown> =>
  typeof entry === 'object' && entry !== null && Symbol.iterator in entry;

const indented = (value: unknown, indent: string): string =>
  printableLines((JSON.stringify(value, undefined, 2) ?? 'null').replaceAll('\n', `\n${indent}`));

/**
 * Quotes only strings that need it. Kubernetes reads YAML 1.1, where `no` means false, so `no` gets quotes. Characters that a terminal
 * would execute are escaped in double quotes, where the escape is the same text.
 */
export const renderYaml = (value: object): string => [...yamlParts(value)].join('');

/** Renders item by item: the document nodes of a whole report need many times its size in memory. */
export function* yamlParts(value: object): Generator<string> {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  if (entries.length === 0) return yield renderNode(value);
  if (Array.isArray(value)) {
    for (const item of value) yield renderNode([item]);
    return;
  }
  for (const [key, entry] of entries)
    if (isList(entry)) {
      let isFirst = true;
      for (const item of entry) {
        const text = renderNode({ [key]: [item] });
        yield isFirst ? text : text.slice(text.indexOf('\n') + 1);
        isFirst = false;
      }
      if (isFirst) yield renderNode({ [key]: [] });
    } else yield renderNode({ [key]: entry });
}

function renderNode(value: object): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  // Few values have such a text, and a visit takes a quarter of the whole time.
  if (!isAllPrintable(value))
    visit(document, {
      Scalar(_, scalar) {
        const { value } = scalar;
        if (typeof value === 'string' && !isPrintable(value)) scalar.type = Scalar.QUOTE_DOUBLE;
      },
    });
  const text = document.toString({ lineWidth: 0 });
  return escapeUnsafe(text, (char) => (char === '\n' ? char : asOne(char)));
}

/** Whether no key and no string inside has an unsafe character. */
function isAllPrintable(value: unknown): boolean {
  if (typeof value === 'string') return isPrintable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isAllPrintable);
  return Object.entries(value).every(([key, entry]) => isPrintable(key) && isAllPrintable(entry));
}

/** YAML has no surrogate pairs: it writes characters beyond 16 bits with eight digits. */
function asOne(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
