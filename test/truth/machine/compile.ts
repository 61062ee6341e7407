/** Compiles a program of this folder statically, and returns it as gzip in base64 for a script. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export function compile(source: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-compiled-'));
  try {
    const program = path.join(directory, 'program');
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-s'];
    const file = fileURLToPath(new URL(source, import.meta.url));
    const { status, error, stderr } = spawnSync('cc', [...flags, '-o', program, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${source} does not compile: ${error?.message ?? stderr}`);
    return gzipSync(fs.readFileSync(program), { level: 9 }).toString('base64').replace(/.{76}/g, '$&\n');
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
