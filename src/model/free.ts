/** One figure of `free`, and where it comes from. In KiB, as `free` and `/proc/meminfo` write them. */
export interface FreeLine {
  readonly name: string;
  /** A line of `/proc/meminfo`, or other figures by their names here. */
  readonly formula: string;
  /** The formula with numbers, where it is more than a name. */
  readonly numbers?: string;
  /** Absent where the kernel does not give all that it is made of. */
  readonly kib?: number;
}
