/** The cgroup tree of one host or recording, kept open between passes. */
import fs from 'node:fs';
import { CgroupGone, type CgroupId, type RawCgroup, type Skipped } from '../model/cgroup.ts';
import { codeOf, describeErrno } from '../model/located-error.ts';
import { CgroupFiles, Reading } from './cgroup-files.ts';
import { childOf, deepest, isText, longestPath, openDirectory, scan } from './cgroup-scan.ts';

export interface TreeOptions {
  /** The directory in which the hierarchy is mounted or recorded. */
  readonly directory: string;
  /** Where that directory stands in the hierarchy: `/` but for bind mounts of a subtree. */
  readonly root: string;
  /** On the kernel's own file system a directory's link count tells of new children; in a recording it need not. */
  readonly live: boolean;
  /** Files read in every pass: their descriptors are kept open. */
  readonly hotFiles: readonly string[];
  /** How many descriptors may be kept open. */
  readonly maxOpen: number;
}

/** How often one pass lists a directory whose children come and go while it looks. */
const rounds = 3;

/** Of the children of one cgroup that cannot be looked at, so many are named. */
const namedUnseen = 3;

/** Whether a cgroup that was just found is read at all. */
export type Admit = (path: string) => boolean;

const admitAll: Admit = () => true;

/** What reads the cgroups of a host. */
export type Tree = Pick<CgroupTree, 'walk' | 'scan' | 'close'>;

export class CgroupTree {
  private readonly live: boolean;
  private readonly reading: Reading;
  private readonly directory: string;
  private top: Cgroup;
  private pass = 0;
  /** The last one: it has directories open until it ends. */
  private scanning: Generator<RawCgroup, void> | undefined;
  private admit = admitAll;
  /** Whether this walk admits other cgroups than the last one did. */
  private admitsAnew = false;

  constructor({ directory, root, live, hotFiles, maxOpen }: TreeOptions) {
    this.live = live;
    this.reading = new Reading(hotFiles, live ? maxOpen : 0, live);
    this.directory = directory;
    this.top = this.open(root);
  }

  /**
   * Visits every cgroup, parents first. The visitor reads what it wants at once, since the next read takes the same
   * bytes, and says whether to look below.
   * @param admit keeps a cgroup, and all below it, out of the tree: nothing of it is read or remembered. The tree asks
   *   once for each that it finds; another function than in the last walk is asked for all
   * @returns what could not be looked at, with the reason
   */
  walk(visit: (raw: RawCgroup) => boolean, admit: Admit = admitAll): readonly Skipped[] {
    this.reading.beginPass();
    this.pass++;
    this.admitsAnew = admit !== this.admit;
    this.admit = admit;
    const unseen: Skipped[] = [];
    if (!this.visit(this.top, 0, visit, unseen)) {
      this.top.close();
      unseen.push({ cgroup: this.top.id.path, why: 'the hierarchy has gone' });
      // It may have been mounted anew: then the next pass reads that.
      if (fs.existsSync(this.directory)) this.top = this.open(this.top.id.path);
    }
    return unseen;
  }

  /** Every cgroup, whatever the walks admit; see cgroup-scan.ts. One at a time: the next one ends the last. */
  scan(below: () => boolean): Generator<RawCgroup, void> {
    this.scanning?.return();
    this.scanning = scan({ directory: this.directory, path: this.top.id.path }, this.live, below);
    return this.scanning;
  }

  close(): void {
    this.scanning?.return();
    this.top.close();
  }

  private open(path: string): Cgroup {
    return new Cgroup(this.directory, { path, inode: fs.statSync(this.directory).ino }, this.reading);
  }

