/** Test files, one process after the other, each with an end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

/** The longest of them takes five minutes. A frozen guest must not cost the tests that come after. */
const longestMs = 15 * 60_000;

/** The files of these patterns that failed. Throws where a pattern matches nothing. */
export async function failedFiles(
  patterns: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const pattern of patterns) {
    const files = fs.globSync(pattern).toSorted();
    if (files.length === 0) throw new Error(`${pattern}: no such test file`);
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
