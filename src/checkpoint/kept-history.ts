/**
 * Restores the history that earlier agents of this node kept: from the node's file and from the cluster, in any order. Neither
 * is written before it was read.
 */
import { now, uptime } from '../edges/clock.ts';
import {
  keepFile,
  makeDirectory,
  readText,
  removeUnfinished,
  setAside,
  whyNotWritten,
} from '../edges/files.ts';
import { type Claim, canBeLocked, claim } from '../edges/lock.ts';
import { pack, unpack } from '../edges/pack.ts';
import { ApiError } from '../kube/api-error.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import type { Condition, NodeReport, Sink } from '../model/report.ts';
import { fileName, hashOf, printable } from '../model/text.ts';
import { rfc3339 } from '../model/time.ts';
import { historyKey } from '../publish/history-map.ts';
import { History } from '../usage/history.ts';
import type { Checkpoint } from './checkpoint.ts';
import { historyFileSink } from './file-sink.ts';
import { decodeCheckpoint, NewerHistory } from './read.ts';
import { encodeInStretches } from './write.ts';

/** Largest checkpoint, unpacked. A ConfigMap holds 1 MiB of gzip, and 2,000 names take less than this. */
export const mostHistoryBytes = 8 * 1024 ** 2;

type State = Omit<Condition, 'type'>;

export interface KeptOptions {
  readonly node: string;
  /** Milliseconds since 1970; undefined: the time is unknown, and nothing is written. */
  readonly now: () => number | undefined;
  /** Describes this agent to other agents, which find the file in use. */
  readonly about?: string;
  /** Gets a message about each change of the condition after the start. */
  readonly say?: (message: string) => void;
  /** Gets the time at which a restored history was written, in milliseconds since 1970. */
  readonly found?: (at: number) => void;
}

export class KeptHistory {
  readonly history = new History();
  private readonly options: KeptOptions;
  private begunAt: number | undefined;
  private file: State | undefined;
  private map: State | undefined;
  /** The cluster's history as this agent last read or wrote it. */
  private packedThere: string | undefined;
  private mapIsRead = false;
  private claimed: Claim = { kind: 'none', why: '' };
  /** Why the file must not be written: it holds a history that would be lost. */
  private blocked: string | undefined;

  constructor(options: KeptOptions) {
    this.options = options;
  }

  /** The worse status of file and cluster, with the messages of both. */
  get condition(): Condition {
    const all = [this.file, this.map].flatMap((state) => state ?? []);
    const worst = all.find(({ status }) => status === 'False') ?? all.find(({ status }) => status !== 'True');
    const [first = this.begun(), ...more] = all;
    const message = [first, ...more].map((state) => state.message).join(' ');
    return { type: 'HistoryKept', ...(worst ?? first), message };
  }

  private begun(): State {
    this.begunAt ??= this.options.now();
    const since = this.begunAt === undefined ? '' : `; a new one begins ${rfc3339(this.begunAt)}`;
    return { status: 'True', reason: 'Begun', message: `No earlier history${since}.` };
  }

  /** Whether the cluster's history may be written: it was read, and the time is known. */
  get isRestored(): boolean {
    return this.mapIsRead && this.options.now() !== undefined;
  }

  get probesTaken(): number {
    return this.history.probesTaken;
  }

  /** Restores the history from the node's file. @returns the sink that writes the file */
  async openFile(directory: string): Promise<Sink> {
    const { file } = historyFilesIn(directory, this.options.node);
    await this.claimFile(directory, file);
    return historyFileSink({
      file,
      render: (report) => this.render(report),
      keepFile,
      explain: (error) => whyNotWritten(file, error, '--history-dir'),
      isMine: () => this.isMine(directory, file),
      now: uptime,
      closed: () => {
        if (this.claimed.kind === 'held') this.claimed.lock.release();
      },
    });
  }

  /** @param get reads the ConfigMap; undefined: there is none @throws ApiError without an answer of the API: retry */
  async openMap(get: () => Promise<unknown>): Promise<void> {
    let found: unknown;
    try {
      found = await get();
    } catch (error) {
      if (!this.mapIsRead)
        this.map = {
          status: error instanceof ApiError && error.status === 403 ? 'False' : 'Unknown',
          reason: 'ClusterNotRead',
          message: `The agent does not write the history in the cluster before it has read it: ${printable(messageOf(error))}.`,
        };
      throw error;
    }
    try {
      if (found === undefined) this.map = undefined;
      else {
        const packed = packedIn(found);
        if (packed !== this.packedThere)
          this.map = this.restore('the ConfigMap of the history', unpackText(found, packed));
        this.packedThere = packed;
      }
    } catch (error) {
      if (!(error instanceof LocatedError)) throw error;
      const isNewer = error instanceof NewerHistory;
      const then = isNewer ? 'the agent leaves it as it is' : 'the agent overwrites it';
      this.map = setAsideState(`${error.message}; ${then}`);
      if (isNewer) return;
    }
    this.mapIsRead = true;
  }

  /** The history, packed for the cluster. */
  async packed(report: NodeReport): Promise<string> {
    this.packedThere = await pack(await this.render(report));
    return this.packedThere;
  }

  private render({ node }: NodeReport): Promise<string> {
    const capacityBytes = node?.totalBytes;
    const take = (): Checkpoint => ({
      node: this.options.node,
      at: (this.options.now() ?? Number.NaN) / 1000,
      ...(capacityBytes !== undefined && { capacityBytes }),
      ...this.history.kept(),
    });
    return encodeInStretches(take, () => this.history.changes);
  }

