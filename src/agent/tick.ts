/** The product in one function: sample and observe, and if a report is due, identify, account, recommend, report, publish. */
import { account } from '../account/account.ts';
import type { KeptUsages } from '../account/kept-usages.ts';
import { Stretches } from '../edges/clock.ts';
import type { Host } from '../edges/host.ts';
import { resolveClaims } from '../identify/claims.ts';
import { identify } from '../identify/names.ts';
import type { NameSource } from '../identify/names-source.ts';
import type { Skipped } from '../model/cgroup.ts';
import type { Accounted, Identified, Judged, Observation } from '../model/observation.ts';
import type { Condition, NodeReport, Sink } from '../model/report.ts';
import { type Failure, publish } from '../publish/guarded-sink.ts';
import type { Advice } from '../recommend/advice.ts';
import { judgeAmong } from '../recommend/verdict.ts';
import type { KeptRows } from '../report/kept-rows.ts';
import { type About, report } from '../report/report.ts';
import type { EventSampler } from '../sample/events/event-sampler.ts';
import { sample } from '../sample/host.ts';
import type { Reuse } from '../sample/reuse/reuse.ts';
import type { Selection } from '../sample/selection.ts';
import type { History } from '../usage/history.ts';
import { observe } from '../usage/observe.ts';
import { usageOwnerOf } from '../usage/owner.ts';
import type { ProbeTaker } from '../usage/probes/taker.ts';

/** The input of a tick: a node with its history and its sinks. */
export interface Node {
  readonly host: Host;
  readonly names: NameSource;
  readonly history: History;
  readonly advice: Advice;
  readonly about: About;
  /** More conditions for the report, beside its own. */
  readonly conditions: () => readonly Condition[];
  readonly sinks: readonly Sink[];
  readonly selection: Selection;
  /** Absent where the kernel does not report memory events. */
  readonly events?: EventSampler;
  /** Absent for a single pass. */
  readonly reuse?: Reuse;
  /** Figures and rows of the last report, for cgroups that do not change. Absent for a single pass. */
  readonly usages?: KeptUsages;
  readonly rows?: KeptRows;
  /** Absent for a single pass. */
  readonly probes?: ProbeTaker;
}

/**
 * Runs one pass. Every pass samples and observes, which is cheap. Only a pass with a report runs the other stages.
 * @param at milliseconds since 1970
 * @param due whether this pass reports
 * @param isTrusted whether `at` is right. A sample at an untrusted time updates no aggregate
 */
export async function tick(node: Node, at: number, due: boolean, isTrusted = true): Promise<Ticked> {
  const {
    host,
    names: { names },
    history,
    selection,
    about,
  } = node;
  const rememberedAt = isTrusted ? at : undefined;

  const read = sample(host, due, selection, node.reuse, at, names.pods);
  const sampled = observe(history, read, host, names.pods, rememberedAt, due);
  const { faults } = sampled;
  if (!due) return { faults, failures: [] };

  const identified = identify(sampled.observations, names, host.containerName);
  const gone = rememberedAt === undefined ? [] : killedAndGone(node, sampled.observations);
  history.identified([...identified, ...gone], rememberedAt);
  // Nothing may come between the sample and this: a kill in between would count as seen.
  node.events?.follow(sampled.observations);
  // From here on other events can come between two stages. They find the last report.
  const stretches = new Stretches();
  await stretches.pause();

  const accounted = account(identified, history, host.machine, node.usages);
  history.accounted(accounted, rememberedAt);
  node.probes?.take(history, accounted, rememberedAt, sampled.meminfo?.memTotal);
  await stretches.pause();

  // A single pass has too little data for a verdict.
  const judged =
    about.periodSeconds === undefined ? accounted : await recommend(node, accounted, at, stretches);

  const nodeReport = report(node, sampled, judged, at);
  await stretches.pause();
  return { report: nodeReport, faults, failures: await publish(nodeReport, node.sinks) };
}

/** Containers that the OOM killer ended since the last report, as they were at the kernel's memory event. */
function killedAndGone(
  { host, names: { names }, events }: Node,
  observations: readonly Observation[],
): readonly Identified[] {
  const gone = events?.killed.missingFrom(observations) ?? [];
  if (gone.length === 0) return gone;
  const samples = new Set(gone.map(({ sample }) => sample));
  const { observations: believed } = resolveClaims([...observations, ...gone]);
  const found = identify(believed, names, host.containerName, false).filter(({ sample }) =>
    samples.has(sample),
  );
  // The API server may report a new container, and so its name, only after the kill.
  events?.killed.counted(
    new Set(found.flatMap((one) => (usageOwnerOf(one) === undefined ? [] : [one.sample]))),
  );
  return found;
}

/** Every ten minutes this takes long: recommendations are renewed. */
async function recommend(
  { history, advice }: Node,
  accounted: readonly Accounted[],
  at: number,
  stretches: Stretches,
): Promise<readonly Judged[]> {
  const judgeOne = judgeAmong(accounted, history, (id) => advice.on(id, at), at);
  const judged: Judged[] = [];
  for (const observation of accounted) {
    judged.push(judgeOne(observation));
    if (stretches.isLong) await stretches.pause();
  }
  return judged;
}

/** The result of one pass. */
export interface Ticked {
  /** Absent if no report was due. */
  readonly report?: NodeReport;
  /** Files and directories that could not be read or parsed. */
  readonly faults: readonly Skipped[];
  /** The sinks that failed, each with its error. */
  readonly failures: readonly Failure[];
}
