/** A file of YAML or JSON → its value. */
import { LineCounter, parseDocument } from 'yaml';
import { InputFault } from '../model/fault.ts';

/** @throws InputFault at the first place that is neither. */
export function parseManifest(file: string, text: string): unknown {
  // `kubectl get -o json` of a large cluster: JSON.parse is some hundred times faster on it.
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // It may still be YAML in flow style; if not, YAML's error has a line.
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined)
    throw new InputFault({
      where: file,
      line: lines.linePos(error.pos[0]).line,
      expected: 'YAML or JSON',
      got: error.message,
    });
  return document.toJS({ maxAliasCount: 100 });
}
