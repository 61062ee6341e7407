/** Parses `memory.pressure` (PSI, Documentation/accounting/psi.rst). */
import { LocatedError } from '../model/located-error.ts';
import { excerpt } from '../model/text.ts';

export interface Pressure {
  /** Percent of the last 60 s in which at least one task waited for memory. */
  readonly some?: number;
  /** Percent of the last 60 s in which all tasks waited for memory at the same time. */
  readonly full?: number;
}

const linePattern = /^(some|full) avg10=\d+\.\d+ avg60=(\d{1,3}\.\d\d) avg300=\d+\.\d+ total=(\d+)$/;

/** @throws LocatedError at the first malformed line */
export function parsePressure(file: string, text: Uint8Array): Pressure {
  const pressure: { some?: number; full?: number } = {};
  for (const { kind, avg60 } of linesOf(file, text)) pressure[kind] = avg60;
  return pressure;
}

/**
 * Milliseconds in which at least one task waited for memory, since the cgroup was created.
 * @throws LocatedError at the first malformed line
 */
export const parseStalled = (file: string, text: Uint8Array): number | undefined =>
  linesOf(file, text).find(({ kind }) => kind === 'some')?.totalMs;

interface Line {
  readonly kind: 'some' | 'full';
  readonly avg60: number;
  readonly totalMs: number;
}

function linesOf(file: string, text: Uint8Array): readonly Line[] {
  const found: Line[] = [];
  const lines = new TextDecoder().decode(text).split('\n');
  for (const [index, content] of lines.entries()) {
    if (content === '') continue;
    const match = linePattern.exec(content);
    if (!match)
      throw new LocatedError({
        where: file,
        line: index + 1,
        expected: '"some|full avg10=… avg60=… avg300=… total=…"',
        got: excerpt(text, index + 1),
      });
    found.push({
      kind: match[1] as Line['kind'],
      avg60: Number(match[2]),
      totalMs: Number(match[3]) / microseconds,
    });
  }
  return found;
}

/** In a millisecond. */
const microseconds = 1000;
