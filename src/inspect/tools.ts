/** What each of the usual tools would show of a cgroup: its formula reckoned on the very files that we read. */

import { atLeastListed } from '../account/memory.ts';
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import type { CgroupVersion, Lru } from '../model/cgroup.ts';
import { defined } from '../model/defined.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import { type Figures, reckon } from './formula.ts';
import { type Row, toolRows } from './tool-rows.ts';

export interface Observed {
  readonly version: CgroupVersion;
  readonly lru: Lru;
  /**
   * Files and keys of `memory.stat` under their own names; those of the root cgroup behind `root `, those of
   * `/proc/meminfo` in bytes, sums over processes behind `Σ `.
   */
  readonly figures: Figures;
  /** Why a figure is not there. */
  readonly absent: (name: string) => string;
  /** What a sum over processes is made of. */
  readonly summands: (name: string) => readonly number[];
  /** The cgroup's own limit. */
  readonly ownLimit: Bytes | undefined;
  readonly memTotal: Bytes | undefined;
}

export const toolsOf = (observed: Observed): readonly ToolReading[] =>
  toolRows.map((row) => rivalOf(row, observed));

function rivalOf(row: Row, observed: Observed): ToolReading {
  const { version, lru, figures, absent, ownLimit, memTotal } = observed;
  const { tool, version: versions, writing, aside } = row;
  const about = { tool, version: versions, writing, ...(aside && { aside }) };
  const formula = version === 1 ? row.v1 : row.v2;
  if (typeof formula !== 'string') return { ...about, why: formula.none };
  const reckoned = reckon(formula, figures);
  const { why: usualWhy, v2Why = usualWhy, multiGenWhy } = row;
  const ofVersion = version === 2 ? v2Why : usualWhy;
  const why = lru === 'multi-generational' ? (multiGenWhy ?? ofVersion) : ofVersion;
  const found = { ...about, formula, why };
  if ('missing' in reckoned)
    return { ...found, missing: [...new Set(reckoned.missing.map(absent))].join('; ') };
  const value = row.atLeastListed ? listedOr(reckoned.value, version, figures) : reckoned.value;
  if (value === undefined) return { ...found, missing: contradiction };
  const numbers = formula.startsWith('Σ ') ? summed(observed.summands(formula)) : reckoned.numbers;
  return defined<ToolReading>({
    ...found,
    aside,
    why: row.atLeastListed && value !== reckoned.value ? `${why}; ${lowerBound}` : why,
    numbers,
    value: value > 0 || writing === 'count' ? value : clamped(row, version, figures),
    missing: undefined,
    whole: row.share ? wholeOf(ownLimit, memTotal) : undefined,
  });
}

const contradiction = 'usage is no larger than its page cache, and no anonymous list tells the least';
const lowerBound =
  'usage and its page cache contradict each other, so this is the least: what is on the anonymous lists';

/** As `usageOf` does. */
function listedOr(value: number, version: CgroupVersion, figures: Figures): Optional {
  const prefix = version === 1 ? 'total_' : '';
  const figure = (name: string): Optional => figures.get(name) as Optional;
  const list = (name: string): Optional => figure(`${prefix}${name}`);
  const stat = defined({ activeAnon: list('active_anon'), inactiveAnon: list('inactive_anon') });
  const usage = figure(version === 1 ? 'memory.usage_in_bytes' : 'memory.current');
  const real = atLeastListed(minus(usage, sum(list('active_file'), list('inactive_file'))), usage, stat);
  return atLeastListed(bytes(value), real, stat);
}

/** How many numbers are still read one by one. */
const readable = 5;

const summed = (numbers: readonly number[]): string =>
  numbers.length > readable ? `the sum of ${numbers.length} processes` : numbers.join(' + ');

/** Usage and stat are two reads. Where inactive_file comes out above usage, docker shows usage and all others 0. */
const clamped = ({ belowZero }: Row, version: CgroupVersion, figures: Figures): number =>
  (belowZero === 'usage'
    ? figures.get(version === 1 ? 'memory.usage_in_bytes' : 'memory.current')
    : undefined) ?? 0;

/** Without a limit of its own, or with one above it, docker and podman take the host's memory. */
function wholeOf(ownLimit: Bytes | undefined, memTotal: Bytes | undefined): Bytes | undefined {
  if (ownLimit === undefined) return memTotal;
  return memTotal === undefined ? ownLimit : bytes(Math.min(ownLimit, memTotal));
}
