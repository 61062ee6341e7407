/** The file format for every sample after the first: one JSON file with the differences from the sample before. */

import { isFields, parseJson } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import { epochSeconds } from '../model/time.ts';
import type { Snapshot } from './snapshot.ts';

/** Paths are those of the host, without the leading `/`. */
export interface LaterSample {
  /** RFC 3339; absent if the recorded source was itself a recording without a time. */
  readonly at?: string;
  /** Directories of cgroups that were removed, or replaced by new ones of the same name. */
  readonly gone: readonly string[];
  /** Directories of new cgroups. */
  readonly made: readonly string[];
  /** Path → new content of each changed file; null for a removed one. */
  readonly files: Readonly<Record<string, Content | null>>;
  /** Path → content at the second reading, for files that changed between the two readings of one pass. */
  readonly again: Readonly<Record<string, Content>>;
}

/** Plain text; base64 for bytes that are not UTF-8. */
export type Content = string | { readonly base64: string };

/** The file of a sample, by its number from 2 on. Sample 1 is the directory tree itself. */
export const laterFile = (number: number): string => `samples/${String(number).padStart(4, '0')}.json`;

/** The second readings of sample 1. */
export const againFile = 'again.json';

export function contentOf(bytes: Uint8Array): Content {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: Buffer.from(bytes).toString('base64') };
}

export const contentBytes = (content: Content): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content.base64, 'base64');

export const contentsOf = (files: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, Content>> =>
  Object.fromEntries([...files].map(([file, bytes]) => [file, contentOf(bytes)]));

const parentOf = (file: string): string => file.slice(0, file.lastIndexOf('/'));

/** The changes from one snapshot to the next. @param at time of the later one, RFC 3339 */
export function differenceOf(before: Snapshot, now: Snapshot, at: string | undefined): LaterSample {
  // The walk lists parents first. All cgroups below a new one are new, too.
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
  // The files of a removed cgroup need no entry of their own.
  for (const file of before.files.keys())
    if (!now.files.has(file) && !ended.has(parentOf(file))) files[file] = null;
  return { ...(at !== undefined && { at }), gone, made: [...anew], files, again: contentsOf(now.again) };
}

const isContent = (value: unknown): value is Content =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && typeof (value as { base64?: unknown }).base64 === 'string');

/** Whether a path stays below the recording's root. A recording is untrusted input: no path in it may leave the root. */
const isSafePath = (text: string): boolean =>
  text !== '' && !text.includes('\0') && text.split('/').every((part) => !['', '.', '..'].includes(part));

const areSafePaths = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && isSafePath(one));

/** @throws LocatedError if the text is not such a file */
export function parseLater(where: string, text: string): LaterSample {
  const value = parsed(text);
  if (isFields(value)) {
    const { at, gone, made, files, again } = value;
    const isTime = at === undefined || (typeof at === 'string' && epochSeconds(at) !== undefined);
    if (
      isTime &&
      areSafePaths(gone) &&
      areSafePaths(made) &&
      isFields(files) &&
      Object.entries(files).every(([file, one]) => isSafePath(file) && (one === null || isContent(one))) &&
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

/** Parses the second readings of sample 1. @throws LocatedError if the text is not an object of path → content */
export function parseContents(where: string, text: string): Readonly<Record<string, Content>> {
  const value = parsed(text);
  if (isContents(value)) return value;
  throw new LocatedError({ where, expected: 'files with their contents', got: text });
}

const isContents = (value: unknown): value is Readonly<Record<string, Content>> =>
  isFields(value) && Object.entries(value).every(([file, one]) => isSafePath(file) && isContent(one));

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
