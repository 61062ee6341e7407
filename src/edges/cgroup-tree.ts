/** The cgroup tree of one host or recording. It stays open between passes. */
import fs from 'node:fs';
import { CgroupGone, type CgroupId, type RawCgroup, type Skipped } from '../model/cgroup.ts';
import { codeOf, describeErrno } from '../model/located-error.ts';
import { CgroupFiles, CgroupReader } from './cgroup-files.ts';
import { childOf, deepest, isText, longestPath, openDirectory, scan } from './cgroup-scan.ts';

export interface TreeOptions {
  /** The directory where the hierarchy is mounted or recorded. */
  readonly directory: string;
  /** That directory's path in the hierarchy: `/`, except for bind mounts of a subtree. */
  readonly root: string;
  /** The tree is on the kernel's cgroup file system, where a directory's link count reveals new children. */
  readonly live: boolean;
  /** Files read in every pass: their descriptors stay open. */
  readonly hotFiles: readonly string[];
  /** Maximum number of open descriptors. */
  readonly maxOpen: number;
}

/** How often one pass lists a directory again when children vanish during the visit. */
const rounds = 3;

/** Maximum number of unreadable children to report by name, per cgroup. */
const namedUnseen = 3;

/** Decides whether a newly found cgroup enters the tree. */
export type Admit = (path: string) => boolean;

const admitAll: Admit = () => true;

/** Whether to visit the children. `late`: known ones first, and look for new ones only if `Leave` asks for it. */
export type Descent = boolean | 'late';

/**
 * Called after the children of a cgroup with a `late` descent.
 * @param looked whether new children have been looked for
 * @returns whether to look for new children now. Then a second call follows
 */
export type Leave = (raw: RawCgroup, looked: boolean) => boolean;

const neverLook: Leave = () => false;

/** The part of CgroupTree that its users need. Wrappers (hugetlb, recordings) implement it too. */
export type Tree = Pick<CgroupTree, 'walk' | 'scan' | 'close'>;

export class CgroupTree {
  private readonly live: boolean;
  private readonly reader: CgroupReader;
  private readonly directory: string;
  private top: Cgroup;
  private pass = 0;
  /** The latest scan. It holds directories open until it ends. */
  private scanning: Generator<RawCgroup, void> | undefined;
  private admit = admitAll;
  private leave = neverLook;
  /** Whether this walk uses another `admit` than the previous one. */
  private admitsAnew = false;

  constructor({ directory, root, live, hotFiles, maxOpen }: TreeOptions) {
    this.live = live;
    this.reader = new CgroupReader(hotFiles, live ? maxOpen : 0, live);
    this.directory = directory;
    this.top = this.open(root);
  }

  /**
   * Visits every cgroup, parents first.
   * @param visit reads the files it needs at once, as the next read overwrites the bytes. Returns whether to descend
   * @param admit returns false to keep a cgroup and its descendants out of the tree: the tree then neither reads nor
   *   remembers them. The tree calls it once per cgroup found. Another function than in the last walk is called for all
   * @param leave called after the children of a cgroup with a `late` descent
   * @returns the cgroups that could not be read, with the reason
   */
  walk(
    visit: (raw: RawCgroup) => Descent,
    admit: Admit = admitAll,
    leave: Leave = neverLook,
  ): readonly Skipped[] {
    this.leave = leave;
    this.reader.beginPass();
    this.pass++;
    this.admitsAnew = admit !== this.admit;
    this.admit = admit;
    const unseen: Skipped[] = [];
    if (!this.visit(this.top, 0, visit, unseen)) {
      this.top.close();
      unseen.push({ cgroup: this.top.id.path, why: 'the cgroup hierarchy was unmounted' });
      // It may have been mounted again: the next pass then reads the new mount.
      if (fs.existsSync(this.directory)) this.top = this.open(this.top.id.path);
    }
    return unseen;
  }

  /** Scans every cgroup, admitted or not (see cgroup-scan.ts). A new scan ends the previous one. */
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
    return new Cgroup(this.directory, { path, inode: fs.statSync(this.directory).ino }, this.reader);
  }

  /** @returns false when the cgroup was removed */
  private visit(
    cgroup: Cgroup,
    depth: number,
    visit: (raw: RawCgroup) => Descent,
    unseen: Skipped[],
  ): boolean {
    try {
      // Reading a kept descriptor fails once the cgroup is gone. Without one, check the directory.
      if (!cgroup.detectsRemoval) cgroup.mustExist();
      cgroup.files.readKept = false;
      const below = visit(cgroup);
      cgroup.detectsRemoval = cgroup.files.readKept;
      if (below === false) return true;
      const isLate = below === 'late' && this.live && !this.admitsAnew && cgroup.links !== undefined;
      if (!isLate) this.look(cgroup, depth);
      this.visitChildren(cgroup, depth, visit, unseen);
      if (below === 'late' && this.leave(cgroup, !isLate)) {
        this.look(cgroup, depth);
        this.visitChildren(cgroup, depth, visit, unseen);
        this.leave(cgroup, true);
      }
      if (below === 'late') cgroup.detectsRemoval = cgroup.files.readKept;
      for (const one of cgroup.unseen) unseen.push(one);
      return true;
    } catch (error) {
      if (error instanceof CgroupGone || codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV')
        return false;
      if (codeOf(error) === undefined) throw error;
      unseen.push({ cgroup: cgroup.id.path, why: `cannot read the cgroup: ${describeErrno(error)}` });
      return true;
    }
  }

  /** Lists the children if there may be new ones. */
  private look(cgroup: Cgroup, depth: number): void {
    const now = cgroup.files.countLinks();
    if (!this.live || this.admitsAnew || now !== cgroup.links)
      cgroup.list(now, depth < deepest ? this.admit : undefined, this.admitsAnew);
  }

  private visitChildren(
    cgroup: Cgroup,
    depth: number,
    visit: (raw: RawCgroup) => Descent,
    unseen: Skipped[],
  ): void {
    // One child gone and another created leave the link count unchanged. So list again until no child vanishes.
    let again = true;
    for (let round = 0; again && round < rounds; round++) {
      again = false;
      // An index, because an iterator allocates two objects for each cgroup of each pass.
      for (let index = 0; index < cgroup.children.length; ) {
        const child = cgroup.children[index] as Cgroup;
        index++;
        if (child.pass === this.pass) continue;
        child.pass = this.pass;
        if (this.visit(child, depth + 1, visit, unseen)) continue;
        child.close();
        cgroup.children.splice(--index, 1);
        again = this.live;
      }
      // Links undefined: the next pass lists again, because this listing may miss a child created meanwhile.
      if (again) cgroup.list(undefined, this.admit, false);
    }
  }
}

