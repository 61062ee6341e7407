/** The lines that the guest prints: `@` and JSON. All others are messages of programs. */
import type { Measured } from '../measure.ts';
import type { Failed } from '../results.ts';

export interface Printed {
  readonly said?: string;
  readonly measured?: Measured;
  readonly failed?: Failed;
  /** The last line. */
  readonly isDone?: true;
}

export const parsePrinted = (line: string): Printed | undefined =>
  line.startsWith('@{') ? (JSON.parse(line.slice(1)) as Printed) : undefined;
