/** Running a program to its end. */
import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** What the program is sent when the signal comes; SIGTERM unless given. */
  readonly killSignal?: NodeJS.Signals;
}

/** What the program wrote to its output. The error of a failure has what it wrote to its error stream. */
export function command(
  program: string,
  args: readonly string[],
  { cwd, env, input = '', signal, killSignal = 'SIGTERM' }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, ...env }, signal, killSignal, maxBuffer: 256 << 20 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
    // A program that ends without reading its input is no failure of ours.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