/** One cgroup of the tree, from its discovery to its removal. */
class Cgroup implements RawCgroup {
  readonly id: CgroupId;
  readonly files: CgroupFiles;
  /** In the order in which they were found. */
  readonly children: Cgroup[] = [];
  /** The directory's link count at the last listing. Undefined: list it in the next pass. */
  links: number | undefined;
  /** Children of the last listing that could not be read. */
  unseen: Skipped[] = [];
  /** Number of the last pass that visited it. */
  pass = 0;
  /** Whether the next read will fail if the cgroup is gone. */
  detectsRemoval = false;
  private readonly directory: string;
  private readonly reader: CgroupReader;

  constructor(directory: string, id: CgroupId, reader: CgroupReader) {
    this.id = id;
    this.directory = directory;
    this.reader = reader;
    this.files = new CgroupFiles(directory, reader);
  }

  get name(): string {
    return this.id.path.slice(this.id.path.lastIndexOf('/') + 1);
  }

  read(file: string): Uint8Array | undefined {
    return this.files.read(file);
  }

  /** @throws CgroupGone when the cgroup was removed, or replaced by another with the same path */
  mustExist(): void {
    const stat = fs.statSync(this.directory, { throwIfNoEntry: false });
    if (stat === undefined || stat.ino !== this.id.inode) throw new CgroupGone();
  }

  /**
   * Lists the children and adds the new ones.
   * @param links the link count before listing, so that the next pass finds a child created meanwhile
   * @param admit undefined: admit none, as they would be too deep
   * @param anew whether to call `admit` for known children too
   */
  list(links: number | undefined, admit: Admit | undefined, anew: boolean): void {
    this.unseen = [];
    if (anew)
      for (const child of this.children.splice(0)) {
        if (admit?.(child.id.path) === true) this.children.push(child);
        else child.close();
      }
    let found: fs.Dir;
    try {
      found = openDirectory(this.directory);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV') throw new CgroupGone();
      this.unseen.push({
        cgroup: this.id.path,
        why: `cannot list its children: ${describeErrno(error)}`,
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
    for (const child of this.children) child.close();
  }

  private addAll(found: fs.Dir, admit: Admit | undefined): void {
    const { path: cgroup } = this.id;
    const known = new Set(this.children.map(({ name }) => name));
    const admitted: string[] = [];
    let [tooDeep, more] = [false, 0];
    // An attacker who can create one such name can create thousands: report a few.
    const report = (unseen: Skipped | undefined): void => {
      if (unseen === undefined) return;
      if (this.unseen.length < namedUnseen) this.unseen.push(unseen);
      else more++;
    };
    for (let entry = found.readSync(); entry !== null; entry = found.readSync()) {
      if (!entry.isDirectory() || known.has(entry.name)) continue;
      const path = childOf(cgroup, entry.name);
      if (admit === undefined) tooDeep = true;
      else if (path.length > longestPath)
        report({ cgroup, why: `the path of a child is longer than ${longestPath} characters` });
      else if (!isText(entry.name)) report({ cgroup: path, why: 'its name is not valid UTF-8' });
      else if (admit(path)) admitted.push(entry.name);
    }
    // A stable order, even when a recording was copied to another file system.
    for (const name of admitted.sort()) report(this.add(name));
    if (tooDeep) this.unseen.push({ cgroup, why: `its children are more than ${deepest} levels deep` });
    if (more > 0) this.unseen.push({ cgroup, why: `${more} more of its children cannot be read` });
  }

  /** @returns why the child cannot be read; undefined on success */
  private add(name: string): Skipped | undefined {
    const path = childOf(this.id.path, name);
    const directory = `${this.directory}/${name}`;
    try {
      const inode = fs.statSync(directory, { throwIfNoEntry: false })?.ino;
      if (inode !== undefined) this.children.push(new Cgroup(directory, { path, inode }, this.reader));
    } catch (error) {
      if (codeOf(error) !== 'ENODEV')
        return { cgroup: path, why: `cannot read the cgroup: ${describeErrno(error)}` };
    }
    return undefined;
  }
}
