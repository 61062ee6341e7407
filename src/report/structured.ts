/** Reports, and whatever else, for programs: JSON and YAML. */
import { Document, Scalar, visit } from 'yaml';
import { escapeUnsafe, isPrintable, printableLines } from '../model/text.ts';

// JSON.stringify lets C1 controls and marks of direction through. In a JSON string `\uXXXX` is the same text.
export const renderJson = (value: object): string =>
  printableLines(`${JSON.stringify(value, undefined, 2)}\n`);

/**
 * Strings that need no quotes have none. YAML 1.1 is what Kubernetes reads: to it `no` is false, so that it is quoted.
 * What could act on a terminal stands escaped between double quotes, where the escape is the same text.
 */
export function renderYaml(value: object): string {
  if (Array.isArray(value) && value.length > 0) return value.map((item) => renderNode([item])).join('');
  // Item by item: the nodes of a whole report take many times its size.
  const parts = Object.entries(value).flatMap(([key, entry]) => {
    if (!Array.isArray(entry) || entry.length === 0)
      return entry === undefined ? [] : renderNode({ [key]: entry });
    const items = entry.map((item) => renderNode({ [key]: [item] }));
    const head = items[0]?.slice(0, items[0].indexOf('\n') + 1) ?? '';
    return [head, ...items.map((item) => item.slice(head.length))];
  });
  return parts.length === 0 ? renderNode(value) : parts.join('');
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
