/** What a recording says of itself. */
import path from 'node:path';
import type { Machine } from '../model/cgroup.ts';
import { parseJson } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { epochSeconds } from '../model/time.ts';

/** Written into a recording beside the host's own files. */
export interface Manifest {
  /** RFC 3339; absent for the recording of one that had no time. */
  readonly at?: string;
  readonly node: string;
  /** What it was made on; absent before this was noted. */
  readonly machine?: Machine;
  /** Its kernel has no multi-generational LRU. Absent: it has, and the file is in the recording; or nobody noted it. */
  readonly lruGen?: false;
}

export const manifestFile = 'recording.json';

function isMachine(value: unknown): value is Machine {
  const { pageBytes, cpus } = (value ?? {}) as { pageBytes?: unknown; cpus?: unknown };
  return [pageBytes, cpus].every((one) => Number.isSafeInteger(one) && (one as number) > 0);
}

/** @throws Fault */
export function manifestOf(root: string, text: string | undefined): Manifest | undefined {
  if (text === undefined) return undefined;
  const where = path.join(root, manifestFile);
  try {
    const manifest: unknown = parseJson(text);
    const { at, node, machine, lruGen } = manifest as {
      readonly [field in keyof Manifest]?: unknown;
    };
    const isTime = at === undefined || (typeof at === 'string' && epochSeconds(at) !== undefined);
    if (typeof node === 'string' && isTime && (machine === undefined || isMachine(machine)))
      return {
        ...(at !== undefined && { at }),
        node,
        ...(machine !== undefined && { machine }),
        ...(lruGen === false && { lruGen }),
      };
  } catch {
    // The same fault as for JSON of another shape.
  }
  throw new LocatedError({ where, expected: '{"at": <RFC 3339>, "node": <name>}', got: text });
}
