/** Runs a program in a pseudo-terminal of its own. */
import type { TestContext } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { bareEnv } from '../cli/process.ts';
import { Emulator } from './terminal.ts';

export interface InPty {
  readonly screen: Emulator;
  readonly pid: number;
  readonly press: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** The exit code, or the number of the signal that ended it. */
  readonly ended: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>;
}

export function startInPty(
  test: TestContext,
  program: string,
  args: readonly string[],
  [columns, rows]: readonly [columns: number, rows: number] = [80, 24],
): InPty {
  const screen = new Emulator(columns, rows);
  const child = spawn(program, [...args], {
    cols: columns,
    rows,
    name: 'xterm-256color',
    env: Object.fromEntries(
      Object.entries({ ...bareEnv, LANG: 'C.UTF-8' }).filter(([, value]) => value !== undefined),
    ),
  });
  let isRunning = true;
  let written: Promise<void> = Promise.resolve();
  child.onData((text) => {
    written = screen.write(text);
  });
  const ended = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) =>
    child.onExit((exit) => {
      isRunning = false;
      // The screen has then all that the program wrote.
      void written.then(() => resolve(exit));
    }),
  );
  test.after(async () => {
    if (isRunning) child.kill('SIGKILL');
    await ended;
  });
  return {
    screen,
    pid: child.pid,
    press: (text) => child.write(text),
    resize: (wide, high) => {
      screen.resize(wide, high);
      child.resize(wide, high);
    },
    kill: (signal) => child.kill(signal),
    ended,
  };
}
