/** A kernel with one cgroup: its two LRUs, refaults, reclaim that takes too much, large folios, and a workload that touches pages. */
import { bytes } from '../../src/model/bytes.ts';
import type { Reading } from '../../src/probe/reading.ts';
import type { Next } from '../../src/probe/search.ts';

export const MiB = 2 ** 20;
export const pageBytes = 4096;
/** Pages of a file that the workload reads together. */
const chunkPages = 16;
const chunkBytes = chunkPages * pageBytes;
const tickMs = 50;

export const chunksOf = (mebibytes: number): number => Math.round((mebibytes * MiB) / chunkBytes);

/** The chunks that the workload reads from one time to the next, in milliseconds. */
export type Workload = (from: number, to: number) => Iterable<number>;

export type SimulatedLru = 'classic' | 'multi-generational';

export interface SimulatedOptions {
  readonly lru: SimulatedLru;
  /** Reclaim takes up to this many times what it is asked for. */
  readonly overshoot: number;
  readonly random: () => number;
  /** Real memory at a time. */
  readonly real: (at: number) => number;
  /** Milliseconds that a task waits for one chunk from the disk. */
  readonly diskMs: number;
  /** Reading an active chunk again does not move it, as with mapped files. */
  readonly keepsPlaces?: boolean;
}

export class Simulated {
  at = 0;
  rereads = 0;
  private stalledMs = 0;
  /** Chunks in the order in which the kernel takes them. */
  private readonly inactive = new Map<number, { referenced: boolean }>();
  private readonly active = new Set<number>();
  private readonly evicted = new Set<number>();
  /** Chunks that the kernel read together. It keeps and takes them together, in the place of the first. */
  private readonly folios = new Map<number, readonly number[]>();
  private readonly firstInFolio = new Map<number, number>();
  private readonly workload: Workload;
  private readonly options: SimulatedOptions;

  constructor(workload: Workload, options: SimulatedOptions) {
    this.workload = workload;
    this.options = options;
  }

  reading(): Reading {
    let chunks = this.inactive.size + this.active.size;
    for (const all of this.folios.values()) chunks += all.length - 1;
    const cache = chunks * chunkBytes;
    const real = Math.round(this.options.real(this.at));
    return {
      at: this.at,
      usageBytes: bytes(real + cache),
      realBytes: bytes(real),
      cacheBytes: bytes(cache),
      rereads: this.rereads,
      stalledMs: this.stalledMs,
    };
  }

  act(next: Next): void {
    if (next.kind === 'take') this.take(next.bytes);
    if (next.kind === 'wait') this.run(next.ms);
  }

  /** Reads chunks into one large folio. */
  readTogether(chunks: readonly number[]): void {
    const [first] = chunks;
    if (first === undefined) return;
    this.folios.set(first, chunks);
    for (const chunk of chunks) this.firstInFolio.set(chunk, first);
    this.read(first);
  }

  read(wanted: number): void {
    const chunk = this.firstInFolio.get(wanted) ?? wanted;
    if (this.evicted.delete(chunk)) {
      this.rereads += chunkPages;
      this.stalledMs += this.options.diskMs;
      // The kernel activates what comes back soon.
      this.active.add(chunk);
      return;
    }
    if (this.active.has(chunk)) {
      if (this.options.keepsPlaces === true) return;
      this.active.delete(chunk);
      this.active.add(chunk);
      return;
    }
    const state = this.inactive.get(chunk);
    if (state === undefined) this.inactive.set(chunk, { referenced: false });
    else if (this.options.lru === 'multi-generational') {
      this.inactive.delete(chunk);
      this.inactive.set(chunk, { referenced: true });
    } else if (state.referenced) {
      this.inactive.delete(chunk);
      this.active.add(chunk);
    } else state.referenced = true;
  }

  run(ms: number): void {
    const until = this.at + ms;
    while (this.at < until) {
      const to = Math.min(until, this.at + tickMs);
      for (const chunk of this.workload(this.at, to)) this.read(chunk);
      this.at = to;
    }
  }

  private take(amount: number): void {
    const { overshoot, random } = this.options;
    const wanted = Math.ceil((amount * (1 + random() * (overshoot - 1))) / chunkBytes);
    // One iterator each: a new one would skip all deleted entries again.
    const [inactive, active] = [this.inactive.keys(), this.active.values()];
    for (let taken = 0; taken < wanted; taken++) {
      if (this.inactive.size < this.active.size) this.deactivate(active.next().value);
      const chunk = inactive.next().value;
      if (chunk === undefined) return;
      this.inactive.delete(chunk);
      taken += this.evict(chunk) - 1;
    }
  }

  /** What comes back of a large folio comes back chunk by chunk. @returns number of chunks */
  private evict(chunk: number): number {
    const all = this.folios.get(chunk) ?? [chunk];
    this.folios.delete(chunk);
    for (const one of all) {
      this.firstInFolio.delete(one);
      this.evicted.add(one);
    }
    return all.length;
  }

  private deactivate(oldest: number | undefined): void {
    if (oldest === undefined) return;
    this.active.delete(oldest);
    this.inactive.set(oldest, { referenced: true });
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Reads chunks from `first` on, `count` of them every `periodMs`, evenly, or all at its begin. */
export const rereading = (first: number, count: number, periodMs: number, inBursts: boolean): Workload =>
  function* (from, to) {
    const busyMs = inBursts ? Math.min(periodMs, 500) : periodMs;
    const indexAt = (at: number): number => {
      const round = Math.floor(at / periodMs);
      return round * count + Math.floor((Math.min(at - round * periodMs, busyMs) / busyMs) * count);
    };
    for (let index = indexAt(from); index < indexAt(to); index++) yield first + (index % count);
  };

/** Reads random chunks of a file. */
export const atRandom = (first: number, count: number, perSecond: number, random: () => number): Workload =>
  function* (from, to) {
    const times = Math.floor((to / 1000) * perSecond) - Math.floor((from / 1000) * perSecond);
    for (let index = 0; index < times; index++) yield first + Math.floor(random() * count);
  };

/** Reads a new file once. */
export const streaming = (first: number, chunksPerSecond: number): Workload =>
  function* (from, to) {
    const indexAt = (at: number): number => Math.floor((at / 1000) * chunksPerSecond);
    for (let index = indexAt(from); index < indexAt(to); index++) yield first + index;
  };

export const together = (...workloads: readonly Workload[]): Workload =>
  function* (from, to) {
    for (const workload of workloads) yield* workload(from, to);
  };
