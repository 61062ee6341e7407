/**
 * Follows cgroups of the v2 hierarchy with inotify. The kernel reports each change of `memory.events`: an OOM kill, and
 * usage at `memory.max` or above `memory.high`, in the cgroup or below. It also reports new children of a directory.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { CgroupId, RawCgroup } from '../../model/cgroup.ts';
import { codeOf, describeErrno } from '../../model/located-error.ts';
import { CgroupFiles, CgroupReader } from '../cgroup-files.ts';
import { childOf, isText, longestPath, openDirectory, scan } from '../cgroup-scan.ts';
import { EventPace, PacedWatch } from './paced-watch.ts';

/** The root of the hierarchy as this process sees it. */
export interface Mounted {
  readonly directory: string;
  /** That directory's path in the hierarchy. */
  readonly root: string;
  /** It is the kernel's cgroup file system. */
  readonly live: boolean;
}

export interface Followed {
  readonly id: CgroupId;
  /** Memory events in the cgroup or below, or new children of it. */
  readonly of: 'events' | 'children';
}

export interface MemoryEventsOptions extends Mounted {
  /** The most cgroups to follow. */
  readonly most?: number;
  /** Checks a followed cgroup. @returns whether it found new events */
  check(path: string): boolean;
  /** Whether to follow the events of a new child, by its path. */
  isFollowed(child: string): boolean;
  /** Receives once, in a sentence, why some cgroups are not followed. */
  onFailure(message: string): void;
}

/** Each watch takes about 1.6 KB of the agent's memory and 0.8 KB of the kernel's. */
const mostFollowed = 1_000;

/** Checks of all cgroups together, per second. */
const checksPerSecond = 20;

/** The kernel itself notifies at most once in 10 ms. A cgroup with constant events is checked ten times a second. */
const eventWaits = { firstWaitMs: 10, longestWaitMs: 100 };
/** A directory also reports events of its own files. The container of a new pod takes about a second to start. */
const childWaits = { firstWaitMs: 1_000, longestWaitMs: 1_000 };

export class MemoryEvents {
  private readonly options: MemoryEventsOptions;
  private readonly reader: CgroupReader;
  private readonly pace = new EventPace(checksPerSecond, checksPerSecond);
  private readonly watches = new Map<string, { readonly inode: number; readonly watch: PacedWatch }>();
  private hasFailed = false;

  constructor(options: MemoryEventsOptions) {
    this.options = options;
    this.reader = new CgroupReader([], 0, options.live);
  }

  /** How many cgroups it follows. */
  get size(): number {
    return this.watches.size;
  }

  /** Follows these cgroups and no others. The most important come first. */
  follow(all: readonly Followed[]): void {
    const inodes = new Map(all.map(({ id }) => [id.path, id.inode]));
    for (const [path, { inode }] of this.watches) if (inodes.get(path) !== inode) this.unfollow(path);
    for (const one of all) if (!this.add(one)) break;
  }

  /** @returns false if nothing more can be followed now */
  add({ id, of }: Followed): boolean {
    const { most = mostFollowed } = this.options;
    if (this.watches.has(id.path)) return true;
    if (this.watches.size >= most) {
      this.fail(`the agent follows the memory events of ${most} cgroups at most`);
      return false;
    }
    const directory = this.directoryOf(id.path);
    const isFile = of === 'events';
    try {
      const watch = new PacedWatch({
        file: isFile ? path.join(directory, 'memory.events') : directory,
        pace: this.pace,
        ...(isFile ? eventWaits : childWaits),
        check: () => (isFile ? this.options.check(id.path) : this.checkBelow(id.path)),
        onLost: (error) => this.lost(id.path, error),
      });
      this.watches.set(id.path, { inode: id.inode, watch });
      return true;
    } catch (error) {
      return this.lost(id.path, error);
    }
  }

  /** A followed cgroup. */
  cgroup(path: string): RawCgroup | undefined {
    const inode = this.watches.get(path)?.inode;
    if (inode === undefined) return undefined;
    const files = new CgroupFiles(this.directoryOf(path), this.reader);
    return { id: { path, inode }, read: (file) => files.read(file) };
  }

  unfollow(path: string): void {
    this.watches.get(path)?.watch.close();
    this.watches.delete(path);
  }

  /** A cgroup and, as long as `below` returns true for the cgroup just given, those below it. */
  scan(path: string, below: () => boolean): Generator<RawCgroup, void> {
    return scan({ directory: this.directoryOf(path), path }, this.reader.live, below, this.reader);
  }

  close(): void {
    for (const path of [...this.watches.keys()]) this.unfollow(path);
  }

  private directoryOf(path: string): string {
    const { directory, root } = this.options;
    return `${directory}${root === '/' ? path : path.slice(root.length)}`;
  }

  /** Looks for new children. @returns false: no event of its own is new */
  private checkBelow(path: string): boolean {
    try {
      this.addNewChildren(path);
    } catch {
      // Gone or unreadable: the next pass reports it.
    }
    return false;
  }

  private addNewChildren(path: string): void {
    const dir = openDirectory(this.directoryOf(path));
    try {
      for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
        const child = childOf(path, entry.name);
        if (this.watches.has(child) || !entry.isDirectory() || !isText(entry.name)) continue;
        if (child.length <= longestPath && this.options.isFollowed(child)) this.addChild(child);
      }
    } finally {
      dir.closeSync();
    }
  }

  private addChild(path: string): void {
    const inode = fs.statSync(this.directoryOf(path), { throwIfNoEntry: false })?.ino;
    if (inode !== undefined) this.add({ id: { path, inode }, of: 'events' });
  }

  /** @returns whether others can still be followed */
  private lost(path: string, error: unknown): boolean {
    this.watches.delete(path);
    const code = codeOf(error);
    // It is gone.
    if (code === 'ENOENT' || code === 'ENODEV') return true;
    this.fail(whyNot[code ?? ''] ?? describeErrno(error));
    return false;
  }

  private fail(why: string): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.options.onFailure(
      `cannot follow the memory events of every cgroup: ${why}. The agent sees OOM kills in the others at its next report`,
    );
  }
}

const whyNot: Readonly<Record<string, string>> = {
  ENOSPC: 'the inotify watches of its user are used up (sysctl fs.inotify.max_user_watches)',
  EMFILE: 'the inotify instances of its user are used up (sysctl fs.inotify.max_user_instances)',
};
