/** What other tools show of one cgroup, beside its real memory. */
import type { Bytes } from '../model/bytes.ts';

/** How a tool writes what it found; `report/writing.ts` does the same. */
export type Writing =
  | 'bytes'
  | 'KiB'
  | 'K'
  | 'MiB'
  | 'kubectl'
  | 'binary'
  | 'decimal'
  | 'quantity'
  | 'prometheus'
  | 'count';

export interface ToolReading {
  readonly tool: string;
  /** The versions this holds for. */
  readonly version: string;
  readonly writing: Writing;
  /** Sizes that share a reason share it word by word. */
  readonly why: string;
  /** In the kernel's own names; absent where the tool has no such figure on this cgroup version. */
  readonly formula?: string;
  /** The same with the numbers in it. */
  readonly numbers?: string;
  /** A count for those that count. Absent: not known here, `missing` says what was not there. */
  readonly value?: number;
  readonly missing?: string;
  /** What it is shown as a share of, by tools that show one. */
  readonly whole?: Bytes;
  /** A part, a peak, a count, a node: not meant as what this container uses. */
  readonly aside?: true;
}

/** One part of a cgroup's usage. Together they are the usage. */
export interface Part {
  readonly name: string;
  /** Absent: this kernel does not tell, or the recording has it not. */
  readonly bytes?: Bytes;
  /** In real: it cannot be dropped like page cache. */
  readonly real: boolean;
  readonly note: string;
}
