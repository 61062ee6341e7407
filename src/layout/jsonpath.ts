/** `-o jsonpath=TEMPLATE` and `-o custom-columns=SPEC`, as kubectl reads them. */
import { JSONPath } from 'jsonpath-plus';
import { UsageError } from '../model/located-error.ts';
import { printable, printableLines, quoted } from '../model/text.ts';
import { renderColumns } from './columns.ts';

type Json = null | boolean | number | string | object;

/** A part of a template: text, values at a path, or a loop over them. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'range'; readonly path: string; readonly parts: readonly Part[] };

/** More is a mistake, and would take a stack. */
const deepest = 16;
/** Characters of a template. The library takes minutes for a path of a hundred thousand. */
const longest = 4096;

/**
 * Renders a template: `{.items[*].pod}`, `{range .items[*]}{.pod}{"\t"}{.realBytes}{"\n"}{end}`.
 * @throws UsageError for a template that is not one
 */
export function renderJsonPath(template: string, value: object): string {
  const parts = new TemplateReader(template).all();
  return printableTabs(parts.map((part) => textOf(part, value)).join(''));
}

/** Keeps the tabs that the template wrote. */
const printableTabs = (text: string): string =>
  text
    .split('\t')
    .map((part) => printableLines(part))
    .join('\t');

function textOf(part: Part, value: Json): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'path':
      return valuesAt(part.path, value)
        .map((found) => (typeof found === 'string' ? printable(found) : JSON.stringify(found)))
        .join(' ');
    case 'range':
      return valuesAt(part.path, value)
        .map((item) => part.parts.map((inner) => textOf(inner, item)).join(''))
        .join('');
  }
}

/** Reads a template character by character. */
class TemplateReader {
  private readonly template: string;
  private at = 0;

  /** @throws UsageError for a template that is too long */
  constructor(template: string) {
    this.template = template;
    if (template.length > longest) throw this.fault(`${template.length} characters, more than ${longest},`);
  }

  all(): readonly Part[] {
    const parts = this.parts(0);
    if (this.at < this.template.length) throw this.fault('an {end} without {range}');
    return parts;
  }

  /** The parts until the end of the template or an `{end}`, which is left unread. */
  private parts(depth: number): readonly Part[] {
    if (depth > deepest) throw this.fault(`more than ${deepest} ranges in each other`);
    const parts: Part[] = [];
    while (this.at < this.template.length) {
      const open = this.template.indexOf('{', this.at);
      const text = this.template.slice(this.at, open === -1 ? undefined : open);
      if (text !== '') parts.push({ kind: 'text', text });
      if (open === -1) {
        this.at = this.template.length;
        break;
      }
      const { inside, end } = this.action(open);
      if (inside === 'end') {
        this.at = open;
        return parts;
      }
      this.at = end;
      const range = /^range\s+(.+)$/s.exec(inside);
      if (inside === 'range') throw this.fault('a {range} without a path');
      if (range?.[1] !== undefined) {
        const inner = this.parts(depth + 1);
        if (this.at >= this.template.length) throw this.fault('a {range} without {end}');
        this.at = this.action(this.at).end;
        parts.push({ kind: 'range', path: pathOf(range[1]), parts: inner });
      } else if (/^["']/.test(inside)) parts.push({ kind: 'text', text: this.literal(inside) });
      else parts.push({ kind: 'path', path: pathOf(inside) });
    }
    return parts;
  }

  /** The text in braces. Braces in quotes do not count. */
  private action(open: number): { readonly inside: string; readonly end: number } {
    let quote = '';
    for (let at = open + 1; at < this.template.length; at++) {
      const char = this.template[at] as string;
      if (quote !== '') {
        if (char === '\\') at++;
        else if (char === quote) quote = '';
      } else if (char === '"' || char === "'") quote = char;
      else if (char === '}') return { inside: this.template.slice(open + 1, at).trim(), end: at + 1 };
    }
    throw this.fault('a { without }');
  }

  private literal(text: string): string {
    const body = /^(["'])(.*)\1$/s.exec(text)?.[2];
    if (body === undefined) throw this.fault(`${text}, which is no text in quotes`);
    return body.replace(/\\(.)/gs, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
  }

  private fault(got: string): UsageError {
    return new UsageError(
      `-o jsonpath: expected a template such as {.items[*].pod}, got ${got} in ${quoted(this.template)}`,
    );
  }
}

/**
 * kubectl's `.items[*].pod` and `@.pod` in the library's syntax.
 * @throws UsageError for brackets that do not match: the library would ignore the rest of the path
 */
function pathOf(path: string): string {
  const text = path
    .trim()
    .replaceAll(fromEnd, (_, from: string) => (from === '1' ? '[-1:]' : `[-${from}:-${Number(from) - 1}]`));
  const plain = text.replaceAll(inQuotes, '');
  for (const [open, close] of ['[]', '()'])
    if (plain.split(open ?? '').length !== plain.split(close ?? '').length)
      throw new UsageError(
        `expected a JSONPath such as .items[*].pod, got ${quoted(path)}, where ${open} and ${close} do not match`,
      );
  if (text.startsWith('$')) return text;
  return text.startsWith('@')
    ? `$${text.slice(1)}`
    : `$${text.startsWith('.') || text.startsWith('[') ? '' : '.'}${text}`;
}

/** `[-1]` is the last item for kubectl, and nothing for the library. */
const fromEnd = /\[-([1-9]\d{0,8})\]/g;
const inQuotes = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/gs;

/** @throws UsageError for a path that the library cannot read */
function valuesAt(path: string, value: Json): readonly Json[] {
  try {
    // `safe` evaluates filters without access to this process.
    return JSONPath({ path, json: value, eval: 'safe', wrap: true }) as readonly Json[];
  } catch (error) {
    throw new UsageError(
      `expected a JSONPath such as .items[*].pod, got ${quoted(path)}: ${printable(error instanceof Error ? error.message : String(error))}`,
    );
  }
}

/**
 * A column for each `HEADING:PATH`, as `kubectl get -o custom-columns`. A missing value prints as `<none>`.
 * @throws UsageError for a specification that is not one
 */
export function renderCustomColumns(spec: string, items: readonly object[], headers: boolean): string {
  if (spec.length > longest)
    throw new UsageError(`-o custom-columns: expected at most ${longest} characters, got ${spec.length}`);
  const columns = spec.split(',').map((part) => {
    const [, heading, path] = /^([^:]+):(.+)$/.exec(part) ?? [];
    if (heading === undefined || path === undefined)
      throw new UsageError(
        `-o custom-columns: expected HEADING:PATH,… such as POD:.pod,REAL:.realBytes, got ${quoted(part)}`,
      );
    // kubectl takes the path in braces too.
    const where = pathOf(/^\{(.*)\}$/s.exec(path)?.[1] ?? path);
    return {
      heading: printable(heading),
      cell: (item: object) => {
        const found = valuesAt(where, item).filter((value) => value !== undefined);
        return found.length === 0
          ? '<none>'
          : found
              .map((value) => (typeof value === 'string' ? printable(value) : JSON.stringify(value)))
              .join(',');
      },
    };
  });
  return renderColumns(columns, items, headers);
}
