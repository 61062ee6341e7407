/** The days of one name, as packed rows of numbers: objects with these fields take thirty times the memory. */
import { flat, PackedReader, packNumbers } from './numbers.ts';

/** One day in UTC. Each field is the value of the replica with the most. */
export interface Day {
  /** The largest real. */
  peak: number;
  /** Active file cache that stayed all day, apart from the first hour of a lifetime. Absent: no lifetime was that long. */
  cache?: number;
  /** File cache, active or not, that stayed all day under an LRU that does not show what is read again. */
  unsorted?: number;
  /** Cache read back after the kernel had dropped it, in the hour with the most. Absent: the kernel does not count it. */
  refaulted?: number;
  /** Usage, including cache, reached the limit, so the kernel dropped cache. */
  squeezed?: true;
  /** The limit that real itself reached. The container may have wanted more. */
  atLimit?: number;
  /** The `memory.high` at which the kernel throttled it. The container may have wanted more. */
  throttled?: number;
  /** The largest working set, by which other tools size, and the largest parts of real. */
  workingSet?: number;
  anon?: number;
  shmem?: number;
  /** Largest percent of a minute in which all tasks waited for memory. Absent: the kernel does not report it. */
  stalled?: number;
}

const sizes = [
  'cache',
  'refaulted',
  'atLimit',
  'workingSet',
  'anon',
  'shmem',
  'stalled',
  'throttled',
  'unsorted',
] as const;
/** A row: the day number since 1970, the peak, whether it was squeezed, and the sizes. NaN: absent. */
const [peakAt, squeezedAt, sizesAt] = [1, 2, 3];
const width = sizesAt + sizes.length;
type Row = number[];
const unknownDay = (day: number): Row => [day, 0, ...new Array<number>(width - 2).fill(Number.NaN)];

/** A row and its place in the text. */
interface Place {
  readonly row: Row;
  readonly from: number;
  readonly to: number;
}

type DayEntry = readonly [number, Readonly<Day>];

/** A recommendation asks for the days of one name many times in a row. */
let lastUnpacked: { readonly packed: string; readonly entries: readonly DayEntry[] } = {
  packed: '',
  entries: [],
};

/** By day number since 1970, in order of insertion. */
export class Days implements Iterable<DayEntry> {
  /** The row inserted last comes first: nearly all changes concern today. */
  private packed = '';
  /** No day is before this one. */
  private forgotten = 0;

  /** Another text once a day changed. */
  get fingerprint(): string {
    return this.packed;
  }

  get size(): number {
    return this.keys().length;
  }

  get isEmpty(): boolean {
    return this.packed === '';
  }

  get(day: number): Day | undefined {
    const place = this.find(day);
    return place === undefined ? undefined : dayOf(place.row);
  }

  /** Replaces the day. */
  set(day: number, { peak, ...others }: Day): void {
    const row = unknownDay(day);
    row[peakAt] = peak;
    noteIn(row, { peak, ...others });
    this.put(row, this.find(day));
  }

  /** Keeps the larger value of each field. */
  note(day: number, more: Day): void {
    const place = this.find(day);
    const row = place?.row ?? unknownDay(day);
    const isNews = noteIn(row, more);
    if (isNews || place === undefined) this.put(row, place);
  }

  /** The same of a peak alone. Each sample is one, and nearly all are below the largest of today. */
  notePeak(day: number, peak: number): void {
    const reader = new PackedReader(this.packed);
    if (!reader.isAtEnd && reader.next() === day && peak <= reader.next()) return;
    this.note(day, { peak });
  }

  merge(other: Days): void {
    if (this.packed === '') {
      this.packed = other.packed;
      this.forgotten = other.forgotten;
      return;
    }
    for (const row of other.rows()) {
      const place = this.find(row[0] as number);
      const own = place?.row ?? unknownDay(row[0] as number);
      for (let index = peakAt; index < width; index++) raise(own, index, row[index]);
      this.put(own, place);
    }
  }

  delete(day: number): void {
    const place = this.find(day);
    if (place !== undefined)
      this.packed = flat(this.packed.slice(0, place.from) + this.packed.slice(place.to));
  }

  /** Drops days before this one. */
  forget(first: number): void {
    if (first === this.forgotten || this.isEmpty) return;
    for (const day of this.keys()) if (day < first) this.delete(day);
    this.forgotten = first;
  }

  keys(): readonly number[] {
    return this.rows().map((row) => row[0] as number);
  }

  values(): readonly Readonly<Day>[] {
    return this.entries().map(([, day]) => day);
  }

  [Symbol.iterator](): Iterator<DayEntry> {
    return this.entries().values();
  }

  private entries(): readonly DayEntry[] {
    if (lastUnpacked.packed !== this.packed)
      lastUnpacked = {
        packed: this.packed,
        entries: this.rows().map((row) => [row[0] as number, dayOf(row)] as const),
      };
    return lastUnpacked.entries;
  }

  private rows(): readonly Row[] {
    const reader = new PackedReader(this.packed);
    const rows: Row[] = [];
    while (!reader.isAtEnd) rows.push(reader.take(width));
    return rows.reverse();
  }

  private find(day: number): Place | undefined {
    const reader = new PackedReader(this.packed);
    while (!reader.isAtEnd) {
      const from = reader.at;
      const row = reader.take(width);
      if (Object.is(row[0], day)) return { row, from, to: reader.at };
    }
    return undefined;
  }

  /** @param place of the row that it replaces; undefined: it is new */
  private put(row: Row, place: Place | undefined): void {
    const { from, to } = place ?? { from: 0, to: 0 };
    this.packed = flat(this.packed.slice(0, from) + packNumbers(row) + this.packed.slice(to));
    if ((row[0] as number) < this.forgotten) this.forgotten = 0;
  }
}

/** @returns whether it changed the row */
function noteIn(row: Row, more: Day): boolean {
  let isNews = raise(row, peakAt, more.peak);
  if (more.squeezed) isNews = raise(row, squeezedAt, 1) || isNews;
  for (let index = 0; index < sizes.length; index++)
    isNews = raise(row, sizesAt + index, more[sizes[index] as (typeof sizes)[number]]) || isNews;
  return isNews;
}

/** @returns whether it changed the row */
function raise(row: Row, place: number, value: number | undefined): boolean {
  const known = row[place] as number;
  if (value === undefined || value <= known || Number.isNaN(value)) return false;
  row[place] = value;
  return true;
}

function dayOf(row: Row): Day {
  const day: Day = { peak: row[peakAt] as number };
  if (row[squeezedAt] === 1) day.squeezed = true;
  for (const [index, field] of sizes.entries()) {
    const value = row[sizesAt + index] as number;
    if (!Number.isNaN(value)) day[field] = value;
  }
  return day;
}
