/** The cgroup tree of one host or recording, kept open between passes. */
import fs from 'node:fs';
import { CgroupGone, type CgroupId, type RawCgroup, type Skipped } from '../model/cgroup.ts';
import { Fault } from '../model/fault.ts';
import { codeOf } from './errors.ts';

export interface TreeOptions {
  /** The directory in which the hierarchy is mounted or recorded. */
  readonly directory: string;
  /** Where that directory stands in the hierarchy: `/` but for bind mounts of a subtree. */
  readonly root: string;
  /** On a kernel's file system a directory's link count tells of new children; in a recording it need not. */
  readonly live: boolean;
  /** Files read in every pass: their descriptors are kept open. */
  readonly hotFiles: readonly string[];
  /** How many descriptors may be kept open; beyond it files are opened for each read. */
  readonly maxOpen: number;
}

/** How often to look again for files that were not there: a controller can be switched on later. */
const passesUntilAbsentIsTriedAgain = 60;

/** How often one pass lists a directory whose children come and go while it looks. */
const rounds = 3;

/** Larger than any file read here: memory.stat has 2 KiB, a whole node's hugetlb files less. */
const bufferSize = 64 * 1024;

export class CgroupTree {
  private readonly options: TreeOptions;
  private readonly hot: ReadonlySet<string>;
  /** All reads go through these bytes, one after the other. */
  private readonly buffer = Buffer.allocUnsafeSlow(bufferSize);
  private readonly top: Directory;
  private opened = 0;
  private passes = 0;
  /** Reads and listings of the pass under way that failed for another reason than an end. */
  private skipped: Skipped[] = [];

  constructor(options: TreeOptions) {
    this.options = options;
    this.hot = new Set(options.hotFiles);
    this.top = new Directory(this, options.directory, options.root, fs.statSync(options.directory).ino);
  }

  /**
   * Visits every cgroup, parents first. The visitor reads what it wants at once, since the next read takes the same
   * bytes, and says whether to look below.
   * @returns the directories that could not be listed, with the reason
   */
  walk(visit: (raw: RawCgroup) => boolean): readonly Skipped[] {
    this.skipped = [];
    this.passes++;
    this.visit(this.top, visit);
    return this.skipped;
  }

  close(): void {
    this.top.close();
  }

  get retryAbsent(): boolean {
    return this.passes % passesUntilAbsentIsTriedAgain === 0;
  }

  /** @returns false when the cgroup is gone */
  private visit(directory: Directory, visit: (raw: RawCgroup) => boolean): boolean {
    try {
      // A kept descriptor tells that its cgroup has gone; where none was read last time, the directory has to be asked.
      const links = directory.tellsItself ? undefined : this.linksOf(directory);
      directory.readKept = false;
      const below = visit(directory);
      directory.tellsItself = this.options.live && directory.readKept && !below;
      if (!below) return true;
      const now = links ?? this.linksOf(directory);
      if (!this.options.live || now !== directory.links) this.list(directory, now);
      this.visitChildren(directory, visit);
      return true;
    } catch (error) {
      if (error instanceof CgroupGone) return false;
      throw error;
    }
  }

  /** The kernel counts a cgroup's children among its directory's links. @throws CgroupGone */
  private linksOf(directory: Directory): number {
    const stat = this.inspect(directory.path, directory.id.path);
    if (stat === undefined || stat.ino !== directory.id.inode) throw new CgroupGone();
    return stat.nlink;
  }

  private visitChildren(directory: Directory, visit: (raw: RawCgroup) => boolean): void {
    const visited = new Set<Directory>();
    // One child gone and another come leave the link count as it was: list again, until nothing went during the visit.
    let again = true;
    for (let round = 0; again && round < rounds; round++) {
      again = false;
      for (const [name, child] of directory.children) {
        if (visited.has(child)) continue;
        visited.add(child);
        if (this.visit(child, visit)) continue;
        child.close();
        directory.children.delete(name);
        again = this.options.live;
      }
      if (again) this.list(directory, undefined);
    }
  }

