/** Directories for tests. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** In memory where the system has such a place: on a disk with a journal, trees of small files take ten times as long. */
const memory = '/dev/shm';
const base = process.env['TMPDIR'] === undefined && fs.existsSync(memory) ? memory : os.tmpdir();

/** A new directory. Whoever asks removes it. */
export const makeTempDir = (): string => fs.mkdtempSync(path.join(base, 'realmem-'));

/** A directory for one test, removed at its end. */
export function tempDir(test: TestContext): string {
  const directory = makeTempDir();
  test.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files, given by their path below the directory; a path that ends in `/` is a directory. */
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
