/** The files of one cgroup: read into a shared buffer, the often read ones over descriptors kept open. */
import fs from 'node:fs';
import { CgroupGone } from '../model/cgroup.ts';
import { codeOf, describeErrno, LocatedError } from '../model/located-error.ts';
import { fill, readOn } from './files.ts';

/** Larger than all files read here but cgroup.procs: memory.stat has 2 KiB. */
const bufferSize = 64 * 1024;

/** In bytes. cgroup.procs has as much at some 140,000 processes. */
const longest = 1024 * 1024;

/** The directory, among its files. */
const itself = '.';

/** A cgroup is made before its controllers are switched on: what is not there is looked for again at once, */
const triesAtOnce = 3;
/** and then, since controllers can be switched on later, now and then. */
const passesBetweenTries = 60;

/** A recording may hold anything: no link is followed out of it, and no pipe waited for. */
const careful = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/** What the files of all cgroups of a tree share. */
export class Reading {
  private readonly hot: ReadonlySet<string>;
  private readonly maxOpen: number;
  /** On the kernel's own file system every file is one. */
  readonly live: boolean;
  private readonly buffer = Buffer.allocUnsafeSlow(bufferSize);
  /** The buffer's beginnings, by their length: made once, since the same lengths come again and again. */
  private readonly views: Uint8Array[] = [];
  private open = 0;
  private passes = 0;

  /**
   * @param hotFiles read in every pass: worth a descriptor kept open
   * @param maxOpen how many may be; beyond it files are opened for each read
   */
  constructor(hotFiles: readonly string[], maxOpen: number, live: boolean) {
    this.live = live;
    this.hot = new Set([...hotFiles, itself]);
    this.maxOpen = maxOpen;
  }

  beginPass(): void {
    this.passes++;
  }

  /** The number of the pass under way. */
  get pass(): number {
    return this.passes;
  }

  /** Whether the descriptor of this file may stay open; if so it counts until `release`. */
  keep(file: string): boolean {
    if (!this.hot.has(file) || this.open >= this.maxOpen) return false;
    this.open++;
    return true;
  }

  release(): void {
    this.open--;
  }

  /**
   * A hot file, in one read. Each is a single record, and the kernel grows its buffer until a record fits, so that the
   * first read has all of it (`seq_read_iter` in fs/seq_file.c; memory.stat and the files of one number have `seq_show`
   * alone in mm/memcontrol.c). Undefined: it is larger than the buffer. The bytes are good until the next read.
   */
  recordOf(descriptor: number): Uint8Array | undefined {
    const length = fs.readSync(descriptor, this.buffer, 0, bufferSize, 0);
    return length === bufferSize ? undefined : this.view(length);
  }

  /** Any file, to its end. Undefined: it is too long. The bytes are good until the next read. */
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

export class CgroupFiles {
  /** Whether the last `read` of a hot file went over a kept descriptor: then it told that the cgroup is still there. */
  readKept = false;
  private readonly directory: string;
  private readonly reading: Reading;
  private readonly kept = new Map<string, number>();
  /** What was not there: how often it was looked for, and when last. */
  private readonly absent = new Map<string, { readonly tries: number; readonly pass: number }>();

  constructor(directory: string, reading: Reading) {
    this.directory = directory;
    this.reading = reading;
  }

  /** Undefined where there is no such file. @throws CgroupGone; Fault */
  read(file: string): Uint8Array | undefined {
    const descriptor = this.kept.get(file);
    try {
      if (descriptor !== undefined) {
        const bytes = this.reading.recordOf(descriptor) ?? this.wholeOf(file, descriptor);
        this.readKept = true;
        return bytes;
      }
      const missed = this.absent.get(file);
      if (
        missed !== undefined &&
        missed.tries >= triesAtOnce &&
        this.reading.pass < missed.pass + passesBetweenTries
      )
        return undefined;
      return this.readAnew(file);
    } catch (error) {
      return this.failed(file, error);
    }
  }

  close(): void {
    for (const descriptor of this.kept.values()) {
      fs.closeSync(descriptor);
      this.reading.release();
    }
    this.kept.clear();
  }

  /** The links of the directory: over a descriptor kept open, where one can be, that takes a quarter of the time. */
  countLinks(): number {
    let descriptor = this.kept.get(itself);
    if (descriptor === undefined) {
      if (!this.reading.keep(itself)) return fs.statSync(this.directory).nlink;
      descriptor = fs.openSync(this.directory, 'r');
      this.kept.set(itself, descriptor);
    }
    return fs.fstatSync(descriptor).nlink;
  }

  private readAnew(file: string): Uint8Array {
    const path = `${this.directory}/${file}`;
    const descriptor = fs.openSync(path, careful);
    let keeps = false;
    try {
      if (!this.reading.live && !fs.fstatSync(descriptor).isFile())
        throw new LocatedError({ where: path, expected: 'a file', got: 'something else' });
      const bytes = this.wholeOf(file, descriptor);
      this.absent.delete(file);
      keeps = this.reading.keep(file);
      if (keeps) this.kept.set(file, descriptor);
      return bytes;
    } finally {
      if (!keeps) fs.closeSync(descriptor);
    }
  }

  /** @throws Fault */
  private wholeOf(file: string, descriptor: number): Uint8Array {
    const bytes = this.reading.wholeOf(descriptor);
    if (bytes !== undefined) return bytes;
    const where = `${this.directory}/${file}`;
    throw new LocatedError({ where, expected: `at most ${longest} bytes`, got: 'a larger file' });
  }

  private failed(file: string, error: unknown): undefined {
    const code = codeOf(error);
    if (code === 'ENODEV' || (code === 'ENOENT' && !fs.existsSync(this.directory))) throw new CgroupGone();
    // A kernel can have a file and nothing to say in it: memory.pressure where PSI is off.
    if (code !== 'ENOENT' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP')
      throw error instanceof LocatedError
        ? error
        : new LocatedError({
            where: `${this.directory}/${file}`,
            expected: 'to read it',
            got: describeErrno(error),
          });
    const { pass } = this.reading;
    this.absent.set(file, { tries: (this.absent.get(file)?.tries ?? 0) + 1, pass });
    return undefined;
  }
}
