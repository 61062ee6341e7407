/** The files of one cgroup: read into a shared buffer, the often read ones over descriptors kept open. */
import fs from 'node:fs';
import { CgroupGone } from '../model/cgroup.ts';
import { Fault } from '../model/fault.ts';
import { codeOf, denied } from './errors.ts';

/** Larger than any file read here: memory.stat has 2 KiB. */
const bufferSize = 64 * 1024;

/** How often to look again for files that were not there: a controller can be switched on later. */
const passesUntilAbsentIsTriedAgain = 60;

/** What the files of all cgroups of a tree share. */
export class Reading {
  private readonly hot: ReadonlySet<string>;
  private readonly maxOpen: number;
  private readonly buffer = Buffer.allocUnsafeSlow(bufferSize);
  private open = 0;
  private passes = 0;

  /**
   * @param hotFiles read in every pass: worth a descriptor kept open
   * @param maxOpen how many may be; beyond it files are opened for each read
   */
  constructor(hotFiles: readonly string[], maxOpen: number) {
    this.hot = new Set(hotFiles);
    this.maxOpen = maxOpen;
  }

  beginPass(): void {
    this.passes++;
  }

  get retriesAbsent(): boolean {
    return this.passes % passesUntilAbsentIsTriedAgain === 0;
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

  /** One file from its beginning: the kernel gives a cgroup file in one read. The bytes are good until the next. */
  bytesOf(descriptor: number, path: string): Uint8Array {
    const length = fs.readSync(descriptor, this.buffer, 0, bufferSize, 0);
    if (length === bufferSize)
      throw new Fault({ where: path, expected: `less than ${bufferSize} bytes`, got: 'a larger file' });
    return this.buffer.subarray(0, length);
  }
}

export class CgroupFiles {
  /** Whether the last `read` of a hot file went over a kept descriptor: then it told that the cgroup is still there. */
  readKept = false;
  private readonly directory: string;
  private readonly reading: Reading;
  private readonly kept = new Map<string, number>();
  private readonly absent = new Set<string>();

  constructor(directory: string, reading: Reading) {
    this.directory = directory;
    this.reading = reading;
  }

  /** Undefined where there is no such file. @throws CgroupGone; Fault */
  read(file: string): Uint8Array | undefined {
    const path = `${this.directory}/${file}`;
    const descriptor = this.kept.get(file);
    try {
      if (descriptor !== undefined) {
        const bytes = this.reading.bytesOf(descriptor, path);
        this.readKept = true;
        return bytes;
      }
      if (this.absent.has(file) && !this.reading.retriesAbsent) return undefined;
      return this.readAnew(file, path);
    } catch (error) {
      return this.failed(file, path, error);
    }
  }

  close(): void {
    for (const descriptor of this.kept.values()) {
      fs.closeSync(descriptor);
      this.reading.release();
    }
    this.kept.clear();
  }

  private readAnew(file: string, path: string): Uint8Array {
    const descriptor = fs.openSync(path, 'r');
    let keeps = false;
    try {
      const bytes = this.reading.bytesOf(descriptor, path);
      keeps = this.reading.keep(file);
      if (keeps) this.kept.set(file, descriptor);
      return bytes;
    } finally {
      if (!keeps) fs.closeSync(descriptor);
    }
  }

  private failed(file: string, path: string, error: unknown): undefined {
    const code = codeOf(error);
    if (code === 'ENODEV' || (code === 'ENOENT' && !fs.existsSync(this.directory))) throw new CgroupGone();
    if (code !== 'ENOENT')
      throw error instanceof Fault
        ? error
        : new Fault({ where: path, expected: 'to read it', got: denied(error) });
    this.absent.add(file);
    return undefined;
  }
}
