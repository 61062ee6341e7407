/** Parses a file of YAML or JSON, and finds the pods in it. */
import { LineCounter } from 'yaml';
import { isFields, jsonTexts, parseJson } from '../model/json.ts';
import { InputError, messageOf } from '../model/located-error.ts';
import { documentsOf } from './yaml.ts';

/** Characters. For this much text the YAML library needs many seconds and hundreds of MiB. */
const longestYaml = 4 * 1024 * 1024;

/** About as many pods as fit into `podsLimit`. A document costs more than its text, so their number needs a limit too. */
const mostDocuments = 20_000;

/**
 * The value of a single document; a list of values if there are several, without the empty documents. The caller limits
 * the length of JSON.
 * @throws InputError at the first syntax error, and above a limit
 */
export function parseManifest(file: string, text: string): unknown {
  // JSON.parse is about a hundred times faster than YAML on the `kubectl get -o json` of a large cluster.
  if (/^\s*[{[]/.test(text)) {
    try {
      return jsonOf(text);
    } catch (error) {
      if (error instanceof RangeError) throw wrong(file, error);
      // It may be YAML in flow style. If not, the YAML error names the line.
    }
  }
  if (text.length > longestYaml)
    throw new InputError({
      where: file,
      expected: `at most ${longestYaml} characters of YAML`,
      got: `${text.length}, and they are not JSON`,
      todo: 'give JSON: kubectl get -o json',
    });
  return yamlOf(file, text);
}

/** @throws SyntaxError, RangeError */
function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // Several JSON values in a row: `kubectl get pod NAME -o json` twice into one file, or `jq -c .items[]`.
    const values: unknown[] = [];
    for (const one of jsonTexts(text)) {
      if (values.length === mostDocuments) throw tooMany();
      values.push(parseJson(one));
    }
    if (values.length < 2) throw error;
    return values;
  }
}

function yamlOf(file: string, text: string): unknown {
  const lines = new LineCounter();
  const values: unknown[] = [];
  let count = 0;
  try {
    for (const document of documentsOf(text, lines)) {
      if (++count > mostDocuments) throw tooMany();
      const [error] = document.errors;
      if (error !== undefined)
        throw new InputError({
          ...{ where: file, line: lines.linePos(error.pos[0]).line },
          ...{ expected: 'YAML or JSON', got: error.message },
        });
      const value: unknown = document.toJS({ maxAliasCount: 100 });
      if (value != null) values.push(value);
    }
  } catch (error) {
    // Nested too deep, unknown aliases, or so many aliases that the value would explode.
    throw error instanceof InputError ? error : wrong(file, error);
  }
  return values.length > 1 ? values : (values[0] ?? null);
}

const tooMany = (): RangeError =>
  new RangeError(`more than ${mostDocuments} documents, the most that realmem reads`);

const wrong = (where: string, error: unknown): InputError =>
  new InputError({ where, expected: 'YAML or JSON', got: messageOf(error) });

/**
 * The pods of a List, a PodList, a single Pod, or a list of these (`jq .items`, several documents).
 * @returns undefined if the value is none of these
 */
export function podItemsOf(value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return podsOfOne(value);
  const found = value.flatMap((one: unknown) => podsOfOne(one) ?? (isPodLike(one) ? [one] : []));
  return value.length > 0 && found.length === 0 ? undefined : found;
}

function podsOfOne(value: unknown): readonly unknown[] | undefined {
  if (!isFields(value)) return undefined;
  const { kind, items } = value;
  return kind === 'Pod' ? [value] : Array.isArray(items) ? items : undefined;
}

/** The items of a PodList have no kind. */
const isPodLike = (value: unknown): boolean =>
  isFields(value) && value['kind'] === undefined && isFields(value['metadata']);
