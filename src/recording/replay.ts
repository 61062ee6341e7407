/** A recording read back, sample after sample: the tree of its first, and over it what became different. */
import fs from 'node:fs';
import path from 'node:path';
import type { Tree } from '../edges/cgroup-tree.ts';
import { readText } from '../edges/files.ts';
import type { Cursor, Overlay } from '../edges/host.ts';
import type { RawCgroup } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import { againFile, bytesOf, type Content, laterFile, parseContents, parseLater } from './later-sample.ts';
import { manifestFile, manifestOf } from './manifest.ts';

/** The recording below a root, at its first sample. A root without a manifest has one sample of no known time. @throws Fault */
export function openReplay(root: string): Overlay {
  const manifest = manifestOf(root, readText(path.join(root, manifestFile)));
  const replay = new Replay(root, manifest?.at);
  return {
    cursor: replay,
    read: (file, first) => replay.read(file, first),
    over: (tree, directory, top) => replay.over(tree, directory, top),
    ...defined({ node: manifest?.node, machine: manifest?.machine, lruGen: manifest?.lruGen }),
  };
}

/** What stands over the files of the first sample. */
class Replay implements Cursor {
  at: string | undefined;
  /** Of the sample that is shown, from 1. */
  private number = 1;
  private readonly root: string;
  /** By their directory, since a cgroup takes its files with it. */
  private readonly files = new Map<string, Map<string, Uint8Array | undefined>>();
  private again: Readonly<Record<string, Content>>;
  /** Of the first sample's cgroups, those that are no more. */
  private readonly gone = new Set<string>();
  /** Those that came later, and what tells one from another of the same name. */
  private readonly made = new Map<string, number>();

  /** @throws Fault */
  constructor(root: string, at: string | undefined) {
    this.root = root;
    this.at = at;
    const file = path.join(root, againFile);
    const text = readText(file);
    this.again = text === undefined ? {} : parseContents(file, text);
  }

  get isLast(): boolean {
    return !fs.existsSync(this.fileOfNext());
  }

  next(): void {
    const file = this.fileOfNext();
    const text = readText(file);
    if (text === undefined) return;
    const { at, gone, made, files, again } = parseLater(file, text);
    this.number++;
    this.at = at;
    this.again = again;
    for (const cgroup of gone) {
      this.gone.add(cgroup);
      this.made.delete(cgroup);
      const known = this.files.get(cgroup);
      for (const file of known?.keys() ?? []) known?.set(file, undefined);
    }
    // Inodes of files are never below zero.
    for (const cgroup of made) this.made.set(cgroup, -(this.made.size + 1) - this.number * 2 ** 20);
    for (const [name, content] of Object.entries(files)) {
      const directory = path.dirname(name);
      const known = this.files.get(directory) ?? new Map<string, Uint8Array | undefined>();
      this.files.set(directory, known);
      known.set(name, content === null ? undefined : bytesOf(content));
    }
  }

  private fileOfNext(): string {
    return path.join(this.root, laterFile(this.number + 1));
  }

  /** A file of the host. @param recorded what the first sample has of it */
  read(file: string, recorded: () => Uint8Array | undefined): Uint8Array | undefined {
    const known = this.files.get(path.dirname(file));
    return known?.has(file) ? known.get(file) : recorded();
  }

  /**
   * The tree as it is in the sample that is shown.
   * @param directory of its top below the recording's root
   * @param top the path of the cgroup that is mounted there
   */
  over(tree: Tree, directory: string, top: string): Tree {
    const placeOf = (cgroup: string): string =>
      path.join(directory, path.relative(top, cgroup)).replace(/^\/+/, '');
    const recorded = (raw: RawCgroup): RawCgroup | undefined => {
      const place = placeOf(raw.id.path);
      if (this.gone.has(place)) return undefined;
      return new Recorded(
        raw,
        this.reader(place, (file) => raw.read(file)),
      );
    };
    /** Those that came later, below what was entered: parents first, as in every walk. */
    const later = function* (this: Replay, entered: Set<string>): Generator<RawCgroup, void> {
      for (const [place, inode] of [...this.made].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (place !== placeOf(top) && !entered.has(path.dirname(place))) continue;
        const id = { path: path.posix.join(top, path.relative(placeOf(top), place)), inode };
        yield new Recorded(
          { id },
          this.reader(place, () => undefined),
        );
      }
    }.bind(this);
    return {
      close: () => tree.close(),
      walk: (visit, admit) => {
        const entered = new Set<string>();
        const show = (raw: RawCgroup): boolean => {
          const below = visit(raw);
          if (below) entered.add(placeOf(raw.id.path));
          return below;
        };
        const skipped = tree.walk((raw) => {
          const one = recorded(raw);
          return one !== undefined && show(one);
        }, admit);
        for (const raw of later(entered)) if (admit?.(raw.id.path) !== false) show(raw);
        return skipped;
      },
      *scan(below) {
        const entered = new Set<string>();
        const enters = (raw: RawCgroup): boolean => {
          const isEntered = below();
          if (isEntered) entered.add(placeOf(raw.id.path));
          return isEntered;
        };
        let enter = false;
        for (const raw of tree.scan(() => enter)) {
          const one = recorded(raw);
          if (one !== undefined) yield one;
          enter = one !== undefined && enters(one);
        }
        for (const raw of later(entered)) {
          yield raw;
          enters(raw);
        }
      },
    };
  }

  /** Reads a cgroup's files; one that is read a second time gives what the second reading gave. */
  private reader(place: string, recorded: (file: string) => Uint8Array | undefined): RawCgroup['read'] {
    const asked = new Set<string>();
    return (file) => {
      const name = `${place}/${file}`;
      const second = asked.has(file) ? this.again[name] : undefined;
      asked.add(file);
      return second === undefined ? this.read(name, () => recorded(file)) : bytesOf(second);
    };
  }
}

/** A cgroup in one sample. */
class Recorded implements RawCgroup {
  readonly id: RawCgroup['id'];
  readonly read: RawCgroup['read'];

  constructor({ id }: Pick<RawCgroup, 'id'>, read: RawCgroup['read']) {
    this.id = id;
    this.read = read;
  }
}
