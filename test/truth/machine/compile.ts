/** Compiles programs for measurements statically. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Returns a program of this folder as gzip in base64 for a script. */
export function compile(source: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-compiled-'));
  try {
    const program = path.join(directory, 'program');
    compileTo(program, new URL(source, import.meta.url));
    return gzipSync(fs.readFileSync(program), { level: 9 }).toString('base64').replace(/.{76}/g, '$&\n');
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

export function compileTo(program: string, source: URL): void {
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
  const { status, error, stderr } = spawnSync('cc', [...flags, '-o', program, fileURLToPath(source)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${source.pathname} does not compile: ${error?.message ?? stderr}`);
}