  /** Whether the file may be written now. First restores a history that another agent left in it meanwhile. */
  private async isMine(directory: string, file: string): Promise<boolean> {
    if (this.options.now() === undefined) return false;
    const { claimed } = this;
    if (claimed.kind === 'taken' || (claimed.kind === 'held' && !claimed.lock.isHeld())) {
      const before = this.file?.message;
      await this.claimFile(directory, file);
      if (this.file?.message !== before) this.options.say?.(this.condition.message);
    }
    if (this.claimed.kind === 'taken') return false;
    if (this.blocked !== undefined) throw new Error(this.blocked);
    return true;
  }

  private async claimFile(directory: string, file: string): Promise<void> {
    const { node, about = '' } = this.options;
    // If this fails, the write fails too, and says why.
    await makeDirectory(directory).catch(() => {});
    const { lock } = historyFilesIn(directory, node);
    this.claimed = await claim(lock, about);
    if (!canBeLocked(lock))
      this.options.say?.(
        `A second agent would overwrite ${printable(file)}: ${printable(lock)} is too long for a lock. Pass a shorter --history-dir.`,
      );
    const mayChange = this.claimed.kind !== 'taken';
    if (mayChange) removeUnfinished(file, now());
    this.file = this.readFile(file, mayChange);
    if (this.claimed.kind !== 'taken') return;
    const by = printable(this.claimed.by);
    this.file = {
      status: 'False',
      reason: 'InUse',
      message: `Another running agent uses ${printable(file)}: ${by}. This agent keeps no history until that one ends; stop one of them, or pass another --history-dir.`,
    };
  }

  private readFile(file: string, mayChange: boolean): State | undefined {
    this.blocked = undefined;
    let text: string | undefined;
    try {
      text = readText(file);
    } catch (error) {
      this.blocked = `${messageOf(error)}; the agent does not overwrite it`;
      return setAsideState(this.blocked);
    }
    try {
      return text === undefined ? undefined : this.restore(file, text);
    } catch (error) {
      if (!mayChange) return undefined;
      return this.putAside(file, messageOf(error));
    }
  }

  /** Keeps the file under another name: a person, or an agent of its version, can still read it. */
  private putAside(file: string, why: string): State {
    try {
      return setAsideState(
        `${why}; the agent keeps it as ${printable(setAside(file))} and starts a new history`,
      );
    } catch (error) {
      this.blocked = `${why}; ${messageOf(error)}; the agent does not overwrite it`;
      return setAsideState(this.blocked);
    }
  }

  private restore(where: string, text: string): State {
    const { node, found } = this.options;
    const kept = decodeCheckpoint(where, text);
    if (kept.node !== node)
      throw new LocatedError({
        where,
        expected: `the history of ${node}`,
        got: `the history of ${kept.node}`,
      });
    this.history.restore(kept);
    found?.(kept.at * 1000);
    const message = `Continues the history from ${printable(where)}, written ${rfc3339(kept.at * 1000)}`;
    const { dropped } = kept;
    if (dropped === undefined) return { status: 'True', reason: 'Continued', message: `${message}.` };
    const entries = dropped.count === 1 ? '1 entry' : `${dropped.count} entries`;
    return {
      status: 'False',
      reason: 'EntriesDropped',
      message: `${message}, without ${entries} that it could not read (${dropped.first}${dropped.count > 1 ? ', …' : ''}).`,
    };
  }
}

const setAsideState = (message: string): State => ({
  status: 'False',
  reason: 'SetAside',
  message: `${message}.`,
});

export const historyFileSuffix = '.history.json';
/** Paths of the files in which an agent keeps the history of its node. */
export const historyFilesIn = (
  directory: string,
  node: string,
): { readonly file: string; readonly lock: string } => ({
  file: `${directory}/${historyFileName(node)}`,
  lock: `${directory}/${lockName('history', node)}`,
});
const historyFileName = (node: string): string => `${fileName(node)}${historyFileSuffix}`;
/** A short name: the address of a socket has at most 107 bytes, with its directory. */
export const lockName = (what: 'history' | 'probes', of: string): string =>
  `${what}-${hashOf(of).toString(16).padStart(8, '0')}.lock`;

const nameOfMap = (map: unknown): string => {
  const { metadata } = map as { readonly metadata?: { readonly name?: string } };
  return `ConfigMap ${metadata?.name ?? ''}`;
};

/** @throws LocatedError if the ConfigMap has no history */
function packedIn(map: unknown): string {
  const { binaryData } = map as { readonly binaryData?: Readonly<Record<string, unknown>> };
  const packed = binaryData?.[historyKey];
  if (typeof packed === 'string') return packed;
  throw new LocatedError({ where: nameOfMap(map), expected: `binaryData ${historyKey}`, got: 'none' });
}

function unpackText(map: unknown, packed: string): string {
  try {
    return unpack(packed, mostHistoryBytes);
  } catch (error) {
    throw new LocatedError({
      where: nameOfMap(map),
      expected: `binaryData ${historyKey} as gzip`,
      got: { message: messageOf(error) },
    });
  }
}

/** The history in a ConfigMap. @throws LocatedError */
export const historyOf = (map: unknown): Checkpoint =>
  decodeCheckpoint(nameOfMap(map), unpackText(map, packedIn(map)));
