/** The days of one name, as rows of numbers: objects with these fields take four times the memory. */

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
const unknownDay = (day: number): readonly number[] => [day, 0, ...new Array(width - 2).fill(Number.NaN)];

/** By day number since 1970, in order of insertion. */
export class Days implements Iterable<readonly [number, Day]> {
  private rows: number[] = [];

  get size(): number {
    return this.rows.length / width;
  }

  get(day: number): Day | undefined {
    const row = this.find(day);
    return row === undefined ? undefined : this.dayAt(row);
  }

  /** Replaces the day. */
  set(day: number, { peak, ...others }: Day): void {
    const row = this.rowOf(day);
    this.rows.splice(row, width, ...unknownDay(day));
    this.rows[row + peakAt] = peak;
    this.note(day, { peak, ...others });
  }

  /** Keeps the larger value of each field. */
  note(day: number, more: Day): void {
    const row = this.rowOf(day);
    this.raise(row + peakAt, more.peak);
    if (more.squeezed) this.raise(row + squeezedAt, 1);
    for (let index = 0; index < sizes.length; index++)
      this.raise(row + sizesAt + index, more[sizes[index] as (typeof sizes)[number]]);
  }

  merge(other: Days): void {
    const { rows } = other;
    // Grows once: an array that grows row by row keeps as much spare capacity again.
    const news = other.keys().filter((day) => this.find(day) === undefined);
    if (news.length > 0) this.rows = this.rows.concat(...news.map(unknownDay));
    for (let from = 0; from < rows.length; from += width) {
      const row = this.rowOf(rows[from] as number);
      for (let index = peakAt; index < width; index++) this.raise(row + index, rows[from + index]);
    }
  }

  delete(day: number): void {
    const row = this.find(day);
    if (row !== undefined) this.rows.splice(row, width);
  }

  keys(): readonly number[] {
    return this.starts.map((row) => this.rows[row] as number);
  }

  values(): readonly Day[] {
    return this.starts.map((row) => this.dayAt(row));
  }

  [Symbol.iterator](): Iterator<readonly [number, Day]> {
    return this.starts.map((row) => [this.rows[row] as number, this.dayAt(row)] as const).values();
  }

  private get starts(): readonly number[] {
    const starts: number[] = [];
    for (let row = 0; row < this.rows.length; row += width) starts.push(row);
    return starts;
  }

  private find(day: number): number | undefined {
    for (let row = 0; row < this.rows.length; row += width) if (Object.is(this.rows[row], day)) return row;
    return undefined;
  }

  private rowOf(day: number): number {
    const known = this.find(day);
    if (known !== undefined) return known;
    this.rows = this.rows.concat(unknownDay(day));
    return this.rows.length - width;
  }

  private raise(place: number, value: number | undefined): void {
    const known = this.rows[place] as number;
    if (value !== undefined && !(value <= known) && !Number.isNaN(value)) this.rows[place] = value;
  }

  private dayAt(row: number): Day {
    const day: Day = { peak: this.rows[row + peakAt] as number };
    if (this.rows[row + squeezedAt] === 1) day.squeezed = true;
    for (const [index, field] of sizes.entries()) {
      const value = this.rows[row + sizesAt + index] as number;
      if (!Number.isNaN(value)) day[field] = value;
    }
    return day;
  }
}
