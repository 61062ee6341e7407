/** Reports, and whatever else, for programs: JSON and YAML. */
import { Document, Scalar, visit } from 'yaml';
import { escapeUnsafe, isPrintable, printableLines } from '../model/text.ts';

// JSON.stringify lets C1 controls and marks of direction through. In a JSON string `\uXXXX` is the same text.
export const renderJson = (value: object): string =>
  printableLines(`${JSON.stringify(value, undefined, 2)}\n`);

/** The same in parts: the items of its lists one by one, since text of thousands of them takes many times as much. */
export function* jsonParts(value: object): Generator<string> {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  for (const [index, [key, entry]] of entries.entries()) {
    yield printableLines(`${index === 0 ? '{' : ','}\n  ${JSON.stringify(key)}: `);
    if (Array.isArray(entry) && entry.length > 0) {
      for (const [place, item] of entry.entries())
        yield `${place === 0 ? '[' : ','}\n    ${indented(item, '    ')}`;
      yield '\n  ]';
    } else yield indented(entry, '  ');
  }
  yield entries.length === 0 ? '{}\n' : '\n}\n';
}

const indented = (value: unknown, indent: string): string =>
  printableLines((JSON.stringify(value, undefined, 2) ?? 'null').replaceAll('\n', `\n${indent}`));

/**
 * Strings that need no quotes have none. YAML 1.1 is what Kubernetes reads: to it `no` is false, so that it is quoted.
 * What could act on a terminal stands escaped between double quotes, where the escape is the same text.
 */
export const renderYaml = (value: object): string => [...yamlParts(value)].join('');

/** Item by item: the nodes of a whole report take many times its size. */
export function* yamlParts(value: object): Generator<string> {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  if (entries.length === 0) return yield renderNode(value);
  if (Array.isArray(value)) {
    for (const item of value) yield renderNode([item]);
    return;
  }
  for (const [key, entry] of entries)
    if (Array.isArray(entry) && entry.length > 0)
      for (const [index, item] of entry.entries()) {
        const text = renderNode({ [key]: [item] });
        yield index === 0 ? text : text.slice(text.indexOf('\n') + 1);
      }
    else yield renderNode({ [key]: entry });
}

function renderNode(value: object): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      const { value } = scalar;
      if (typeof value === 'string' && !isPrintable(value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0 });
  return escapeUnsafe(text, (char) => (char === '\n' ? char : asOne(char)));
}

/** YAML knows no halves of a character, and writes those beyond 16 bits with eight digits. */
function asOne(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
