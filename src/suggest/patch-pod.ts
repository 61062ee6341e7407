/** The command that resizes a running pod, where the API server accepts it. */
import { parseQuantity } from '../model/bytes.ts';
import {
  memoryOf,
  type PodSpec,
  type RunningPod,
  type SpecContainer,
  type SpecResources,
} from '../pods/pod-spec.ts';
import { comment, nameOfRow, quantity, shellJson, suggestedSizesComment } from './patch-text.ts';
import type { SuggestionRow } from './rows.ts';

/** First minor version whose API server resizes pods. */
const resizesFrom = 33;
/** First minor version that lowers a limit without a restart. */
const lowersFrom = 34;

/**
 * @param rows of its workload
 * @param pod undefined: unknown
 * @param minor version of the API server, 33 for 1.33; undefined: unknown
 */
export function resizeCommand(
  rows: readonly SuggestionRow[],
  pod: RunningPod | undefined,
  title: string,
  minor?: number,
): string {
  if (pod === undefined)
    return (
      comment(
        `${title}: no command, because the pod is unknown, and the API server refuses to resize some pods (static, BestEffort, pod-level resources). Pass --kubeconfig or --pods.`,
      ) + suggestedSizesComment(rows)
    );
  const refused = whyNot(pod, minor);
  if (refused !== undefined)
    return comment(`${title}: no command, because ${refused}.`) + suggestedSizesComment(rows);
  const changes = rows.map((row) => changeOf(row, pod, minor));
  const notes = changes.flatMap(({ note }) => (note === undefined ? [] : [comment(`${title}: ${note}.`)]));
  // The API server refuses a resize that lists containers in another order than the pod.
  const made = changes
    .flatMap(({ change }) => change ?? [])
    .toSorted((a, b) => a.container.index - b.container.index);
  if (made.length === 0) return notes.join('');
  const before = pod.qos ?? qosOf(pod);
  const after = qosOf({ ...pod, containers: pod.containers.map((one) => changed(one, made)) });
  if (before !== after)
    return (
      notes.join('') +
      comment(
        `${title}: no command, because a resize may not change the QoS class (from ${before} to ${after}). Set these values in what creates the pod. They apply to its next pod.`,
      ) +
      suggestedSizesComment(rows)
    );
  const patch = { spec: specOf(made) };
  return `${notes.join('')}kubectl -n ${pod.namespace} patch pod ${pod.name} --subresource resize --type strategic -p ${shellJson(patch)}\n`;
}

function whyNot(
  { name, staticOn, isWindows, resources }: RunningPod,
  minor: number | undefined,
): string | undefined {
  if (staticOn !== undefined) {
    const suffix = `-${staticOn}`;
    const manifest = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    return `it is a static pod: the kubelet of ${staticOn} creates it from a file there (kubeadm: /etc/kubernetes/manifests/${manifest}.yaml). Set these values in that file`;
  }
  const inOwner = 'Set these values in what creates the pod';
  if (minor !== undefined && minor < resizesFrom)
    return `Kubernetes 1.${minor} resizes no pods (1.${resizesFrom} and newer do). ${inOwner}`;
  if (isWindows) return `the API server resizes no Windows pods. ${inOwner}`;
  if (setsAmounts(resources))
    return `the API server resizes no pod that sets resources as a whole (spec.resources). ${inOwner}`;
  return undefined;
}

/** CPU values count too. Kubernetes ignores resources of a whole pod without amounts. */
const setsAmounts = (resources: SpecResources | undefined): boolean =>
  [resources?.requests, resources?.limits].some((amounts) => Object.keys(amounts ?? {}).length > 0);

interface SizeChange {
  readonly container: SpecContainer;
  readonly request?: number;
  readonly limit?: number;
}

