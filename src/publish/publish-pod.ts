/** Turns a pod and its containers into their part of the published report. */
import { type Bytes, bytes, formatBytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import type { ContainerType } from '../model/pod.ts';
import { type ContainerReport, isOwnLimit, type KilledContainer, type PodReport } from '../model/report.ts';
import { compareText, printableUpTo } from '../model/text.ts';
import type { PublishedContainer, PublishedPod } from './published.ts';

/**
 * Maximum lengths of texts in the CRD, which also refuses control characters. Everybody can choose names of cgroups and owners.
 * The API server validates names of pods, but not those from the kubelet's log directories.
 */
const longestOf = { name: 253, label: 63, workload: 512, version: 128, reason: 64, message: 2048 } as const;
export const podText = (of: keyof typeof longestOf, value: string): string =>
  printableUpTo(longestOf[of], value);

/** No pod without a name: `unidentified` counts it. */
export function publishedPod(pod: PodReport, containers: readonly ContainerReport[]): PublishedPod[] {
  const { namespace, name, workload, realBytes, oomKills, killed = [] } = pod;
  if (namespace === undefined || name === undefined) return [];
  return [
    defined<PublishedPod>({
      namespace: podText('label', namespace),
      name: podText('name', name),
      workload: workload === undefined ? undefined : podText('workload', workload),
      real: roundedQuantity(realBytes),
      ...settingsOf(pod, containers),
      ooms: unlessZero(oomKills),
      containers: [...containers.flatMap(publishedContainer), ...killed.map(publishedKilled)].toSorted(
        (a, b) => compareText(a.name, b.name),
      ),
    }),
  ];
}

/** Request and limit of the whole pod, where a reader cannot add up those of the listed containers. */
function settingsOf(
  { cgroup, requestBytes, limitBytes, limitFrom, killed = [] }: PodReport,
  containers: readonly ContainerReport[],
): { readonly request?: string | undefined; readonly limit?: string | undefined } {
  // A pod without a cgroup has the path and the settings of its first container.
  if (containers.some((container) => container.cgroup === cgroup)) return {};
  const listed = [...containers.filter(({ name }) => name !== undefined).map(withOwnLimit), ...killed];
  const unlessSum = (all: Bytes | undefined, of: 'requestBytes' | 'limitBytes'): string | undefined =>
    all === listed.reduce((sum, one) => sum + (one[of] ?? 0), 0) ? undefined : roundedQuantity(all);
  return {
    request: unlessSum(requestBytes, 'requestBytes'),
    // The limit of a cgroup above the pod is shared by all pods.
    limit: limitFrom === undefined ? unlessSum(limitBytes, 'limitBytes') : undefined,
  };
}

/** Omits unnamed containers and the sandbox. The pod's real includes them. */
function publishedContainer(container: ContainerReport): PublishedContainer[] {
  const { name, type, verdict } = container;
  if (name === undefined) return [];
  return [
    defined<PublishedContainer>({
      name: podText('label', name),
      type: publishedType(type),
      real: roundedQuantity(container.realBytes),
      peak: roundedQuantity(container.peakRealBytes),
      usage: roundedQuantity(container.usageBytes),
      workingSet: roundedQuantity(container.workingSetBytes),
      request: roundedQuantity(container.requestBytes),
      limit: roundedQuantity(withOwnLimit(container).limitBytes),
      suggest: roundedQuantity(container.suggest?.requestBytes),
      suggestLimit: roundedQuantity(container.suggest?.limitBytes),
      ooms: unlessZero(container.oomKills),
      verdict,
    }),
  ];
}

/** Without a limit that all pods of the node share. */
const withOwnLimit = ({ cgroup, requestBytes, limitBytes, limitFrom }: ContainerReport): Settings => ({
  requestBytes,
  limitBytes: isOwnLimit(cgroup, limitFrom) ? limitBytes : undefined,
});

interface Settings {
  readonly requestBytes: Bytes | undefined;
  readonly limitBytes: Bytes | undefined;
}

const publishedKilled = ({
  name,
  type,
  oomKills,
  requestBytes,
  limitBytes,
}: KilledContainer): PublishedContainer =>
  defined<PublishedContainer>({
    name: podText('label', name),
    type: publishedType(type),
    request: roundedQuantity(requestBytes),
    limit: roundedQuantity(limitBytes),
    ooms: unlessZero(oomKills),
    verdict: 'OOMKilled',
  });

/** The type in the report: absent for a regular container. A sandbox has no name and is never in the report. */
const publishedType = (type: ContainerType): PublishedContainer['type'] =>
  type === 'container' || type === 'sandbox' ? undefined : type;

/** Absent means 0 in the report. */
const unlessZero = (count: number | undefined): number | undefined => (count === 0 ? undefined : count);

/** At least 0: a difference of figures that were read one after another can be negative. */
export const roundedQuantity = (amount: Bytes | undefined): string | undefined =>
  amount === undefined ? undefined : formatBytes(bytes(Math.max(0, amount)));
