/** What must hold for fresh measurements. Otherwise `npm run accuracy` and its test fail. */
import { formatBytes } from '../../../src/model/bytes.ts';
import { compare, errorsOf, lostTo } from './errors.ts';
import { errorOf, type Formula, formulas } from './formulas.ts';
import { boundOf, type Measurement } from './measure.ts';
import { shareShown } from './workloads.ts';

const mebibyte = 1024 ** 2;
/** Bytes that the kernel precharges on a CPU at once (64 pages). Medians that differ by less are equal. */
const batch = 64 * 4096;

/** One sentence for each requirement that a measurement misses. */
export const lineMisses = (
  measurement: Measurement,
  compared: readonly Formula[] = formulas,
): readonly string[] =>
  [...invalidTruths(measurement), ...missesOf(measurement, compared)].map(
    (miss) => `v${measurement.version}, ${measurement.workload.name}: ${miss}`,
  );

/** The same for each measurement, and for all measurements of a cgroup version together. */
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

/** Checks that the truth is valid: the workload took its memory, and the kernel reclaimed all that it could. */
function invalidTruths({ workload, version, size, before, after, truth }: Measurement): readonly string[] {
  const { shows, showsOn = version, stays } = workload;
  const faults: string[] = [];
  if (shows !== undefined && showsOn === version) {
    const shown = Number(before.usage[shows]);
    if (!(shown >= size * shareShown(workload)))
      faults.push(
        `expected ${shows} of at least ${size * shareShown(workload)} bytes for ${formatBytes(size)}, got ${shown}`,
      );
  }
  const cache = Number(after.usage.activeFileBytes) + Number(after.usage.inactiveFileBytes);
  if (!(cache <= mebibyte / 4))
    faults.push(`expected at most ${mebibyte / 4} bytes of page cache after reclaim, got ${cache}`);
  const expected = stays === undefined ? [truth] : [stays].flat().map((share) => share * size);
  if (!expected.some((one) => Math.abs(truth - one) <= Math.max(one / 100, mebibyte)))
    faults.push(`expected ${expected.join(' or ')} bytes after reclaim, got ${truth}`);
  return faults;
}

function missesOf(measurement: Measurement, compared: readonly Formula[]): readonly string[] {
  const { version, before, after, truth, ahead, workload } = measurement;
  const bound = boundOf(measurement);
  const found: string[] = [];
  const within = (what: string, error: number): void => {
    if (!(Math.abs(error) <= bound))
      found.push(`${what}: expected an error of at most ${bound} bytes, got ${error}`);
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
    within('unreclaimable plus precharged pages', unreclaimable + ahead);
    within('real minus reclaimable slab', real - Number(before.usage.slabReclaimableBytes) + pinned);
  } else {
    // v1 does not report reclaimable slab. The reclaimed kernel memory shows it.
    within(
      'real minus the reclaimed kernel memory',
      real - (Number(before.usage.kernelBytes) - Number(after.usage.kernelBytes)),
    );
  }
  if (Math.abs(real) > bound && workload.reclaimable === undefined)
    found.push(`real is ${real} bytes above ${truth} without a known cause`);
  const ours = compared.find(({ name }) => name === 'real');
  for (const other of compared)
    if (
      ours !== undefined &&
      other.own !== true &&
      lostTo(ours, other, measurement) &&
      workload.reclaimable === undefined
    )
      found.push(`${other.name} is closer to the truth than real, without a known cause`);
  return found;
}

/**
 * The median error of real must be below that of each other formula. Two formulas can be equal on most measurements: real
 * and the working set are, for memory that is not page cache. So over all measurements real may be worse by the kernel's
 * batch at most, and over those that differ it must be better.
 */
function missesOfAll(measurements: readonly Measurement[], compared: readonly Formula[]): readonly string[] {
  const real = compared.find(({ name }) => name === 'real');
  if (real === undefined) return ['the formula real is missing'];
  const found: string[] = [];
  const medianOf = (formula: Formula, lines: readonly Measurement[]): number =>
    errorsOf(formula, lines)?.median ?? Number.NaN;
  for (const other of compared.filter(({ own }) => own !== true)) {
    const [ours, theirs] = [medianOf(real, measurements), medianOf(other, measurements)];
    const { differing } = compare(real, other, measurements);
    const [oursThere, theirsThere] = [medianOf(real, differing), medianOf(other, differing)];
    if (!(ours <= Math.max(theirs, batch)) || !(oursThere < theirsThere))
      found.push(
        `the median error of real is ${ours} bytes, that of ${other.name} is ${theirs} bytes; ` +
          `on the ${differing.length} measurements that differ, ${oursThere} and ${theirsThere}`,
      );
  }
  return found;
}
