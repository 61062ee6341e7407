/** The manifest of a recording, `recording.json`: when, on which node and machine it was made. */
import path from 'node:path';
import type { Machine } from '../model/cgroup.ts';
import { parseJson } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { epochSeconds } from '../model/time.ts';

export interface Manifest {
  /** Time of the first sample, RFC 3339; absent if the recorded source was itself a recording without a time. */
  readonly at?: string;
  readonly node: string;
  /** Page size and CPUs; absent in recordings of early versions. */
  readonly machine?: Machine;
  /**
   * false: the kernel has no multi-generational LRU. Absent: the recording contains the kernel's file, or an early version
   * made it.
   */
  readonly lruGen?: false;
}

export const manifestFile = 'recording.json';

function isMachine(value: unknown): value is Machine {
  const { pageBytes, cpus } = (value ?? {}) as { pageBytes?: unknown; cpus?: unknown };
  return [pageBytes, cpus].every((one) => Number.isSafeInteger(one) && (one as number) > 0);
}

/**
 * Parses the manifest; undefined if there is none.
 * @param root directory of the recording, for errors
 * @throws LocatedError if the text is not a manifest
 */
export function recordingManifest(root: string, text: string | undefined): Manifest | undefined {
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
    // Falls through to the error for JSON of another shape.
  }
  throw new LocatedError({ where, expected: '{"at": <RFC 3339>, "node": <name>}', got: text });
}
