/** Replays a recording sample by sample: the tree of the first sample, overlaid with the differences of later ones. */

import fs from 'node:fs';
import path from 'node:path';
import type { Tree } from '../edges/cgroup-tree.ts';
import { readText } from '../edges/files.ts';
import type { Cursor, Overlay } from '../edges/host.ts';
import type { RawCgroup } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import { compareText } from '../model/text.ts';
import {
  againFile,
  type Content,
  contentBytes,
  laterFile,
  parseContents,
  parseLater,
} from './later-sample.ts';
import { manifestFile, recordingManifest } from './manifest.ts';

/**
 * Opens the recording below a root, at its first sample. A root without a manifest counts as one sample without a time.
 * @throws LocatedError at a malformed manifest or a malformed file of second readings
 */
export function openReplay(root: string): Overlay {
  const manifest = recordingManifest(root, readText(path.join(root, manifestFile)));
  const replay = new Replay(root, manifest?.at);
  return {
    cursor: replay,
    read: (file, first) => replay.read(file, first),
    over: (tree, directory, top) => replay.over(tree, directory, top),
    ...defined({ node: manifest?.node, machine: manifest?.machine, lruGen: manifest?.lruGen }),
  };
}

/** The overlay over the files of the first sample, and the cursor that moves it to the next. */
class Replay implements Cursor {
  /** Time of the current sample, RFC 3339. */
  at: string | undefined;
  /** Number of the current sample, from 1. */
  private number = 1;
  private readonly root: string;
  /** Directory → path → content; undefined for a removed file. By directory, because a cgroup is removed as a whole. */
  private readonly files = new Map<string, Map<string, Uint8Array | undefined>>();
  private again: Readonly<Record<string, Content>>;
  /** Cgroups of the first sample that were removed since. */
  private readonly gone = new Set<string>();
  /** Cgroups created since → a made-up inode number, unique for each. */
  private readonly made = new Map<string, number>();

  /** @throws LocatedError at a malformed file of second readings */
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

  /** Moves to the next sample; stays at the last. @throws LocatedError at a malformed sample */
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
    // Real inode numbers are not negative, so these cannot collide with them.
    for (const cgroup of made) this.made.set(cgroup, -(this.made.size + 1) - this.number * 2 ** 20);
    for (const [name, content] of Object.entries(files)) {
      const directory = path.dirname(name);
      const known = this.files.get(directory) ?? new Map<string, Uint8Array | undefined>();
      this.files.set(directory, known);
      known.set(name, content === null ? undefined : contentBytes(content));
    }
  }

  private fileOfNext(): string {
    return path.join(this.root, laterFile(this.number + 1));
  }

  /** The content of a file in the current sample. @param recorded reads it from the first sample */
  read(file: string, recorded: () => Uint8Array | undefined): Uint8Array | undefined {
    const known = this.files.get(path.dirname(file));
    return known?.has(file) ? known.get(file) : recorded();
  }

  /**
   * The tree of cgroups in the current sample.
   * @param directory the mount point, below the root of the recording
   * @param top path of the cgroup that is mounted there
   */
  over(tree: Tree, directory: string, top: string): Tree {
    const directoryOf = (cgroup: string): string =>
      path.join(directory, path.relative(top, cgroup)).replace(/^\/+/, '');
    const recorded = (raw: RawCgroup): RawCgroup | undefined => {
      const cgroup = directoryOf(raw.id.path);
      if (this.gone.has(cgroup)) return undefined;
      return new ReplayedCgroup(
        raw,
        this.reader(cgroup, (file) => raw.read(file)),
      );
    };
    /** The cgroups created since the first sample, if the walk entered their parent. Parents come first. */
    const later = function* (this: Replay, entered: Set<string>): Generator<RawCgroup, void> {
      for (const [cgroup, inode] of [...this.made].sort(([a], [b]) => compareText(a, b))) {
        if (cgroup !== directoryOf(top) && !entered.has(path.dirname(cgroup))) continue;
        const id = { path: path.posix.join(top, path.relative(directoryOf(top), cgroup)), inode };
        yield new ReplayedCgroup(
          { id },
          this.reader(cgroup, () => undefined),
        );
      }
    }.bind(this);
    return {
      close: () => tree.close(),
      walk: (visit, admit) => {
        const entered = new Set<string>();
        const show = (raw: RawCgroup): boolean => {
          // A recording is read anew each time, so no descent is late.
          const below = visit(raw) !== false;
          if (below) entered.add(directoryOf(raw.id.path));
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
          if (isEntered) entered.add(directoryOf(raw.id.path));
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

  /** Reads the files of a cgroup. The second read of a file gives its recorded second reading. */
  private reader(cgroup: string, recorded: (file: string) => Uint8Array | undefined): RawCgroup['read'] {
    const alreadyRead = new Set<string>();
    return (file) => {
      const name = `${cgroup}/${file}`;
      const second = alreadyRead.has(file) ? this.again[name] : undefined;
      alreadyRead.add(file);
      return second === undefined ? this.read(name, () => recorded(file)) : contentBytes(second);
    };
  }
}

/** A cgroup in the current sample. */
class ReplayedCgroup implements RawCgroup {
  readonly id: RawCgroup['id'];
  readonly read: RawCgroup['read'];

  constructor({ id }: Pick<RawCgroup, 'id'>, read: RawCgroup['read']) {
    this.id = id;
    this.read = read;
  }
}
