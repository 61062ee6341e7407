/** The cgroup tree of one host or recording, kept open between passes. */
import fs from 'node:fs';
import { CgroupGone, type CgroupId, type RawCgroup, type Skipped } from '../model/cgroup.ts';
import { CgroupFiles, Reading } from './cgroup-files.ts';
import { codeOf, denied } from './errors.ts';

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

export class CgroupTree {
  private readonly live: boolean;
  private readonly reading: Reading;
  private readonly directory: string;
  private top: Cgroup;
  private pass = 0;

  constructor({ directory, root, live, hotFiles, maxOpen }: TreeOptions) {
    this.live = live;
    this.reading = new Reading(hotFiles, live ? maxOpen : 0, live);
    this.directory = directory;
    this.top = this.open(root);
  }

  /**
   * Visits every cgroup, parents first. The visitor reads what it wants at once, since the next read takes the same
   * bytes, and says whether to look below.
   * @returns what could not be looked at, with the reason
   */
  walk(visit: (raw: RawCgroup) => boolean): readonly Skipped[] {
    this.reading.beginPass();
    this.pass++;
    const unseen: Skipped[] = [];
    if (!this.visit(this.top, visit, unseen)) {
      this.top.close();
      unseen.push({ cgroup: this.top.id.path, why: 'the hierarchy has gone' });
      // It may have been mounted anew: then the next pass reads that.
      if (fs.existsSync(this.directory)) this.top = this.open(this.top.id.path);
    }
    return unseen;
  }

  close(): void {
    this.top.close();
  }

  private open(path: string): Cgroup {
    return new Cgroup(this.directory, { path, inode: fs.statSync(this.directory).ino }, this.reading);
  }

  /** @returns false when the cgroup is gone */
  private visit(cgroup: Cgroup, visit: (raw: RawCgroup) => boolean, unseen: Skipped[]): boolean {
    try {
      // A kept descriptor tells that its cgroup has gone; where none was read last time, the directory has to be asked.
      if (!cgroup.tellsItself) cgroup.mustExist();
      cgroup.files.readKept = false;
      const below = visit(cgroup);
      cgroup.tellsItself = cgroup.files.readKept;
      if (!below) return true;
      const now = cgroup.files.countLinks();
      if (!this.live || now !== cgroup.links) cgroup.list(now);
      this.visitChildren(cgroup, visit, unseen);
      unseen.push(...cgroup.unseen);
      return true;
    } catch (error) {
      if (error instanceof CgroupGone || codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV')
        return false;
      if (codeOf(error) === undefined) throw error;
      unseen.push({ cgroup: cgroup.id.path, why: `it cannot be looked at: ${denied(error)}` });
      return true;
    }
  }

  private visitChildren(cgroup: Cgroup, visit: (raw: RawCgroup) => boolean, unseen: Skipped[]): void {
    // One child gone and another come leave the link count as it was: list again, until nothing went during the visit.
    let again = true;
    for (let round = 0; again && round < rounds; round++) {
      again = false;
      for (const [name, child] of cgroup.children) {
        if (child.pass === this.pass) continue;
        child.pass = this.pass;
        if (this.visit(child, visit, unseen)) continue;
        child.close();
        cgroup.children.delete(name);
        again = this.live;
      }
      // Counted anew in the next pass: what came meanwhile may not be in this listing.
      if (again) cgroup.list(undefined);
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

  /** @param links as counted before: a child that comes in between is found by the next pass */
  list(links: number | undefined): void {
    this.unseen = [];
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(this.directory, { withFileTypes: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV') throw new CgroupGone();
      this.unseen.push({ cgroup: this.id.path, why: `its children cannot be listed: ${denied(error)}` });
      this.links = undefined;
      return;
    }
    this.links = links;
    for (const entry of entries)
      if (entry.isDirectory() && !this.children.has(entry.name)) this.add(entry.name);
  }

  close(): void {
    this.files.close();
    for (const child of this.children.values()) child.close();
  }

  private add(name: string): void {
    const path = `${this.id.path === '/' ? '' : this.id.path}/${name}`;
    const directory = `${this.directory}/${name}`;
    if (name.includes('\ufffd')) {
      this.unseen.push({ cgroup: path, why: 'its name is not UTF-8' });
      return;
    }
    try {
      const inode = fs.statSync(directory, { throwIfNoEntry: false })?.ino;
      if (inode !== undefined) this.children.set(name, new Cgroup(directory, { path, inode }, this.reading));
    } catch (error) {
      if (codeOf(error) !== 'ENODEV')
        this.unseen.push({ cgroup: path, why: `it cannot be looked at: ${denied(error)}` });
    }
  }
}
