/** Runs a program to its end. */
import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input of the program. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** After this time the program gets SIGKILL. The abort signal then sends SIGKILL too. Default: no limit. */
  readonly timeoutMs?: number;
}

/** Resolves with standard output. On failure the error has the program's standard error. */
export function command(
  program: string,
  args: readonly string[],
  { cwd, env, input = '', signal, timeoutMs = 0 }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ cwd, signal, maxBuffer: 256 << 20, timeout: timeoutMs },
      env: { ...process.env, ...env },
      killSignal: timeoutMs > 0 ? 'SIGKILL' : 'SIGTERM',
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const late =
        error.killed === true && error.name !== 'AbortError' && `killed after ${timeoutMs / 1000} s`;
      reject(new Error(`${program} ${args.join(' ')}: ${late || stderr.trim() || error.message}`));
    });
    // The program may end without reading its input. That is no error.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
