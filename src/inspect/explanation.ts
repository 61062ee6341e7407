/** The content of an explanation of one cgroup, before it is rendered. */

import { bytes, formatBytes } from '../model/bytes.ts';
import type { Lru } from '../model/cgroup.ts';
import type { ProbedCache } from '../model/pod.ts';
import type { OldProbe } from '../model/recommendation.ts';
import type { MemoryUsage } from '../model/usage.ts';
import type { Part, ToolReading } from '../render/tool-reading.ts';

export interface Explanation {
  /** `shop/cart-1/cart`, `web (docker)`, or the path of the cgroup. */
  readonly name: string;
  /** The TARGET argument that leads here. Absent: the name. */
  readonly target?: string;
  /** The workload of its pod, as `suggest` takes it. Absent: in no known pod. */
  readonly owner?: Owner;
  readonly cgroup: string;
  /** Where the host has its files: `/sys/fs/cgroup/…`. Absent: unknown, or a recording. */
  readonly directory?: string;
  /** `cgroup v1   Linux 6.1   2026-…`, without the parts that are unknown. */
  readonly where: string;
  readonly usage: MemoryUsage;
  readonly lru: Lru;
  readonly parts: readonly Part[];
  readonly tools: readonly ToolReading[];
  /** What a probe found in it, or in another replica of its workload. Absent: none is known. */
  readonly probe?: KnownProbe;
  /** `realmem probe` can find out how much of its page cache it needs. */
  readonly mayProbe?: true;
  /** One message for each file that could not be read. */
  readonly faults: readonly string[];
  /** All its processes are in a PID namespace that is hidden from here. */
  readonly hidesProcesses?: true;
}

export interface KnownProbe extends ProbedCache {
  /** The pod that was probed. Absent: this container itself. */
  readonly pod?: string;
  readonly old?: OldProbe;
}

export interface Owner {
  readonly namespace: string;
  /** `Deployment/cart`; `Pod/cart` without a controller. */
  readonly workload: string;
}

/** The formula in names, then in numbers. A single name needs no number: its figure is next to it. */
export function formulaOf({ formula = '', numbers, value }: ToolReading): string {
  return numbers === undefined || numbers === String(value) ? formula : `${formula} = ${numbers}`;
}

export function whyOf(
  { why, missing, value, formula, aside }: ToolReading,
  { realBytes }: MemoryUsage,
): string {
  if (missing !== undefined) return `unknown (${missing}): ${why}`;
  if (formula === undefined || value === undefined || aside || realBytes === undefined) return why;
  const off = value - realBytes;
  if (off === 0) return why;
  return `${formatBytes(bytes(Math.abs(off)))} ${off > 0 ? 'more' : 'less'} than real: ${why}`;
}

export const offOf = ({ value, aside }: ToolReading, { realBytes }: MemoryUsage): string => {
  if (value === undefined || realBytes === undefined || aside) return '';
  const off = value - realBytes;
  return off === 0 ? '=' : `${off > 0 ? '+' : '−'}${formatBytes(bytes(Math.abs(off)))}`;
};
