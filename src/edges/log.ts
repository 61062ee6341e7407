/** The agent's log: one JSON object per line, on standard error. */
import pino from 'pino';
import { printableLines } from '../model/text.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type Log = pino.Logger;

/** @param write called with each line, its newline included */
export function openLog(level: LogLevel, write: (line: string) => void): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(printableLines(line)) },
  );
}
