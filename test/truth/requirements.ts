/** What must be so, on fresh measurements: `npm run accuracy` and its test fail otherwise. */
import { formatBytes } from '../../src/model/bytes.ts';
import { compare, errorsOf, lostTo } from './errors.ts';
import { errorOf, type Formula, formulas } from './formulas.ts';
import { boundOf, type Measurement } from './measure.ts';
import { shareShown } from './workloads.ts';

const mebibyte = 1024 ** 2;
/** What a CPU charges in advance at once (64 pages): medians nearer than this cannot be told apart. */
const batch = 64 * 4096;

/** In words, everything that is not as it must be on one line. */
export const lineMisses = (
  measurement: Measurement,
  compared: readonly Formula[] = formulas,
): readonly string[] =>
  [...doubtsOf(measurement), ...missesOf(measurement, compared)].map(
    (miss) => `v${measurement.version}, ${measurement.workload.name}: ${miss}`,
  );

/** The same of every line, and of all lines of a version together. */
export function misses(
  measurements: readonly Measurement[],
  compared: readonly Formula[] = formulas,
): readonly string[] {
  const versions = [...new Set(measurements.map(({ version }) => version))];
  const overall = versions.flatMap((version) =>
    missesOfAll(
      measurements.filter((one) => one.version === version),
      compared,
    ).map((miss) => `v${version}: ${miss}`),
  );
  return [...measurements.flatMap((measurement) => lineMisses(measurement, compared)), ...overall];
}

/** Whether the truth is one: the workload did what it is for, and what could be taken has gone. */
function doubtsOf({ workload, version, size, before, after, truth }: Measurement): readonly string[] {
  const { shows, showsOn = version, stays } = workload;
  const doubts: string[] = [];
  if (shows !== undefined && showsOn === version) {
    const shown = Number(before.usage[shows]);
    if (!(shown >= size * shareShown(workload)))
      doubts.push(`${shows} is ${shown}, too little for ${formatBytes(size)}`);
  }
  const cache = Number(after.usage.activeFileBytes) + Number(after.usage.inactiveFileBytes);
  if (!(cache <= mebibyte / 4)) doubts.push(`${cache} bytes of page cache were not reclaimed`);
  const expected = stays === undefined ? [truth] : [stays].flat().map((share) => share * size);
  if (!expected.some((one) => Math.abs(truth - one) <= Math.max(one / 100, mebibyte)))
    doubts.push(`${truth} bytes stayed, where ${expected.join(' or ')} must`);
  return doubts;
}

function missesOf(measurement: Measurement, compared: readonly Formula[]): readonly string[] {
  const { version, before, after, truth, ahead, workload } = measurement;
  const bound = boundOf(measurement);
  const found: string[] = [];
  const within = (what: string, error: number): void => {
    if (!(Math.abs(error) <= bound)) found.push(`${what} is ${error} bytes off; allowed are ${bound}`);
  };
  const named = (name: string): number => {
    const formula = compared.find((one) => one.name === name);
    return Number(formula && errorOf(formula, measurement));
  };
  const real = named('real');
  if (version === 2) {
    const pinned = workload.pinned === undefined ? 0 : Number(after.usage.slabReclaimableBytes);
    const unreclaimable = named('unreclaimable') + pinned;
    within('unreclaimable', unreclaimable);
    within('unreclaimable, with what was charged in advance,', unreclaimable + ahead);
    within('real less reclaimable slab', real - Number(before.usage.slabReclaimableBytes) + pinned);
  } else {
    // v1 does not tell which kernel memory is reclaimable slab: what went shows it.
    within(
      'real less the kernel memory that went',
      real - (Number(before.usage.kernelBytes) - Number(after.usage.kernelBytes)),
    );
  }
  if (Math.abs(real) > bound && workload.reclaimable === undefined)
    found.push(`real is ${real} bytes above ${truth} without a cause that is known`);
  const ours = compared.find(({ name }) => name === 'real');
  for (const other of compared)
    if (
      ours !== undefined &&
      other.own !== true &&
      lostTo(ours, other, measurement) &&
      workload.reclaimable === undefined
    )
      found.push(`${other.name} is nearer to the truth than real, without a cause that is known`);
  return found;
}

/**
 * Real's median error is below that of each other formula. Where two formulas say the same on most lines, as real and the
 * working set do of memory that is no page cache, those lines decide nothing: then neither may be the better one over
 * all lines by more than the kernel's batch, and real must be over those on which they differ.
 */
function missesOfAll(measurements: readonly Measurement[], compared: readonly Formula[]): readonly string[] {
  const real = compared.find(({ name }) => name === 'real');
  if (real === undefined) return ['there is no real'];
  const found: string[] = [];
  const medianOf = (formula: Formula, lines: readonly Measurement[]): number =>
    errorsOf(formula, lines)?.median ?? Number.NaN;
  for (const other of compared.filter(({ own }) => own !== true)) {
    const [ours, theirs] = [medianOf(real, measurements), medianOf(other, measurements)];
    const { differing } = compare(real, other, measurements);
    const [oursThere, theirsThere] = [medianOf(real, differing), medianOf(other, differing)];
    if (!(ours <= Math.max(theirs, batch)) || !(oursThere < theirsThere))
      found.push(
        `the median error of real is ${ours} bytes, that of ${other.name} ${theirs}; ` +
          `on the ${differing.length} lines on which they differ ${oursThere} and ${theirsThere}`,
      );
  }
  return found;
}
