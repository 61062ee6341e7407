/** What stands in a file, cut short for an error message. */
import { quoted } from '../model/text.ts';

/** The given line (from 1) or the whole file in quotes; bytes that are no UTF-8 show as U+FFFD. */
export function excerpt(file: Uint8Array, line?: number): string {
  const text = new TextDecoder().decode(file);
  const part = line === undefined ? text : (text.split('\n')[line - 1] ?? '');
  return part === '' ? 'nothing' : quoted(part);
}