  private list(directory: Directory, links: number | undefined): void {
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(directory.path, { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV') throw new CgroupGone();
      this.skipped.push({
        cgroup: directory.id.path,
        why: `its children cannot be listed: ${denied(error)}`,
      });
      return;
    }
    directory.links = links;
    for (const entry of entries) {
      if (!entry.isDirectory() || directory.children.has(entry.name)) continue;
      const path = `${directory.id.path === '/' ? '' : directory.id.path}/${entry.name}`;
      if (entry.name.includes('\ufffd')) {
        this.skipped.push({ cgroup: path, why: 'its name is not UTF-8' });
        continue;
      }
      const stat = this.inspect(`${directory.path}/${entry.name}`, path);
      if (stat !== undefined)
        directory.children.set(
          entry.name,
          new Directory(this, `${directory.path}/${entry.name}`, path, stat.ino),
        );
    }
  }

  /** Undefined: gone, or, with a line in `skipped`, out of reach. */
  private inspect(path: string, cgroup: string): fs.Stats | undefined {
    try {
      return fs.statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if (codeOf(error) !== 'ENODEV')
        this.skipped.push({ cgroup, why: `it cannot be looked at: ${denied(error)}` });
      return undefined;
    }
  }

  /** Whether the descriptor of this file may stay open; if so it is counted until `release`. */
  keep(file: string): boolean {
    if (!this.options.live || !this.hot.has(file) || this.opened >= this.options.maxOpen) return false;
    this.opened++;
    return true;
  }

  release(): void {
    this.opened--;
  }

  /** One file from its beginning into the shared buffer: the kernel gives a cgroup file in one read. */
  readInto(descriptor: number): Uint8Array {
    const length = fs.readSync(descriptor, this.buffer, 0, bufferSize, 0);
    return this.buffer.subarray(0, length);
  }
}

/** One cgroup's directory. */
class Directory implements RawCgroup {
  readonly id: CgroupId;
  readonly path: string;
  readonly children = new Map<string, Directory>();
  /** The link count at the last listing. */
  links: number | undefined;
  /** Whether a read of this visit went through a kept descriptor. */
  readKept = false;
  /** Whether the next read will tell if the cgroup has gone. */
  tellsItself = false;
  private readonly tree: CgroupTree;
  private readonly descriptors = new Map<string, number>();
  private readonly absent = new Set<string>();

  constructor(tree: CgroupTree, path: string, cgroup: string, inode: number) {
    this.tree = tree;
    this.path = path;
    this.id = { path: cgroup, inode };
  }

  read(file: string): Uint8Array | undefined {
    const kept = this.descriptors.get(file);
    if (kept === undefined && this.absent.has(file) && !this.tree.retryAbsent) return undefined;
    let descriptor = kept;
    try {
      descriptor ??= fs.openSync(`${this.path}/${file}`, 'r');
      const bytes = this.tree.readInto(descriptor);
      if (bytes.length === bufferSize)
        throw new Fault({
          where: `${this.path}/${file}`,
          expected: `less than ${bufferSize} bytes`,
          got: 'a larger file',
        });
      this.readKept ||= kept !== undefined;
      if (kept === undefined && this.tree.keep(file)) {
        this.descriptors.set(file, descriptor);
        descriptor = undefined;
      }
      return bytes;
    } catch (error) {
      return this.failed(file, error);
    } finally {
      if (kept === undefined && descriptor !== undefined) fs.closeSync(descriptor);
    }
  }

  close(): void {
    for (const descriptor of this.descriptors.values()) {
      fs.closeSync(descriptor);
      this.tree.release();
    }
    this.descriptors.clear();
    for (const child of this.children.values()) child.close();
  }

  private failed(file: string, error: unknown): undefined {
    const code = codeOf(error);
    if (code === 'ENODEV') throw new CgroupGone();
    if (code === 'ENOENT') {
      if (!fs.existsSync(this.path)) throw new CgroupGone();
      this.absent.add(file);
      return undefined;
    }
    if (error instanceof Fault) throw error;
    throw new Fault({ where: `${this.path}/${file}`, expected: 'to read it', got: denied(error) });
  }
}

function denied(error: unknown): string {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM')
    return `${code}: permission denied (run as root, or as a user who may read it)`;
  return code ?? String(error);
}
