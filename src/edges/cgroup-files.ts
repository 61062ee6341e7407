/** Reads the files of one cgroup into a shared buffer. Files read in every pass keep their descriptors open. */
import fs from 'node:fs';
import { CgroupGone } from '../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import { Numbers, putAt } from '../model/numbered.ts';
import { fill, readOn } from './files.ts';

/** Bytes. Larger than every file read here except cgroup.procs: memory.stat has 2 KiB. */
const bufferSize = 64 * 1024;

/** Maximum file size in bytes: cgroup.procs with some 140,000 processes. */
const longest = 1024 * 1024;

/**
 * The kernel's controllers whose files have a single record. They only have `seq_show` (mm/memcontrol.c, mm/hugetlb_cgroup.c).
 * The lists of processes (`cgroup.procs`) have a record for each line.
 */
const singleRecord = /^(?:memory|hugetlb)\.(?!kmem\.slabinfo)/;

/** Instead of a descriptor. */
const none = -1;

/** The cgroup's own directory, as a name in the set of hot files. */
const itself = '.';

/** A new cgroup gets its controllers a moment after its creation: retry a missing file in each of the first passes. */
const triesAtOnce = 3;
/** A number above it, for storing both in one. */
const triesStored = 4;
/** Controllers can also be enabled later: after that, retry a missing file once in so many passes. */
const passesBetweenTries = 60;

/** A recording is untrusted: never follow its links and never block on a pipe. */
const careful = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/** The buffer and the descriptor budget that all cgroups of a tree share. */
export class CgroupReader {
  private readonly hot: ReadonlySet<string>;
  private readonly maxOpen: number;
  /** The tree is on the kernel's cgroup file system. There, every entry that is not a directory is a regular file. */
  readonly live: boolean;
  private readonly buffer = Buffer.allocUnsafeSlow(bufferSize);
  /** Prefixes of the buffer by length, cached because the same lengths recur in every pass. */
  private readonly views: Uint8Array[] = [];
  /** Of the file names. */
  readonly numbers = new Numbers();
  private open = 0;
  private passes = 0;

  /**
   * @param hotFiles names of the files read in every pass: their descriptors stay open
   * @param maxOpen maximum number of open descriptors; beyond it each read opens the file
   */
  constructor(hotFiles: readonly string[], maxOpen: number, live: boolean) {
    this.live = live;
    this.hot = new Set([...hotFiles, itself]);
    this.maxOpen = maxOpen;
  }

  beginPass(): void {
    this.passes++;
  }

  /** Number of the current pass. */
  get pass(): number {
    return this.passes;
  }

  /** Whether this file's descriptor may stay open. If so, it counts against `maxOpen` until `release`. */
  keep(file: string): boolean {
    if (!this.hot.has(file) || this.open >= this.maxOpen) return false;
    this.open++;
    return true;
  }

  release(): void {
    this.open--;
  }

  /**
   * Reads a file of a single record with one system call: the kernel grows its own buffer until a record fits
   * (`seq_read_iter` in fs/seq_file.c).
   * @returns the bytes, valid until the next read; undefined when the file does not fit into the buffer
   */
  recordOf(descriptor: number): Uint8Array | undefined {
    const length = fs.readSync(descriptor, this.buffer, 0, bufferSize, 0);
    return length === bufferSize ? undefined : this.view(length);
  }

  /** Reads any file to its end. @returns the bytes, valid until the next read; undefined above the maximum size */
  wholeOf(descriptor: number): Uint8Array | undefined {
    const length = fill(descriptor, this.buffer, 0);
    return length === bufferSize ? readOn(descriptor, this.buffer, longest) : this.view(length);
  }

  private view(length: number): Uint8Array {
    const known = this.views[length];
    if (known !== undefined) return known;
    const view = this.buffer.subarray(0, length);
    this.views[length] = view;
    return view;
  }
}