function changeOf(
  row: SuggestionRow,
  pod: PodSpec,
  minor: number | undefined,
): { readonly change?: SizeChange; readonly note?: string } {
  const name = nameOfRow(row);
  const container = pod.containers.find((one) => one.name === row.suggestion.key.container);
  if (container === undefined) return { note: `${name} is not in this pod` };
  if (container.type === 'init') return { note: `no resize of ${name}, because it is an init container` };
  if (container.type === 'ephemeral')
    return { note: `no resize of ${name}, because it is an ephemeral container` };
  const now = {
    request: memoryOf(container.resources, 'requests') ?? memoryOf(container.resources, 'limits'),
    limit: memoryOf(container.resources, 'limits'),
  };
  let { request = now.request, limit = now.limit } = row;
  let note: string | undefined;
  const lowers = now.limit !== undefined && limit !== undefined && limit < now.limit;
  if (lowers && !container.restarts && (minor === undefined || minor < lowersFrom)) {
    note = `the limit of ${name} stays at ${quantity(now.limit ?? 0)}: before Kubernetes 1.${lowersFrom} the API server refuses to lower a memory limit unless resizePolicy is RestartContainer`;
    // An equal request stays equal to the limit.
    if (now.request === now.limit) return { note };
    limit = now.limit;
  }
  if (request !== undefined && limit !== undefined) request = Math.min(request, limit);
  const change: SizeChange = {
    container,
    ...(request !== undefined && request !== now.request && { request }),
    ...(limit !== undefined && limit !== now.limit && { limit }),
  };
  const isChange = change.request !== undefined || change.limit !== undefined;
  return { ...(isChange && { change }), ...(note !== undefined && { note }) };
}

const memory = (amount: number): { readonly memory: string } => ({ memory: quantity(amount) });

const resourcesOf = ({ request, limit }: SizeChange) => ({
  ...(request !== undefined && { requests: memory(request) }),
  ...(limit !== undefined && { limits: memory(limit) }),
});

function changed(container: SpecContainer, changes: readonly SizeChange[]): SpecContainer {
  const change = changes.find((one) => one.container === container);
  if (change === undefined) return container;
  const { requests, limits } = resourcesOf(change);
  const { resources = {} } = container;
  return {
    ...container,
    resources: {
      requests: { ...resources.requests, ...requests },
      limits: { ...resources.limits, ...limits },
    },
  };
}

function specOf(changes: readonly SizeChange[]): object {
  const listed = (some: readonly SizeChange[]): object[] =>
    some.map((change) => ({ name: change.container.name, resources: resourcesOf(change) }));
  const [containers, initContainers] = [
    listed(changes.filter(({ container }) => container.type === 'container')),
    listed(changes.filter(({ container }) => container.type !== 'container')),
  ];
  return {
    ...(containers.length > 0 && { containers }),
    ...(initContainers.length > 0 && { initContainers }),
  };
}

/** The QoS class, as Kubernetes computes it: from CPU and memory of all containers. */
export function qosOf({ containers, resources }: PodSpec): string {
  const all = setsAmounts(resources)
    ? [{ resources }]
    : containers.filter(({ type }) => type !== 'ephemeral');
  const amountOf = (quantity: string | undefined): number | undefined =>
    quantity === undefined ? undefined : milliOf(quantity);
  const each = all.flatMap(({ resources }) =>
    ['cpu', 'memory'].map((what) => {
      const limit = amountOf(resources?.limits?.[what]) || undefined;
      // Without a request, Kubernetes sets it to the limit.
      const request = amountOf(resources?.requests?.[what]) || limit;
      return { request, limit };
    }),
  );
  if (each.every(({ request, limit }) => request === undefined && limit === undefined)) return 'BestEffort';
  const isGuaranteed = each.every(({ request, limit }) => limit !== undefined && request === limit);
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** In thousandths: CPU amounts below 1 differ only there. */
function milliOf(quantity: string): number | undefined {
  const asMilli = /^(\d+)m$/.exec(quantity);
  if (asMilli !== null) return Number(asMilli[1]);
  const plain = /^\d+(?:\.\d+)?$/.exec(quantity);
  if (plain !== null) return Math.round(Number(quantity) * 1000);
  const whole = parseQuantity(quantity);
  return whole === undefined ? undefined : whole * 1000;
}
