/** What an agent of this node kept, taken up again: from its own file, else from the cluster. */
import { readText, replaceFile, setAside } from '../edges/files.ts';
import { pack, unpack } from '../edges/pack.ts';
import type { Checkpoint } from '../history/checkpoint.ts';
import { History } from '../history/history.ts';
import { decodeCheckpoint } from '../history/read-checkpoint.ts';
import { encodeCheckpoint } from '../history/write-checkpoint.ts';
import { Fault, messageOf } from '../model/fault.ts';
import { fileName } from '../model/file-name.ts';
import { KubeFault } from '../model/kube-fault.ts';
import type { Condition, NodeReport } from '../model/report.ts';
import type { Sink } from '../model/sink.ts';
import { rfc3339 } from '../model/time.ts';
import { historyKey } from '../report/history-map.ts';
import { historyFileSink } from '../sinks/history-file.ts';

/** Of a checkpoint, unpacked: a ConfigMap holds 1 MiB of gzip, and 2,000 names take less than this. */
export const mostHistoryBytes = 8 * 1024 ** 2;

export class KeptHistory {
  readonly history = new History();
  private readonly node: string;
  private readonly now: () => number;
  private state: Omit<Condition, 'type'>;
  /** Whether what was kept has been taken up, or there is none: before that nothing may take its place. */
  isTakenUp = false;

  /** @param now milliseconds since 1970 */
  constructor(node: string, now: () => number) {
    this.node = node;
    this.now = now;
    this.state = {
      status: 'True',
      reason: 'Begun',
      message: `Nothing was kept: it begins ${rfc3339(now())}.`,
    };
  }

  get condition(): Condition {
    return { type: 'HistoryKept', ...this.state };
  }

  /** @returns the sink that keeps it there */
  openFile(directory: string): Sink {
    const file = `${directory}/${historyFileName(this.node)}`;
    try {
      const text = readText(file);
      if (text !== undefined) {
        this.takeUp(file, text);
        this.isTakenUp = true;
      }
    } catch (error) {
      // Nothing is lost: it is looked at later, by a person or by an agent of its own version.
      const aside = setAside(file);
      this.setAside(`${messageOf(error)}; it is kept as ${aside}, and the history begins anew`);
    }
    return historyFileSink({ file, render: (report) => this.render(report), replaceFile, now: this.now });
  }

  /** @param get the ConfigMap; undefined: there is none. @throws KubeFault where the API gives no answer: to be tried again */
  async openMap(get: () => Promise<unknown>): Promise<void> {
    if (this.isTakenUp) return;
    const found = await get();
    try {
      if (found !== undefined) this.takeUp('the ConfigMap of the history', unpackMap(found));
    } catch (error) {
      if (error instanceof KubeFault) throw error;
      this.setAside(`${messageOf(error)}; the history begins anew, and takes its place`);
    }
    this.isTakenUp = true;
  }

  /** Packed, for the cluster. */
  packed(report: NodeReport): string {
    return pack(this.render(report));
  }

  private render({ node }: NodeReport): string {
    const capacityBytes = node?.totalBytes;
    return encodeCheckpoint({
      node: this.node,
      at: this.now() / 1000,
      ...(capacityBytes !== undefined && { capacityBytes }),
      ...this.history.kept(),
    });
  }

  private takeUp(where: string, text: string): void {
    const kept = decodeCheckpoint(where, text);
    if (kept.node !== this.node)
      throw new Fault({ where, expected: `the history of ${this.node}`, got: `that of ${kept.node}` });
    this.history.restore(kept);
    const message = `Goes on from ${where}, written ${rfc3339(kept.at * 1000)}.`;
    this.state = { status: 'True', reason: 'Continued', message };
  }

  private setAside(message: string): void {
    this.state = { status: 'False', reason: 'SetAside', message };
  }
}

export const historyFileSuffix = '.history.json';
const historyFileName = (node: string): string => `${fileName(node)}${historyFileSuffix}`;

/** @throws Fault for one that holds no history */
function unpackMap(map: unknown): string {
  const { metadata, binaryData } = map as {
    readonly metadata?: { readonly name?: string };
    readonly binaryData?: Readonly<Record<string, unknown>>;
  };
  const where = `ConfigMap ${metadata?.name ?? ''}`;
  const packed = binaryData?.[historyKey];
  if (typeof packed !== 'string')
    throw new Fault({ where, expected: `binaryData ${historyKey}`, got: 'none' });
  try {
    return unpack(packed, mostHistoryBytes);
  } catch (error) {
    throw new Fault({ where, expected: `binaryData ${historyKey} as gzip`, got: messageOf(error) });
  }
}

/** A history as it was kept in a map. @throws Fault */
export const historyOf = (map: unknown): Checkpoint => {
  const { metadata } = map as { readonly metadata?: { readonly name?: string } };
  return decodeCheckpoint(`ConfigMap ${metadata?.name ?? ''}`, unpackMap(map));
};
