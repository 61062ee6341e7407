/** The rows of the last report. Most containers of a node have the same one in the next. */
import type { ContainerRole } from '../model/cgroup-role.ts';
import { defined } from '../model/json.ts';
import type { Judged } from '../model/observation.ts';
import type { ContainerReport } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';

type Facts = Pick<JudgedContainer, 'role' | 'pod' | 'container' | 'verdict' | 'recommendation'>;

export interface JudgedContainer extends Judged {
  readonly role: ContainerRole;
}

interface Known {
  readonly facts: Facts;
  readonly row: ContainerReport;
}

export class KeptRows {
  /** By figures: while nothing changes, these are the same object. Weak: an entry disappears with them. */
  private readonly known = new WeakMap<MemoryUsage, Known>();

  /** The row of the last report if nothing changed since, else a new one. */
  of(judged: JudgedContainer, rowOf: (judged: JudgedContainer) => ContainerReport): ContainerReport {
    const before = this.known.get(judged.usage);
    if (before !== undefined && isSame(before.facts, judged)) return before.row;
    const row = rowOf(judged);
    const { role, pod, container, verdict, recommendation } = judged;
    this.known.set(judged.usage, {
      facts: defined<Facts>({ role, pod, container, verdict, recommendation }),
      row,
    });
    return row;
  }
}

/** The role of an unchanged cgroup can change: Kata's overhead cgroup shows which one is a sandbox. */
const isSame = (one: Facts, other: Facts): boolean =>
  one.role.podUID === other.role.podUID &&
  one.role.id === other.role.id &&
  one.role.runtime === other.role.runtime &&
  one.role.sandbox === other.role.sandbox &&
  one.pod === other.pod &&
  one.container?.type === other.container?.type &&
  one.container?.container === other.container?.container &&
  one.verdict === other.verdict &&
  one.recommendation === other.recommendation;
