/** The agent's log: one JSON object a line, on standard error. */
import fs from 'node:fs';
import pino from 'pino';
import { printableLines } from '../model/text.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type Log = pino.Logger;

function write(line: string): void {
  try {
    fs.writeSync(2, printableLines(line));
  } catch {
    // Nobody reads the log: that is no reason to end.
  }
}

export function openLog(level: LogLevel): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
}
