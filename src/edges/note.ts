/** What a recording says of itself. */
import path from 'node:path';
import type { Machine } from '../model/cgroup.ts';
import { Fault } from '../model/fault.ts';
import { parseJson } from '../model/json.ts';

/** Written into a recording beside the host's own files. */
export interface RecordingNote {
  /** RFC 3339; absent for the recording of one that had no time. */
  readonly at?: string;
  readonly node: string;
  /** What it was made on; absent before this was noted. */
  readonly machine?: Machine;
  /** Its kernel has no multi-generational LRU. Absent: it has, and the file is in the recording; or nobody noted it. */
  readonly lruGen?: false;
}

export const noteFile = 'recording.json';

function isMachine(value: unknown): value is Machine {
  const { pageBytes, cpus } = (value ?? {}) as { pageBytes?: unknown; cpus?: unknown };
  return [pageBytes, cpus].every((one) => Number.isSafeInteger(one) && (one as number) > 0);
}

/** @throws Fault */
export function noteOf(root: string, text: string | undefined): RecordingNote | undefined {
  if (text === undefined) return undefined;
  const where = path.join(root, noteFile);
  try {
    const note: unknown = parseJson(text);
    const { at, node, machine, lruGen } = note as {
      readonly [field in keyof RecordingNote]?: unknown;
    };
    const isTime = at === undefined || (typeof at === 'string' && !Number.isNaN(Date.parse(at)));
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
  throw new Fault({ where, expected: '{"at": <RFC 3339>, "node": <name>}', got: text });
}
