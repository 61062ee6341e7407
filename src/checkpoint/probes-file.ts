/**
 * The answers of probes on this machine: a file beside the agent's history, with one JSON object per line. `realmem probe` writes it, and
 * the agent reads it. Both trust it as they trust the history.
 */
import { sleep } from '../edges/clock.ts';
import { filesAt, isThere, keepFile, readText } from '../edges/files.ts';
import { claim, type Lock } from '../edges/lock.ts';
import { fieldsOf, parseJson, textOf } from '../model/json.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import type { ProbedCache } from '../model/pod.ts';
import { encodedLength } from '../model/text.ts';
import { parseProbe, probeFields } from '../pods/probes.ts';
import type { KeptProbes } from '../usage/probes/taker.ts';
import { historyFileSuffix, historyFilesIn, lockName } from './kept-history.ts';

const suffix = '.probes.jsonl';
const mostBytes = 128 * 1024;
/** Lines. The oldest ones are dropped. */
const mostProbes = 200;

/** @param historyFile `…/node-1.history.json` */
export const probesFileBeside = (historyFile: string): string =>
  `${historyFile.slice(0, -historyFileSuffix.length)}${suffix}`;

const none: KeptProbes = { byCgroup: new Map(), faults: [] };

/** @returns a function that reads the file again at each call, and parses it again if it has changed */
export function probesIn(file: string): () => KeptProbes {
  let text: string | undefined;
  let known = parse(file, text);
  return () => {
    // Nobody has probed on most machines, and the error of a missing file costs more than a check.
    if (!isThere(file)) return none;
    try {
      const now = readText(file, mostBytes);
      if (now !== text) known = parse(file, now);
      text = now;
      return known;
    } catch (error) {
      if (!(error instanceof LocatedError)) throw error;
      return { byCgroup: new Map(), faults: [error.message] };
    }
  };
}

function parse(file: string, text = ''): KeptProbes {
  const byCgroup = new Map<string, ProbedCache>();
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').slice(0, mostProbes).entries()) {
    if (line === '') continue;
    const found = lineOf(line);
    if (typeof found === 'string') faults.push(`${file}:${index + 1}: ignored: ${found}`);
    else byCgroup.set(...found);
  }
  return { byCgroup, faults: faults.slice(0, 1) };
}

/** @returns the fault in words if it has one */
function lineOf(line: string): readonly [string, ProbedCache] | string {
  let value: unknown;
  try {
    value = parseJson(line, 1, 32);
  } catch (error) {
    return `expected JSON, got ${messageOf(error)}`;
  }
  const cgroup = textOf(fieldsOf(value)['cgroup']);
  if (cgroup === undefined) return 'expected the path of a cgroup at "cgroup"';
  const probe = parseProbe(value);
  return typeof probe === 'string' ? probe : [cgroup, probe];
}

/**
 * The file for the agent that keeps its history in this directory.
 * @param node whose history counts if there are several
 * @throws LocatedError if none counts
 */
export function probesFileIn(directory: string, node: string): string {
  const files = filesAt(directory, historyFileSuffix, true);
  const own = historyFilesIn(directory, node).file;
  const [only, ...others] = files.includes(own) ? [own] : files;
  if (only !== undefined && others.length === 0) return probesFileBeside(only);
  throw new LocatedError({
    where: directory,
    expected: 'the history of an agent',
    got: { message: only === undefined ? 'none' : `${files.length} of other nodes` },
    todo: 'run `realmem agent` on this machine, or pass the --history-dir of the one that runs',
  });
}

/**
 * Replaces the last answer about this cgroup. Lines that cannot be read stay: a later version may have written them.
 * @throws LocatedError if the file cannot be read, or another process holds the lock @throws the system's error
 */
export async function keepProbe(file: string, cgroup: string, probe: ProbedCache): Promise<void> {
  const lock = await lockOf(file);
  try {
    const lines = (readText(file, mostBytes) ?? '').split('\n').filter((line) => line !== '');
    const isOther = (line: string): boolean => {
      const found = lineOf(line);
      return typeof found === 'string' || found[0] !== cgroup;
    };
    const all = [...lines.filter(isOther), JSON.stringify({ cgroup, ...probeFields(probe) })];
    await keepFile(
      file,
      lastOf(all)
        .map((line) => `${line}\n`)
        .join(''),
    );
  } finally {
    lock.release();
  }
}

/** As many as a reader accepts. */
function lastOf(lines: readonly string[]): readonly string[] {
  let left = mostBytes;
  const from = lines.findLastIndex((line) => {
    left -= encodedLength(line) + 1;
    return left < 0;
  });
  return lines.slice(from + 1).slice(-mostProbes);
}

/** Probes that end together write one after the other. A write takes milliseconds. */
const longestWaitMs = 5_000;
const betweenTriesMs = 20;

/** @throws LocatedError if there is none */
async function lockOf(file: string): Promise<Lock> {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const at = `${file.slice(0, -name.length)}${lockName('probes', name)}`;
  const over = AbortSignal.timeout(longestWaitMs);
  for (;;) {
    const claimed = await claim(at, 'a probe that keeps its answer');
    if (claimed.kind === 'held') return claimed.lock;
    // Others took and released it between two tries.
    const isBusy = claimed.kind === 'taken' || claimed.why === 'ENOENT' || claimed.why === 'ECONNREFUSED';
    if (!isBusy || over.aborted)
      throw new LocatedError({
        where: at,
        expected: 'a free lock',
        got: { message: claimed.kind === 'none' ? claimed.why : claimed.by },
        todo: 'probe again, or pass another --history-dir to the agent and the probe',
      });
    await sleep(betweenTriesMs, over);
  }
}
