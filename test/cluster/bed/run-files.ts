/** Runs test files one after another, each in its own process with a time limit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

/** The longest file takes five minutes. After a guest has frozen, the remaining files must still run. */
const longestMs = 15 * 60_000;

/** Returns the files that failed. Throws if a pattern matches no file. */
export async function failedFiles(
  patterns: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const pattern of patterns) {
    const files = fs.globSync(pattern).toSorted();
    if (files.length === 0) throw new Error(`no test file matches ${pattern}`);
    for (const file of files) {
      const child = spawn(process.execPath, ['--test', '--test-concurrency=1', file], {
        ...{ stdio: 'inherit', env, signal },
        timeout: longestMs,
        killSignal: 'SIGTERM',
      });
      const [code] = await once(child, 'close');
      if (code !== 0) failed.push(file);
    }
  }
  return failed;
}
