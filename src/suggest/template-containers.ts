/** Which containers of a suggestion are in the pod template of their owner. Injected ones are not, nor removed ones. */
import { isGone, isMainRunning } from '../model/recommendation.ts';
import { injectorSays, isInjectedName } from '../pods/injectors.ts';
import type { OwnerObject, PodSpec, RunningPod, SpecContainer } from '../pods/pod-spec.ts';
import { memoryQuantities, sizesInWords } from './patch-text.ts';
import type { SuggestionRow } from './rows.ts';

/** Facts about a workload beyond its suggestions. */
export interface Knowledge {
  /** Absent: unknown. `missing`: the API has no such owner. */
  readonly owner?: OwnerObject | 'missing';
  /** Pods of the workload. Absent: unknown. */
  readonly pods?: readonly RunningPod[];
  /** Rows of all its containers, including those without a change. */
  readonly all: readonly SuggestionRow[];
}

interface Template {
  /** The template's spec, or a pod's without injected containers. Absent: neither is known. */
  readonly spec?: PodSpec;
  /** The spec is the template's. Otherwise admission may have set more in the pod than the template has. */
  readonly isExact: boolean;
  /** Why a row gets no patch. Undefined: the template has its container, as far as known. */
  readonly whyMissing: (row: SuggestionRow) => string | undefined;
}

export function templateOf(known: Knowledge): Template {
  const { owner } = known;
  const template = owner === 'missing' ? undefined : owner?.template;
  const isInjected = injectedIn(known, template);
  const spec = template ?? withoutInjected(known.pods?.[0], isInjected);
  return {
    ...(spec !== undefined && { spec }),
    isExact: template !== undefined,
    whyMissing: (row) => whyMissing(row, known.all, spec, isInjected),
  };
}

/** Tells injected containers by the pod template. Without one, by the pod's annotations, then by the container's name. */
function injectedIn(
  { pods = [], all }: Knowledge,
  template: PodSpec | undefined,
): (container: string) => boolean {
  if (template !== undefined)
    return (container) =>
      isInjectedName(container) && !template.containers.some(({ name }) => name === container);
  const inPods = pods.flatMap(({ injected }) => injected);
  const isBeside = (type: string): boolean => type !== 'init' && type !== 'ephemeral';
  const beside =
    pods[0] === undefined
      ? all.flatMap(({ suggestion: { key, setting, isWholePod } }) =>
          isBeside(setting.type) && !isWholePod ? [key.container] : [],
        )
      : pods[0].containers.flatMap(({ name, type }) => (isBeside(type) ? [name] : []));
  return (container) => {
    if (inPods.includes(container)) return true;
    // A gateway has no container beside the proxy, so the proxy is in its template.
    const isAlone = beside.includes(container) && beside.every((name) => name === container);
    return isInjectedName(container) && !isAlone;
  };
}

/** Why a container gets no patch. The API server would add one missing from the template as a new container without an image. */
function whyMissing(
  row: SuggestionRow,
  all: readonly SuggestionRow[],
  spec: PodSpec | undefined,
  isInjected: (container: string) => boolean,
): string | undefined {
  const { key, setting, isWholePod } = row.suggestion;
  const { container } = key;
  if (isWholePod) return undefined;
  if (isInjected(container)) return injectorSays(container, memoryQuantities(row));
  if (spec !== undefined)
    return spec.containers.some(({ name }) => name === container)
      ? undefined
      : injectorSays(container, memoryQuantities(row));
  // If the pod sets a request for all its containers, the container's own could exceed it.
  if (setting.request === undefined && setting.limit === undefined && setting.pod === undefined)
    return `no command, because it sets nothing now, and realmem does not know whether its pod sets resources as a whole (spec.resources). Pass --kubeconfig or --pods. If the pod sets none: ${sizesInWords(row)}`;
  const othersRun = all.some(({ suggestion }) => isMainRunning(suggestion));
  return isGone(row.suggestion, othersRun)
    ? `no command, because other containers of the workload run and this one does not: the template may no longer have it. If it has: ${sizesInWords(row)}`
    : undefined;
}

/** The pod's containers at their positions in the template, which does not have the injected ones. */
function withoutInjected(
  pod: RunningPod | undefined,
  isInjected: (container: string) => boolean,
): PodSpec | undefined {
  if (pod === undefined) return undefined;
  const own = pod.containers.filter(({ name, type }) => type !== 'ephemeral' && !isInjected(name));
  const isInit = ({ type }: SpecContainer): boolean => type !== 'container';
  const inPlace = [own.filter((one) => !isInit(one)), own.filter(isInit)].flatMap((list) =>
    list.map((one, index) => ({ ...one, index })),
  );
  return { ...pod, containers: inPlace };
}
