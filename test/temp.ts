/** A directory for one test, removed at its end. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

export function tempDir(test: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-'));
  test.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files, given by their path below the directory; a path that ends in `/` is a directory. */
export function lay(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(directory, name);
    fs.mkdirSync(name.endsWith('/') ? target : path.dirname(target), { recursive: true });
    if (!name.endsWith('/')) fs.writeFileSync(target, content);
  }
}
