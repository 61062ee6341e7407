/** What a recording keeps of each sample after its first: one file that says what became different. */

import { parseJson } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { epochSeconds } from '../model/time.ts';
import type { Snapshot } from './snapshot.ts';

export interface LaterSample {
  /** RFC 3339; absent for the recording of one that had no time. */
  readonly at?: string;
  /** Directories of cgroups that have gone, or given way to others of the same name. */
  readonly gone: readonly string[];
  /** Directories of new cgroups. */
  readonly made: readonly string[];
  /** Files by their path: what is in them now; null where there is none any more. */
  readonly files: Readonly<Record<string, Content | null>>;
  /** What a second reading right behind the first gave, where that was something else. */
  readonly again: Readonly<Record<string, Content>>;
}

/** Text as it is; bytes that are no UTF-8 in base64. */
export type Content = string | { readonly base64: string };

/** Where the sample of this number is kept; the first is 1, and is the tree itself. */
export const laterFile = (number: number): string => `samples/${String(number).padStart(4, '0')}.json`;

/** Beside the first sample's tree: its second readings. */
export const againFile = 'again.json';

export function contentOf(bytes: Uint8Array): Content {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: Buffer.from(bytes).toString('base64') };
}

export const bytesOf = (content: Content): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content.base64, 'base64');

export const contentsOf = (files: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, Content>> =>
  Object.fromEntries([...files].map(([file, bytes]) => [file, contentOf(bytes)]));

const parentOf = (place: string): string => place.slice(0, place.lastIndexOf('/'));

export function differenceOf(before: Snapshot, now: Snapshot, at: string | undefined): LaterSample {
  // Parents first, as in every walk: below one that was made anew nothing is what it was.
  const anew = new Set<string>();
  for (const [directory, inode] of now.cgroups)
    if (before.cgroups.get(directory) !== inode || anew.has(parentOf(directory))) anew.add(directory);
  const gone = [...before.cgroups.keys()].filter(
    (directory) => !now.cgroups.has(directory) || anew.has(directory),
  );
  const ended = new Set(gone);
  const files: Record<string, Content | null> = {};
  for (const [file, bytes] of now.files) {
    const old = anew.has(parentOf(file)) ? undefined : before.files.get(file);
    if (old === undefined || Buffer.compare(old, bytes) !== 0) files[file] = contentOf(bytes);
  }
  // Those of a cgroup that has gone went with it.
  for (const file of before.files.keys())
    if (!now.files.has(file) && !ended.has(parentOf(file))) files[file] = null;
  return { ...(at !== undefined && { at }), gone, made: [...anew], files, again: contentsOf(now.again) };
}

const isContent = (value: unknown): value is Content =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && typeof (value as { base64?: unknown }).base64 === 'string');

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Below the host's root: a recording is from anybody, and no path in it may lead elsewhere. */
const isPlace = (text: string): boolean =>
  text !== '' && !text.includes('\0') && text.split('/').every((part) => !['', '.', '..'].includes(part));

const isPlaces = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && isPlace(one));

/** @throws Fault */
export function parseLater(where: string, text: string): LaterSample {
  const value = parsed(text);
  if (isRecord(value)) {
    const { at, gone, made, files, again } = value;
    const isTime = at === undefined || (typeof at === 'string' && epochSeconds(at) !== undefined);
    if (
      isTime &&
      isPlaces(gone) &&
      isPlaces(made) &&
      isRecord(files) &&
      Object.entries(files).every(([file, one]) => isPlace(file) && (one === null || isContent(one))) &&
      isContents(again)
    )
      return value as unknown as LaterSample;
  }
  throw new LocatedError({
    where,
    expected: 'a sample: {"at", "gone": [], "made": [], "files": {}, "again": {}}, with paths below the root',
    got: text,
  });
}

/** @throws Fault */
export function parseContents(where: string, text: string): Readonly<Record<string, Content>> {
  const value = parsed(text);
  if (isContents(value)) return value;
  throw new LocatedError({ where, expected: 'files and what is in them', got: text });
}

const isContents = (value: unknown): value is Readonly<Record<string, Content>> =>
  isRecord(value) && Object.entries(value).every(([file, one]) => isPlace(file) && isContent(one));

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
