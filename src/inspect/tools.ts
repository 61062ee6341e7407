/** What each common tool would show for a cgroup: its formula, evaluated on the files that we read. */

import { atLeastListed } from '../account/memory.ts';
import { type Bytes, bytes, minus, type Optional, sum } from '../model/bytes.ts';
import type { CgroupVersion, Lru } from '../model/cgroup.ts';
import { defined } from '../model/json.ts';
import { dockerWhole } from '../render/tool-figures.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import { evaluate, type Figures } from './formula.ts';
import { type ToolRow, toolRows } from './tool-rows.ts';

export interface ToolInputs {
  readonly version: CgroupVersion;
  readonly lru: Lru;
  /**
   * Files of the cgroup and keys of its `memory.stat`, under their own names. Those of the root cgroup have the prefix
   * `root `. Keys of `/proc/meminfo` are in bytes. Sums over processes have the prefix `Σ `.
   */
  readonly figures: Figures;
  /** Why a figure is missing. */
  readonly absent: (name: string) => string;
  /** The figure of each process in a sum. */
  readonly summands: (name: string) => readonly number[];
  /** The cgroup's own limit. */
  readonly ownLimit: Bytes | undefined;
  readonly memTotal: Bytes | undefined;
}

export const toolsOf = (inputs: ToolInputs): readonly ToolReading[] =>
  toolRows.map((row) => readingOf(row, inputs));

function readingOf(row: ToolRow, inputs: ToolInputs): ToolReading {
  const { version, lru, figures, absent, ownLimit, memTotal } = inputs;
  const { tool, version: versions, writing, aside, brief } = row;
  const about = { tool, version: versions, writing, ...(aside && { aside }), ...(brief && { brief }) };
  const formula = version === 1 ? row.v1 : row.v2;
  if (typeof formula !== 'string') return { ...about, why: formula.none };
  const result = evaluate(formula, figures);
  const { why: usualWhy, v2Why = usualWhy, multiGenWhy } = row;
  const ofVersion = version === 2 ? v2Why : usualWhy;
  const why = lru === 'multi-generational' ? (multiGenWhy ?? ofVersion) : ofVersion;
  const found = { ...about, formula, why };
  if ('missing' in result) return { ...found, missing: [...new Set(result.missing.map(absent))].join('; ') };
  const value = row.atLeastListed ? listedOr(result.value, version, figures) : result.value;
  if (value === undefined) return { ...found, missing: contradiction };
  const numbers = formula.startsWith('Σ ') ? summed(inputs.summands(formula)) : result.numbers;
  return defined<ToolReading>({
    ...found,
    aside,
    why: row.atLeastListed && value !== result.value ? `${why}; ${lowerBound}` : why,
    numbers,
    value: value > 0 || writing === 'count' ? value : clamped(row, version, figures),
    missing: undefined,
    whole: row.share ? dockerWhole(ownLimit, memTotal) : undefined,
  });
}

const contradiction =
  'usage is not larger than its page cache, and no anonymous LRU list gives a lower bound';
const lowerBound =
  'usage and its page cache contradict each other, so this is a lower bound: the anonymous LRU lists';

/** The same rule as `usageOf` in account/memory.ts. */
function listedOr(value: number, version: CgroupVersion, figures: Figures): Optional {
  const prefix = version === 1 ? 'total_' : '';
  const figure = (name: string): Optional => figures.get(name) as Optional;
  const list = (name: string): Optional => figure(`${prefix}${name}`);
  const stat = defined({ activeAnon: list('active_anon'), inactiveAnon: list('inactive_anon') });
  const usage = figure(version === 1 ? 'memory.usage_in_bytes' : 'memory.current');
  const real = atLeastListed(minus(usage, sum(list('active_file'), list('inactive_file'))), usage, stat);
  return atLeastListed(bytes(value), real, stat);
}

/** More numbers than this appear as a count only. */
const readable = 5;

const summed = (numbers: readonly number[]): string =>
  numbers.length > readable ? `the sum of ${numbers.length} processes` : numbers.join(' + ');

/** Usage and stat are two reads. If inactive_file is larger than usage, docker shows usage and all others show 0. */
const clamped = ({ belowZero }: ToolRow, version: CgroupVersion, figures: Figures): number =>
  (belowZero === 'usage'
    ? figures.get(version === 1 ? 'memory.usage_in_bytes' : 'memory.current')
    : undefined) ?? 0;
