/** Running a program to its end. */
import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** After this time the program is killed (SIGKILL, which the signal then sends too). Unless given, it may run for ever. */
  readonly timeoutMs?: number;
}

/** What the program wrote to its output. The error of a failure has what it wrote to its error stream. */
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
    // A program that ends without reading its input is no failure of ours.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
