/** The files that a tool has not passed yet with their present content. For a tool that looks at each file alone, as Biome does. */
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

/**
 * @param settings files that decide what the tool says of each other file: its configuration, and its version
 * @param record where it keeps the hashes of the passed files
 */
export function uncheckedFiles(root: string, settings: readonly string[], record: string): Unchecked {
  const sumOf = (...names: readonly string[]): string => {
    const hash = createHash('sha256');
    for (const name of names) hash.update(fs.readFileSync(path.join(root, name)));
    return hash.digest('hex');
  };
  const under = sumOf(...settings);
  const now = new Map(filesOf(root).map((name) => [name, `${under} ${sumOf(name)}`]));
  const before = readRecord(record);
  const names = [...now.keys()].filter((name) => before[name] !== now.get(name));
  return {
    names: names.length === now.size ? undefined : names,
    passed() {
      fs.mkdirSync(path.dirname(record), { recursive: true });
      fs.writeFileSync(record, JSON.stringify(Object.fromEntries(now)));
    },
  };
}

/** All files that git knows or does not ignore. */
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
