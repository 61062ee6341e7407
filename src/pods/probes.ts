/**
 * The annotation `realmem.dev/probe`: what probes found about the containers of a pod, as JSON by container name. Whoever may change
 * the pod can write it, so each value is checked. A wrong entry is left out.
 */
import { fieldsOf, isFields, parseJson, textOf } from '../model/json.ts';
import { messageOf } from '../model/located-error.ts';
import { annotationKeys, longestAnnotation, type Pod, type ProbedCache } from '../model/pod.ts';
import { printableUpTo, quoted } from '../model/text.ts';
import { canBeRemembered, daySeconds, epochSeconds, rfc3339 } from '../model/time.ts';

/** Nesting of the JSON. */
const deepest = 2;
/** Containers in one annotation. */
const mostContainers = 100;
/** Values of one container: eight, and room for those of later versions. */
const mostValues = 16 * mostContainers;
/** Names of containers have at most 63 characters. */
const longestContainer = 63;
/** Seconds. A probe takes at most a day. */
export const longestWatch = 2 * daySeconds;
const largestSize = 2 ** 50;

type Parsed = Pick<Pod, 'probes' | 'probeFault'>;

/** @param text of the annotation; undefined: the pod has none */
export function parseProbes(text: string | undefined): Parsed {
  if (text === undefined) return {};
  if (text.length > longestAnnotation)
    return refused(`expected at most ${longestAnnotation} characters, got ${text.length}`);
  let value: unknown;
  try {
    value = parseJson(text, deepest, mostValues);
  } catch (error) {
    return refused(`expected JSON, got ${printableUpTo(120, messageOf(error))}`);
  }
  if (!isFields(value)) return refused('expected an object with a field for each container');
  const entries = Object.entries(value);
  if (entries.length > mostContainers)
    return refused(`expected at most ${mostContainers} containers, got ${entries.length}`);
  const faults: string[] = [];
  const probes = entries.flatMap(([name, entry]): [string, ProbedCache][] => {
    const found = name.length <= longestContainer ? parseProbe(entry) : 'a name that no container can have';
    if (typeof found !== 'string') return [[name, found]];
    faults.push(`${quoted(name)}: ${found}`);
    return [];
  });
  return {
    // Not assigned one by one: a name may be `__proto__`.
    ...(probes.length > 0 && { probes: Object.fromEntries(probes) }),
    ...(faults[0] !== undefined && refused(faults[0])),
  };
}

const refused = (why: string): Parsed => ({ probeFault: `${annotationKeys.probe}: ${why}` });

/** @returns the fault in words if it has one */
export function parseProbe(entry: unknown): ProbedCache | string {
  const fields = fieldsOf(entry);
  const at = epochSeconds(textOf(fields['at']) ?? '');
  if (at === undefined || !canBeRemembered(at)) return 'expected a time such as 2026-11-30T12:00:00Z at "at"';
  const size = (key: string, most = largestSize): number | undefined => {
    const value = fields[key];
    return typeof value === 'number' && value >= 0 && value <= most ? value : undefined;
  };
  const neededCacheBytes = size('neededCacheBytes');
  const coldCacheBytes = size('coldCacheBytes');
  const errorBytes = size('errorBytes');
  const watchedSeconds = size('watchedSeconds', longestWatch);
  if (neededCacheBytes === undefined) return 'expected a number of bytes at "neededCacheBytes"';
  if (coldCacheBytes === undefined) return 'expected a number of bytes at "coldCacheBytes"';
  if (errorBytes === undefined) return 'expected a number of bytes at "errorBytes"';
  if (watchedSeconds === undefined) return `expected at most ${longestWatch} seconds at "watchedSeconds"`;
  const { isAtMost = false } = fields;
  if (typeof isAtMost !== 'boolean') return 'expected true or false at "isAtMost"';
  return {
    ...{ at: Math.floor(at), neededCacheBytes, coldCacheBytes, errorBytes, watchedSeconds },
    ...(isAtMost && { isAtMost }),
  };
}

/** A value that `parseProbe` reads. */
export const probeFields = ({ at, ...others }: ProbedCache): object => ({
  at: rfc3339(1000 * at),
  ...others,
});

/** The text of the annotation. `parseProbes` reads it. */
export const probesText = (probes: Readonly<Record<string, ProbedCache>>): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(probes).map(([name, probe]) => [name, probeFields(probe)])),
  );
