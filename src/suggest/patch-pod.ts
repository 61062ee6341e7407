/** The command that resizes a pod where it runs, as far as the API takes it. */
import { parseQuantity } from '../model/bytes.ts';
import { memoryOf, type PodSpec, type RunningPod, type SpecContainer } from '../pods/pod-spec.ts';
import { comment, nameOfRow, quantity, quoted, wished } from './patch-text.ts';
import type { SuggestionRow } from './rows.ts';

/** From 1.33 on the API resizes pods. */
const resizesFrom = 33;
/** From 1.34 on a limit can be lowered without a restart. */
const lowersFrom = 34;

/**
 * @param rows of its workload
 * @param pod undefined: nobody knows it
 * @param minor of the API server's version, 1.33 for instance; undefined: nobody knows
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
        `${title}: no command, what the API takes depends on the pod (static, BestEffort, pod-level resources): ask the cluster, or give --pods.`,
      ) + wished(rows)
    );
  const refused = whyNot(pod, minor);
  if (refused !== undefined) return comment(`${title}: no command, ${refused}.`) + wished(rows);
  const changes = rows.map((row) => changeOf(row, pod, minor));
  const notes = changes.flatMap(({ note }) => (note === undefined ? [] : [comment(`${title}: ${note}.`)]));
  // The API refuses a resize that names containers in another order than the pod.
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
        `${title}: no command, the pod is ${before}, and would be ${after}: a resize may not change that. Set it in what makes the pod, and it gets it with its next one.`,
      ) +
      wished(rows)
    );
  const patch = { spec: specOf(made) };
  return `${notes.join('')}kubectl -n ${pod.namespace} patch pod ${pod.name} --subresource resize --type strategic -p ${quoted(patch)}\n`;
}

function whyNot(
  { name, staticOn, isWindows, resources }: RunningPod,
  minor: number | undefined,
): string | undefined {
  if (staticOn !== undefined) {
    const suffix = `-${staticOn}`;
    const manifest = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    return `it is a static pod: the kubelet of ${staticOn} makes it from a file there (kubeadm: /etc/kubernetes/manifests/${manifest}.yaml). Set it in that file`;
  }
  if (minor !== undefined && minor < resizesFrom)
    return `Kubernetes 1.${minor} resizes no pods, 1.${resizesFrom} and newer do: set it in what makes the pod`;
  if (isWindows) return 'the API resizes no pods of Windows: set it in what makes the pod';
  // Of the processor too.
  if ([resources?.requests, resources?.limits].some((amounts) => Object.keys(amounts ?? {}).length > 0))
    return 'it has requests or limits as a whole (spec.resources), and the API resizes no such pod: set it in what makes the pod';
  return undefined;
}

interface Change {
  readonly container: SpecContainer;
  readonly request?: number;
  readonly limit?: number;
}

function changeOf(
  row: SuggestionRow,
  pod: PodSpec,
  minor: number | undefined,
): { readonly change?: Change; readonly note?: string } {
  const name = nameOfRow(row);
  const container = pod.containers.find((one) => one.name === row.suggestion.key.container);
  if (container === undefined) return { note: `${name} is not in this pod` };
  if (container.type === 'init') return { note: `${name} has ended, and is not resized` };
  if (container.type === 'ephemeral') return { note: `${name} is ephemeral, and is not resized` };
  const now = {
    request: memoryOf(container.resources, 'requests') ?? memoryOf(container.resources, 'limits'),
    limit: memoryOf(container.resources, 'limits'),
  };
  let { request = now.request, limit = now.limit } = row;
  let note: string | undefined;
  const lowers = now.limit !== undefined && limit !== undefined && limit < now.limit;
  if (lowers && !container.restarts && (minor === undefined || minor < lowersFrom)) {
    note = `the limit of ${name} stays at ${quantity(now.limit ?? 0)}: before Kubernetes 1.${lowersFrom} the API server refuses to lower a memory limit unless resizePolicy is RestartContainer`;
    // Where both are the same they stay so.
    if (now.request === now.limit) return { note };
    limit = now.limit;
  }
  if (request !== undefined && limit !== undefined) request = Math.min(request, limit);
  const change: Change = {
    container,
    ...(request !== undefined && request !== now.request && { request }),
    ...(limit !== undefined && limit !== now.limit && { limit }),
  };
  const isChange = change.request !== undefined || change.limit !== undefined;
  return { ...(isChange && { change }), ...(note !== undefined && { note }) };
}

const memory = (amount: number): { readonly memory: string } => ({ memory: quantity(amount) });

const resourcesOf = ({ request, limit }: Change) => ({
  ...(request !== undefined && { requests: memory(request) }),
  ...(limit !== undefined && { limits: memory(limit) }),
});

function changed(container: SpecContainer, changes: readonly Change[]): SpecContainer {
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

function specOf(changes: readonly Change[]): object {
  const listed = (some: readonly Change[]): object[] =>
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

/** As Kubernetes works it out, from processor and memory of all containers. */
export function qosOf({ containers, resources }: PodSpec): string {
  const whole = resources?.requests !== undefined || resources?.limits !== undefined;
  const all = whole ? [{ resources }] : containers.filter(({ type }) => type !== 'ephemeral');
  const amountOf = (quantity: string | undefined): number | undefined =>
    quantity === undefined ? undefined : milliOf(quantity);
  const each = all.flatMap(({ resources }) =>
    ['cpu', 'memory'].map((what) => {
      const limit = amountOf(resources?.limits?.[what]) || undefined;
      // Who sets a limit alone asks for as much.
      const request = amountOf(resources?.requests?.[what]) || limit;
      return { request, limit };
    }),
  );
  if (each.every(({ request, limit }) => request === undefined && limit === undefined)) return 'BestEffort';
  const isGuaranteed = each.every(({ request, limit }) => limit !== undefined && request === limit);
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** Processors come in thousandths: as whole numbers they would be the same up to one. */
function milliOf(quantity: string): number | undefined {
  const asMilli = /^(\d+)m$/.exec(quantity);
  if (asMilli !== null) return Number(asMilli[1]);
  const plain = /^\d+(?:\.\d+)?$/.exec(quantity);
  if (plain !== null) return Math.round(Number(quantity) * 1000);
  const whole = parseQuantity(quantity);
  return whole === undefined ? undefined : whole * 1000;
}
