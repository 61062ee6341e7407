/** Temporary directories for tests. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A tmpfs, when the system has one: trees of small files take ten times as long on a disk with a journal. */
const memory = '/dev/shm';
const base = process.env['TMPDIR'] === undefined && fs.existsSync(memory) ? memory : os.tmpdir();

/** Creates a directory. The caller removes it. */
export const makeTempDir = (): string => fs.mkdtempSync(path.join(base, 'realmem-'));

/** Creates a directory for one test and removes it when the test ends. */
export function tempDir(test: TestContext): string {
  const directory = makeTempDir();
  test.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files. Keys are paths below the directory; a path that ends in `/` makes a directory. */
export function lay(directory: string, files: Readonly<Record<string, string>>): void {
  const made = new Set<string>();
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(directory, name);
    const parent = name.endsWith('/') ? target : path.dirname(target);
    if (!made.has(parent)) fs.mkdirSync(parent, { recursive: true });
    made.add(parent);
    if (!name.endsWith('/')) fs.writeFileSync(target, content);
  }
}
