/** Readings of other tools for one cgroup, to compare with its real memory. */
import type { Bytes } from '../model/bytes.ts';

/** Format in which a tool prints its figure; tool-format.ts has the formatters. */
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

export interface Brief {
  readonly label: string;
  readonly why: string;
}

export interface ToolReading {
  readonly tool: string;
  /** Versions of the tool that this reading describes. */
  readonly version: string;
  readonly writing: Writing;
  /** Why the tool shows this figure. Readings with the same reason have the same text. */
  readonly why: string;
  /** For the tools that most people know: a shorter label, and the reason in one line. */
  readonly brief?: Brief;
  /** Formula in the kernel's names. Absent if the tool has no such figure on this cgroup version. */
  readonly formula?: string;
  /** The formula with numbers instead of names. */
  readonly numbers?: string;
  /** Bytes, or a count for `count`. Absent if unknown; `missing` then names the missing input. */
  readonly value?: number;
  readonly missing?: string;
  /** The total that the tool shows the value as a share of. Absent if the tool shows no share. */
  readonly whole?: Bytes;
  /** The figure is not the memory use of this container, but a part, a peak, a count or a figure of the node. */
  readonly aside?: true;
}

/** One part of a cgroup's usage. All parts together are the usage. */
export interface Part {
  readonly name: string;
  /** Absent if the kernel or the recording does not have it. */
  readonly bytes?: Bytes;
  /** Whether it is part of real memory: the kernel cannot drop it like page cache. */
  readonly real: boolean;
  readonly note: string;
}
