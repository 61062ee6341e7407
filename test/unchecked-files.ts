/** What a tool has not passed yet with its present content, so that the gate runs a tool only if its result can differ. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export interface Unchecked {
  /** Names in the repository. Undefined: all of them. */
  readonly names: readonly string[] | undefined;
  /** Call it when the tool has passed them. */
  passed(): void;
}

export interface Unchanged {
  /** Whether the tool has passed exactly these files. */
  readonly holds: boolean;
  /** Call it when the tool has passed them. */
  passed(): void;
}

/** Hashes by name. */
type Sums = ReadonlyMap<string, string>;

/** Of all files that git knows or does not ignore. */
export const sumsOf = (root: string): Sums =>
  new Map(filesOf(root).map((name) => [name, sumOf(path.join(root, name))]));

/**
 * For a tool that looks at each file alone, as Biome does.
 * @param sums of the files of the repository
 * @param settings files that decide what the tool says of each other file: its configuration, and its version
 * @param record where it keeps the hashes of the passed files
 */
export function uncheckedFiles(sums: Sums, settings: readonly string[], record: string): Unchecked {
  const under = settings.map(sumOf).join(' ');
  const now = new Map([...sums].map(([name, sum]) => [name, `${under} ${sum}`]));
  const before = readRecord(record);
  const names = [...now.keys()].filter((name) => before[name] !== now.get(name));
  return {
    names: names.length === now.size ? undefined : names,
    passed: () => writeRecord(record, Object.fromEntries(now)),
  };
}

/**
 * For a tool that follows imports, as tsc and knip do: a file that is new or gone counts too.
 * @param sums of the files of the repository
 * @param settings as for `uncheckedFiles`, with the installed packages
 * @param record where it keeps the hash of the passed files
 */
export function unchanged(sums: Sums, settings: readonly string[], record: string): Unchanged {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([[...sums].sort(), settings.map(sumOf)]));
  const now = hash.digest('hex');
  return {
    holds: readRecord(record)['passed'] === now,
    passed: () => writeRecord(record, { passed: now }),
  };
}

/** A file that is missing has a sum too. */
const sumOf = (file: string): string =>
  fs.existsSync(file) ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : 'missing';

const filesOf = (root: string): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 },
  })
    .split('\0')
    .filter((name) => fs.statSync(path.join(root, name), { throwIfNoEntry: false })?.isFile() && name !== '');

function readRecord(file: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
  } catch {
    return {};
  }
}

function writeRecord(file: string, record: Readonly<Record<string, string>>): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(record));
}
