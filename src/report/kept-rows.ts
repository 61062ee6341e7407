/** The rows of the last report. Most containers of a node have the same one in the next. */
import { defined } from '../model/json.ts';
import type { Judged } from '../model/observation.ts';
import type { ContainerReport } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';

type Facts = Pick<Judged, 'pod' | 'container' | 'verdict' | 'recommendation'>;

interface Known {
  readonly facts: Facts;
  readonly row: ContainerReport;
}

export class KeptRows {
  /** By figures: while nothing changes, these are the same object. Weak: an entry disappears with them. */
  private readonly known = new WeakMap<MemoryUsage, Known>();

  /** The row of the last report if nothing changed since, else a new one. */
  of<Row extends Judged>(judged: Row, rowOf: (judged: Row) => ContainerReport): ContainerReport {
    const before = this.known.get(judged.usage);
    if (before !== undefined && isSame(before.facts, judged)) return before.row;
    const row = rowOf(judged);
    const { pod, container, verdict, recommendation } = judged;
    this.known.set(judged.usage, { facts: defined<Facts>({ pod, container, verdict, recommendation }), row });
    return row;
  }
}

const isSame = (one: Facts, other: Facts): boolean =>
  one.pod === other.pod &&
  one.container?.type === other.container?.type &&
  one.container?.container === other.container?.container &&
  one.verdict === other.verdict &&
  one.recommendation === other.recommendation;
