/** Runs helm, and keeps what it printed until something that it read changes. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const helm = process.env['HELM'] || 'helm';
/** Bytes: many renderings of the chart in one. */
const mostPrinted = 2 ** 26;

const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache/helm');
/** Outputs in the cache, of several versions of the chart. */
const mostKept = 600;

export const sumOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** Standard output of helm. @throws with the standard error of helm */
export function runHelm(...args: readonly string[]): string {
  return execFileSync(helm, args, {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: mostPrinted },
    // A process that lives for a tenth of a second needs no garbage collection.
    env: { ...process.env, GOGC: 'off' },
  });
}

let version: string | undefined;
const helmVersion = (): string => {
  version ??= runHelm('version');
  return version;
};

/** Why helm does not run, and what to do. Undefined if it runs. */
export function helmMissing(): string | undefined {
  try {
    helmVersion();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `helm does not run (${reason}): install helm 3 or 4, or set HELM to its path (https://helm.sh/docs/intro/install)`;
  }
}

/**
 * What `runHelm` printed for the same version of helm, the same arguments, and the same content of the files and charts that they
 * name. A failure is not kept. Only for `template` and `lint`, whose output depends on nothing else.
 */
export function cachedHelm(...args: readonly string[]): string {
  const read = args.map((arg) => (path.isAbsolute(arg) ? sumOfFiles(arg) : arg));
  const file = path.join(cache, sumOf(JSON.stringify([helmVersion(), ...read])));
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    const printed = runHelm(...args);
    keep(file, printed);
    return printed;
  }
}

/** Whole or not at all, because another process may read it at the same time. */
function keep(file: string, text: string): void {
  fs.mkdirSync(cache, { recursive: true });
  const kept = fs.readdirSync(cache);
  if (kept.length >= mostKept) for (const name of kept) fs.rmSync(path.join(cache, name), { force: true });
  const unfinished = `${file}.${process.pid}`;
  fs.writeFileSync(unfinished, text);
  fs.renameSync(unfinished, file);
}

/** SHA-256 of a file, or of the names and contents of all files in a directory, without those that `takes` refuses. */
export function sumOfFiles(at: string, takes: (file: string) => boolean = () => true): string {
  if (!fs.statSync(at).isDirectory()) return sumOf(fs.readFileSync(at));
  const files = fs
    .readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at, path.join(entry.parentPath, entry.name)))
    .filter(takes)
    .sort();
  return sumOf(
    files.map((file) => `${file} ${sumOf(fs.readFileSync(path.join(at, file), 'utf8'))}\n`).join(''),
  );
}