/** The files of one cgroup. */
export class CgroupFiles {
  /** Whether the last `read` used a kept descriptor. If so, that read proved that the cgroup still exists. */
  readKept = false;
  private readonly directory: string;
  private readonly reader: CgroupReader;
  /** Descriptors that stay open, by the number of the file. -1: none. */
  private readonly kept: number[] = [];
  /** Missing files by their number: the pass of the last try × `triesStored` + the number of tries. 0: not missing. */
  private readonly absent: number[] = [];

  constructor(directory: string, reader: CgroupReader) {
    this.directory = directory;
    this.reader = reader;
  }

  /** @returns undefined when the cgroup has no such file @throws CgroupGone when it was removed; LocatedError */
  read(file: string): Uint8Array | undefined {
    const number = this.reader.numbers.of(file);
    const descriptor = this.kept[number] ?? none;
    try {
      if (descriptor !== none) {
        const bytes = this.reader.recordOf(descriptor) ?? this.wholeOf(file, descriptor);
        this.readKept = true;
        return bytes;
      }
      const missed = this.absent[number] ?? 0;
      if (
        missed % triesStored >= triesAtOnce &&
        this.reader.pass < Math.floor(missed / triesStored) + passesBetweenTries
      )
        return undefined;
      return this.readAnew(file, number);
    } catch (error) {
      return this.failed(file, number, error);
    }
  }

  close(): void {
    for (const descriptor of this.kept) {
      if (descriptor === none) continue;
      fs.closeSync(descriptor);
      this.reader.release();
    }
    this.kept.length = 0;
  }

  /** The directory's link count. With a kept descriptor this takes a quarter of the time. */
  countLinks(): number {
    const number = this.reader.numbers.of(itself);
    let descriptor = this.kept[number] ?? none;
    if (descriptor === none) {
      if (!this.reader.keep(itself)) return fs.statSync(this.directory).nlink;
      descriptor = fs.openSync(this.directory, 'r');
      putAt(this.kept, number, descriptor, none);
    }
    return fs.fstatSync(descriptor).nlink;
  }

  private readAnew(file: string, number: number): Uint8Array {
    const path = `${this.directory}/${file}`;
    const descriptor = fs.openSync(path, careful);
    let keeps = false;
    try {
      if (!this.reader.live && !fs.fstatSync(descriptor).isFile())
        throw new LocatedError({ where: path, expected: 'a file', got: 'something else' });
      const isRecord = this.reader.live && singleRecord.test(file);
      const record = isRecord ? this.reader.recordOf(descriptor) : undefined;
      const bytes = record ?? this.wholeOf(file, descriptor);
      if (number < this.absent.length) this.absent[number] = 0;
      keeps = this.reader.keep(file);
      if (keeps) putAt(this.kept, number, descriptor, none);
      return bytes;
    } finally {
      if (!keeps) fs.closeSync(descriptor);
    }
  }

  /** @throws LocatedError when the file is too large */
  private wholeOf(file: string, descriptor: number): Uint8Array {
    const bytes = this.reader.wholeOf(descriptor);
    if (bytes !== undefined) return bytes;
    const where = `${this.directory}/${file}`;
    throw new LocatedError({ where, expected: `at most ${longest} bytes`, got: 'a larger file' });
  }

  private failed(file: string, number: number, error: unknown): undefined {
    const code = codeOf(error);
    if (code === 'ENODEV' || (code === 'ENOENT' && !fs.existsSync(this.directory))) throw new CgroupGone();
    // The kernel may have the file without supporting it: memory.pressure with PSI disabled.
    if (code !== 'ENOENT' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP')
      throw error instanceof LocatedError
        ? error
        : new LocatedError({
            where: `${this.directory}/${file}`,
            expected: 'a readable file',
            got: describeErrno(error),
          });
    const tries = Math.min(triesAtOnce, ((this.absent[number] ?? 0) % triesStored) + 1);
    putAt(this.absent, number, this.reader.pass * triesStored + tries, 0);
    return undefined;
  }
}
