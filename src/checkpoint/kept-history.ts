/**
 * What agents of this node kept, taken up again: from the file of this node and from the cluster, in whatever order they
 * turn up. Neither is written before it was read.
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
import { type Claim, claim } from '../edges/lock.ts';
import { pack, unpack } from '../edges/pack.ts';
import { ApiError } from '../kube/api-error.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import type { Condition, NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { fileName, hashOf, printable } from '../model/text.ts';
import { rfc3339 } from '../model/time.ts';
import { historyKey } from '../publish/history-map.ts';
import { History } from '../usage/history.ts';
import type { Checkpoint } from './checkpoint.ts';
import { historyFileSink } from './file-sink.ts';
import { decodeCheckpoint, NewerHistory } from './read.ts';
import { encodeCheckpoint } from './write.ts';

/** Of a checkpoint, unpacked: a ConfigMap holds 1 MiB of gzip, and 2,000 names take less than this. */
export const mostHistoryBytes = 8 * 1024 ** 2;

type State = Omit<Condition, 'type'>;

export interface KeptOptions {
  readonly node: string;
  /** Milliseconds since 1970; undefined: nobody knows what time it is, and nothing is written. */
  readonly now: () => number | undefined;
  /** What to tell other agents about this one. */
  readonly about?: string;
  /** Told of each change for better or worse after the start. */
  readonly say?: (message: string) => void;
  /** Told when a history that is taken up was written, in milliseconds since 1970. */
  readonly found?: (at: number) => void;
}

export class KeptHistory {
  readonly history = new History();
  private readonly options: KeptOptions;
  private begunAt: number | undefined;
  private file: State | undefined;
  private map: State | undefined;
  /** As it was in the cluster when this agent read or wrote it last. */
  private packedThere: string | undefined;
  private mapIsRead = false;
  private claimed: Claim = { kind: 'none', why: '' };
  /** Why the file is not written: it holds what nobody may lose. */
  private blocked: string | undefined;

  constructor(options: KeptOptions) {
    this.options = options;
  }

  /** The worse of what there is to say about the file and the cluster, or both. */
  get condition(): Condition {
    const all = [this.file, this.map].flatMap((state) => state ?? []);
    const worst = all.find(({ status }) => status === 'False') ?? all.find(({ status }) => status !== 'True');
    const [first = this.begun(), ...more] = all;
    const message = [first, ...more].map((state) => state.message).join(' ');
    return { type: 'HistoryKept', ...(worst ?? first), message };
  }

  private begun(): State {
    this.begunAt ??= this.options.now();
    const since = this.begunAt === undefined ? '' : `: it begins ${rfc3339(this.begunAt)}`;
    return { status: 'True', reason: 'Begun', message: `Nothing was kept${since}.` };
  }

  /** Whether the cluster's history may be written: it was read, and somebody knows what time it is. */
  get isTakenUp(): boolean {
    return this.mapIsRead && this.options.now() !== undefined;
  }

  /** Takes up the file of this node. @returns the sink that keeps it there */
  async openFile(directory: string): Promise<Sink> {
    const file = `${directory}/${historyFileName(this.options.node)}`;
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

  /** @param get the ConfigMap; undefined: there is none. @throws KubeFault where the API gives no answer: to be tried again */
  async openMap(get: () => Promise<unknown>): Promise<void> {
    let found: unknown;
    try {
      found = await get();
    } catch (error) {
      if (!this.mapIsRead)
        this.map = {
          status: error instanceof ApiError && error.status === 403 ? 'False' : 'Unknown',
          reason: 'ClusterNotRead',
          message: `The history in the cluster is not written before it was read: ${printable(messageOf(error))}.`,
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
      const then = isNewer ? 'it stays as it is' : 'it is no history, and is written over';
      this.map = notTakenUp(`${error.message}; ${then}`);
      if (isNewer) return;
    }
    this.mapIsRead = true;
  }

  /** Packed, for the cluster. */
  packed(report: NodeReport): string {
    this.packedThere = pack(this.render(report));
    return this.packedThere;
  }

  private render({ node }: NodeReport): string {
    const capacityBytes = node?.totalBytes;
    return encodeCheckpoint({
      node: this.options.node,
      at: (this.options.now() ?? Number.NaN) / 1000,
      ...(capacityBytes !== undefined && { capacityBytes }),
      ...this.history.kept(),
    });
  }

  /** Whether the file may be written now. What another agent left in it since is taken up first. */
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
    // Where it cannot be made, writing says why.
    await makeDirectory(directory).catch(() => {});
    this.claimed = await claim(`${directory}/${lockName(node)}`, about);
    const mayChange = this.claimed.kind !== 'taken';
    if (mayChange) removeUnfinished(file, now());
    this.file = this.readFile(file, mayChange);
    if (this.claimed.kind !== 'taken') return;
    const by = printable(this.claimed.by);
    this.file = {
      status: 'False',
      reason: 'InUse',
      message: `${printable(file)} belongs to another agent that runs: ${by}. This one writes there once that one has ended.`,
    };
  }

  private readFile(file: string, mayChange: boolean): State | undefined {
    this.blocked = undefined;
    let text: string | undefined;
    try {
      text = readText(file);
    } catch (error) {
      this.blocked = `${messageOf(error)}; it is not written over`;
      return notTakenUp(this.blocked);
    }
    try {
      return text === undefined ? undefined : this.restore(file, text);
    } catch (error) {
      if (!mayChange) return undefined;
      return this.putAside(file, messageOf(error));
    }
  }

  /** Nothing is lost: it is looked at later, by a person or by an agent of its own version. */
  private putAside(file: string, why: string): State {
    try {
      return notTakenUp(`${why}; it is kept as ${printable(setAside(file))}, and the history begins anew`);
    } catch (error) {
      this.blocked = `${why}; ${messageOf(error)}; it is not written over`;
      return notTakenUp(this.blocked);
    }
  }

  private restore(where: string, text: string): State {
    const { node, found } = this.options;
    const kept = decodeCheckpoint(where, text);
    if (kept.node !== node)
      throw new LocatedError({ where, expected: `the history of ${node}`, got: `that of ${kept.node}` });
    this.history.restore(kept);
    found?.(kept.at * 1000);
    const message = `Goes on from ${printable(where)}, written ${rfc3339(kept.at * 1000)}`;
    const { dropped } = kept;
    if (dropped === undefined) return { status: 'True', reason: 'Continued', message: `${message}.` };
    const entries = dropped.count === 1 ? '1 entry' : `${dropped.count} entries`;
    return {
      status: 'False',
      reason: 'EntriesDropped',
      message: `${message}, without ${entries} that cannot be read (${dropped.first}${dropped.count > 1 ? ', …' : ''}).`,
    };
  }
}

const notTakenUp = (message: string): State => ({
  status: 'False',
  reason: 'SetAside',
  message: `${message}.`,
});

export const historyFileSuffix = '.history.json';
const historyFileName = (node: string): string => `${fileName(node)}${historyFileSuffix}`;
/** Short: the address of a socket has room for 107 bytes with its directory. */
const lockName = (node: string): string => `history-${hashOf(node).toString(16).padStart(8, '0')}.lock`;

const nameOfMap = (map: unknown): string => {
  const { metadata } = map as { readonly metadata?: { readonly name?: string } };
  return `ConfigMap ${metadata?.name ?? ''}`;
};

/** @throws Fault for one that holds no history */
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

/** A history as it was kept in a map. @throws Fault */
export const historyOf = (map: unknown): Checkpoint =>
  decodeCheckpoint(nameOfMap(map), unpackText(map, packedIn(map)));
