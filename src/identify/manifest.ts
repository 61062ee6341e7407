/** A file of YAML or JSON → its value. */
import { LineCounter, parseAllDocuments } from 'yaml';
import { InputFault, messageOf } from '../model/fault.ts';

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
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const [document, second] = 'empty' in documents ? [] : documents;
  const faultAt = (offset: number, got: string): InputFault =>
    new InputFault({ where: file, line: lines.linePos(offset).line, expected: 'YAML or JSON', got });
  const [error] = document?.errors ?? [];
  if (error !== undefined) throw faultAt(error.pos[0], error.message);
  if (second !== undefined) throw faultAt(second.range[0], 'a second document; give one list');
  try {
    return document === undefined ? null : document.toJS({ maxAliasCount: 100 });
  } catch (unresolved) {
    // Aliases of nothing, or so many that they would grow beyond measure.
    throw new InputFault({ where: file, expected: 'YAML or JSON', got: messageOf(unresolved) });
  }
}