  /** @returns false when the cgroup is gone */
  private visit(
    cgroup: Cgroup,
    depth: number,
    visit: (raw: RawCgroup) => boolean,
    unseen: Skipped[],
  ): boolean {
    try {
      // A kept descriptor tells that its cgroup has gone; where none was read last time, the directory has to be asked.
      if (!cgroup.tellsItself) cgroup.mustExist();
      cgroup.files.readKept = false;
      const below = visit(cgroup);
      cgroup.tellsItself = cgroup.files.readKept;
      if (!below) return true;
      const now = cgroup.files.countLinks();
      if (!this.live || this.admitsAnew || now !== cgroup.links)
        cgroup.list(now, depth < deepest ? this.admit : undefined, this.admitsAnew);
      this.visitChildren(cgroup, depth, visit, unseen);
      unseen.push(...cgroup.unseen);
      return true;
    } catch (error) {
      if (error instanceof CgroupGone || codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV')
        return false;
      if (codeOf(error) === undefined) throw error;
      unseen.push({ cgroup: cgroup.id.path, why: `it cannot be looked at: ${describeErrno(error)}` });
      return true;
    }
  }

  private visitChildren(
    cgroup: Cgroup,
    depth: number,
    visit: (raw: RawCgroup) => boolean,
    unseen: Skipped[],
  ): void {
    // One child gone and another come leave the link count as it was: list again, until nothing went during the visit.
    let again = true;
    for (let round = 0; again && round < rounds; round++) {
      again = false;
      for (const [name, child] of cgroup.children) {
        if (child.pass === this.pass) continue;
        child.pass = this.pass;
        if (this.visit(child, depth + 1, visit, unseen)) continue;
        child.close();
        cgroup.children.delete(name);
        again = this.live;
      }
      // Counted anew in the next pass: what came meanwhile may not be in this listing.
      if (again) cgroup.list(undefined, this.admit, false);
    }
  }
}

/** One cgroup of the tree, as long as it lives. */
class Cgroup implements RawCgroup {
  readonly id: CgroupId;
  readonly files: CgroupFiles;
  readonly children = new Map<string, Cgroup>();
  /** The directory's links, children among them, at the last listing; undefined: to be listed. */
  links: number | undefined;
  /** Of the children at the last listing, those that could not be looked at. */
  unseen: Skipped[] = [];
  /** The last pass that visited it. */
  pass = 0;
  /** Whether the next read will tell if the cgroup has gone. */
  tellsItself = false;
  private readonly directory: string;
  private readonly reading: Reading;

  constructor(directory: string, id: CgroupId, reading: Reading) {
    this.id = id;
    this.directory = directory;
    this.reading = reading;
    this.files = new CgroupFiles(directory, reading);
  }

  read(file: string): Uint8Array | undefined {
    return this.files.read(file);
  }

  /** @throws CgroupGone where there is none any more, or another one under its name */
  mustExist(): void {
    const stat = fs.statSync(this.directory, { throwIfNoEntry: false });
    if (stat === undefined || stat.ino !== this.id.inode) throw new CgroupGone();
  }

  /**
   * @param links as counted before: a child that comes in between is found by the next pass
   * @param admit undefined: no child is, since it would be too deep
   * @param anew whether those that are known are asked for again
   */
  list(links: number | undefined, admit: Admit | undefined, anew: boolean): void {
    this.unseen = [];
    if (anew)
      for (const [name, child] of this.children)
        if (admit?.(child.id.path) !== true) {
          child.close();
          this.children.delete(name);
        }
    let found: fs.Dir;
    try {
      found = openDirectory(this.directory);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV') throw new CgroupGone();
      this.unseen.push({
        cgroup: this.id.path,
        why: `its children cannot be listed: ${describeErrno(error)}`,
      });
      this.links = undefined;
      return;
    }
    this.links = links;
    try {
      this.addAll(found, admit);
    } finally {
      found.closeSync();
    }
  }

  close(): void {
    this.files.close();
    for (const child of this.children.values()) child.close();
  }

  private addAll(found: fs.Dir, admit: Admit | undefined): void {
    const { path: cgroup } = this.id;
    const admitted: string[] = [];
    let [tooDeep, more] = [false, 0];
    // Anyone who may make one such name can make thousands.
    const tell = (unseen: Skipped | undefined): void => {
      if (unseen === undefined) return;
      if (this.unseen.length < namedUnseen) this.unseen.push(unseen);
      else more++;
    };
    for (let entry = found.readSync(); entry !== null; entry = found.readSync()) {
      if (!entry.isDirectory() || this.children.has(entry.name)) continue;
      const path = childOf(cgroup, entry.name);
      if (admit === undefined) tooDeep = true;
      else if (path.length > longestPath)
        tell({ cgroup, why: `a path below it has more than ${longestPath} characters` });
      else if (!isText(entry.name)) tell({ cgroup: path, why: 'its name is not UTF-8' });
      else if (admit(path)) admitted.push(entry.name);
    }
    // In one order, wherever a recording was copied to.
    for (const name of admitted.sort()) tell(this.add(name));
    if (tooDeep) this.unseen.push({ cgroup, why: `what is below is more than ${deepest} levels deep` });
    if (more > 0) this.unseen.push({ cgroup, why: `${more} more below it cannot be looked at` });
  }

  /** @returns why it cannot be looked at */
  private add(name: string): Skipped | undefined {
    const path = childOf(this.id.path, name);
    const directory = `${this.directory}/${name}`;
    try {
      const inode = fs.statSync(directory, { throwIfNoEntry: false })?.ino;
      if (inode !== undefined) this.children.set(name, new Cgroup(directory, { path, inode }, this.reading));
    } catch (error) {
      if (codeOf(error) !== 'ENODEV')
        return { cgroup: path, why: `it cannot be looked at: ${describeErrno(error)}` };
    }
    return undefined;
  }
}
