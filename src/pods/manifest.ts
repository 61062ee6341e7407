/** A file of YAML or JSON → its value. */
import { LineCounter } from 'yaml';
import { isFields, jsonTexts, parseJson } from '../model/json.ts';
import { InputError, messageOf } from '../model/located-error.ts';
import { documentsOf } from './yaml.ts';

/** Characters. The YAML library takes many seconds and some hundred MiB for as much. */
const longestYaml = 4 * 1024 * 1024;

/** As many pods as can be read at all (`podsLimit`); each document costs more than its text. */
const mostDocuments = 20_000;

/**
 * The value of the one document, or the list of those of several that are not empty. The caller bounds the length of JSON.
 * @throws InputFault at the first place that is neither, and above a limit
 */
export function parseManifest(file: string, text: string): unknown {
  // `kubectl get -o json` of a large cluster: JSON.parse is some hundred times faster on it.
  if (/^\s*[{[]/.test(text)) {
    try {
      return jsonOf(text);
    } catch (error) {
      if (error instanceof RangeError) throw wrong(file, error);
      // It may still be YAML in flow style; if not, YAML's error has a line.
    }
  }
  if (text.length > longestYaml)
    throw new InputError({
      where: file,
      expected: `at most ${longestYaml} characters of YAML`,
      got: `${text.length}, which are no JSON`,
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
    // `kubectl get pod NAME -o json` twice into one file, or `jq -c .items[]`.
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
    // Nested too deep, aliases of nothing, or so many that they would grow beyond measure.
    throw error instanceof InputError ? error : wrong(file, error);
  }
  return values.length > 1 ? values : (values[0] ?? null);
}

const tooMany = (): RangeError =>
  new RangeError(`more than ${mostDocuments} documents, which is all that is read`);

const wrong = (where: string, error: unknown): InputError =>
  new InputError({ where, expected: 'YAML or JSON', got: messageOf(error) });

/**
 * A List, a PodList, one Pod, or several of these in a list: `jq .items`, documents one after the other.
 * @returns undefined where there is no pod and no list of them in it
 */
export function podItemsOf(value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return oneOf(value);
  const found = value.flatMap((one: unknown) => oneOf(one) ?? (isPodLike(one) ? [one] : []));
  return value.length > 0 && found.length === 0 ? undefined : found;
}

function oneOf(value: unknown): readonly unknown[] | undefined {
  if (!isFields(value)) return undefined;
  const { kind, items } = value;
  return kind === 'Pod' ? [value] : Array.isArray(items) ? items : undefined;
}

/** The API does not say of the items of a PodList that they are pods. */
const isPodLike = (value: unknown): boolean =>
  isFields(value) && value['kind'] === undefined && isFields(value['metadata']);
