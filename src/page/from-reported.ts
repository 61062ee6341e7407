/** Suggestions from the reports alone, for users who cannot read the histories: without reasons and days. */

import { workloadName } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { type Risk, risks } from '../model/recommendation.ts';
import type { Verdict } from '../model/report.ts';
import type { PageContainer, PagePod, PageSuggestion } from './data.ts';

interface Replica {
  readonly pod: PagePod;
  readonly container: PageContainer;
}

/** One for each container of a workload to which an agent suggests other values. The most that a replica needs counts. */
export function reportedSuggestions(pods: readonly PagePod[]): readonly PageSuggestion[] {
  const byName = Map.groupBy(
    pods.flatMap((pod) => pod.containers.map((container): Replica => ({ pod, container }))),
    ({ pod, container }) => `${pod.namespace}\n${workloadName(pod)}\n${container.name}`,
  );
  return [...byName.values()]
    .flatMap((replicas) => suggestionOf(replicas) ?? [])
    .toSorted((a, b) => b.frees - a.frees);
}

function suggestionOf(replicas: readonly Replica[]): PageSuggestion | undefined {
  const [first] = replicas;
  const request = largest(replicas, ({ suggestRequest }) => suggestRequest);
  const limit = largest(replicas, ({ suggestLimit }) => suggestLimit);
  if (first === undefined || (request === undefined && limit === undefined)) return undefined;
  const { pod, container } = first;
  const kills = replicas.reduce((sum, one) => sum + (one.container.ooms ?? 0), 0);
  const freed = replicas.map(({ container: one }) =>
    request === undefined ? 0 : (one.request ?? 0) - request,
  );
  const nodes = [...new Set(replicas.map((one) => one.pod.node))];
  return defined<PageSuggestion>({
    ...{ namespace: pod.namespace, workload: workloadName(pod), container: container.name },
    ...{
      replicas: replicas.length,
      requestNow: container.request,
      limitNow: container.limit,
      request,
      limit,
    },
    frees: freed.reduce((sum, one) => sum + one, 0),
    risk: riskOf(replicas),
    kills: kills === 0 ? undefined : kills,
    because: [
      `Suggested by the agent${nodes.length === 1 ? ` of ${nodes[0]}` : `s of ${nodes.length} nodes`}.`,
    ],
  });
}

function largest(
  replicas: readonly Replica[],
  of: (container: PageContainer) => number | undefined,
): number | undefined {
  const known = replicas.flatMap(({ container }) => of(container) ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

const riskOfVerdict: Partial<Record<Verdict, Risk>> = {
  OOMKilled: 'killed',
  NearLimit: 'too low',
  Leaking: 'leak',
  NoLimit: 'no limit',
  Oversized: 'too much',
};

/** The worst of all replicas. */
const riskOf = (replicas: readonly Replica[]): Risk => {
  const found = replicas.map(({ container: { verdict } }) => verdict && riskOfVerdict[verdict]);
  return risks.find((risk) => found.includes(risk)) ?? '';
};
