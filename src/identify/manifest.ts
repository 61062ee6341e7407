/** A file of YAML or JSON → its value. */
import { LineCounter } from 'yaml';
import { InputFault, messageOf } from '../model/fault.ts';
import { parseJson } from '../model/json.ts';
import { documentsOf } from './yaml.ts';

/** Characters. The YAML library takes many seconds and some hundred MiB for as much. */
const longestYaml = 4 * 1024 * 1024;

/** The caller bounds the length of JSON. @throws InputFault at the first place that is neither, and above a limit */
export function parseManifest(file: string, text: string): unknown {
  // `kubectl get -o json` of a large cluster: JSON.parse is some hundred times faster on it.
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJson(text);
    } catch (error) {
      if (error instanceof RangeError) throw wrong(file, error);
      // It may still be YAML in flow style; if not, YAML's error has a line.
    }
  }
  if (text.length > longestYaml)
    throw new InputFault({
      where: file,
      expected: `at most ${longestYaml} characters of YAML`,
      got: `${text.length}, which are no JSON`,
      todo: 'give JSON: kubectl get -o json',
    });
  const lines = new LineCounter();
  try {
    const [document, second] = documentsOf(text, lines);
    const faultAt = (offset: number, got: string): InputFault =>
      new InputFault({ where: file, line: lines.linePos(offset).line, expected: 'YAML or JSON', got });
    const [error] = document?.errors ?? [];
    if (error !== undefined) throw faultAt(error.pos[0], error.message);
    if (second !== undefined) throw faultAt(second.range[0], 'a second document; give one list');
    return document === undefined ? null : document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Nested too deep, aliases of nothing, or so many that they would grow beyond measure.
    throw error instanceof InputFault ? error : wrong(file, error);
  }
}

const wrong = (where: string, error: unknown): InputFault =>
  new InputFault({ where, expected: 'YAML or JSON', got: messageOf(error) });
