/** The rows of the last report. Most containers and pods of a node have the same one in the next. */
import type { ContainerRole, PodRole } from '../model/cgroup-role.ts';
import { defined } from '../model/json.ts';
import type { Judged } from '../model/observation.ts';
import type { ContainerReport, KilledContainer, PodReport } from '../model/report.ts';
import type { MemoryUsage } from '../model/usage.ts';

export interface JudgedContainer extends Judged {
  readonly role: ContainerRole;
}

export interface JudgedPod extends Judged {
  readonly role: PodRole;
}

/** The rows of a pod's containers, and those containers that an OOM kill ended. */
export interface PodsContainers {
  readonly containers: readonly ContainerReport[];
  readonly killed: readonly KilledContainer[];
}

type Facts = Pick<JudgedContainer, 'role' | 'pod' | 'container' | 'verdict' | 'recommendation'>;
type PodFacts = Pick<JudgedPod, 'role' | 'pod'> & PodsContainers;

interface Known<Found, Row> {
  readonly facts: Found;
  readonly row: Row;
}

/** By figures: while nothing changes, these are the same object. Weak: an entry disappears with them. */
type Rows<Found, Row> = WeakMap<MemoryUsage, Known<Found, Row>>;

export class KeptRows {
  private readonly containers: Rows<Facts, ContainerReport> = new WeakMap();
  private readonly pods: Rows<PodFacts, PodReport> = new WeakMap();

  /** The row of the last report if nothing changed since, else a new one. */
  of(judged: JudgedContainer, rowOf: (judged: JudgedContainer) => ContainerReport): ContainerReport {
    const before = this.containers.get(judged.usage);
    if (before !== undefined && isSame(before.facts, judged)) return before.row;
    const row = rowOf(judged);
    const { role, pod, container, verdict, recommendation } = judged;
    const facts = defined<Facts>({ role, pod, container, verdict, recommendation });
    this.containers.set(judged.usage, { facts, row });
    return row;
  }

  /** The same for a pod. */
  ofPod(
    judged: JudgedPod,
    parts: PodsContainers,
    rowOf: (judged: JudgedPod, parts: PodsContainers) => PodReport,
  ): PodReport {
    const before = this.pods.get(judged.usage);
    if (before !== undefined && isSamePod(before.facts, judged, parts)) return before.row;
    const row = rowOf(judged, parts);
    const { role, pod } = judged;
    this.pods.set(judged.usage, { facts: { ...defined({ role, pod }), ...parts }, row });
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

const isSamePod = (
  one: PodFacts,
  { role, pod }: JudgedPod,
  { containers, killed }: PodsContainers,
): boolean =>
  one.role.podUID === role.podUID &&
  one.role.qos === role.qos &&
  one.pod === pod &&
  one.killed.length === 0 &&
  killed.length === 0 &&
  one.containers.length === containers.length &&
  one.containers.every((row, index) => row === containers[index]);
