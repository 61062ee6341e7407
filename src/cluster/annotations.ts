/** Reads the figures of one namespace from the annotations of its pods, for users who may not read NodeMemoryReports. */
import { type Bytes, bytes } from '../model/bytes.ts';
import { defined, type Fields, fieldsOf, textOf } from '../model/json.ts';
import { Faults, messageOf } from '../model/located-error.ts';
import type { Pod, PodContainer } from '../model/pod.ts';
import { printable, printableUpTo } from '../model/text.ts';
import { podOf } from '../pods/pods.ts';
import { parseFigures } from '../publish/annotations.ts';
import type { ContainerFigures } from '../publish/pod-figures.ts';
import { podsPath, selectorQuery } from './labels.ts';
import { listAll, type Source } from './listing.ts';
import { Pool } from './pool.ts';
import { byName } from './report-item.ts';
import { type ContainerView, type NodeView, type PodView, wholeOf } from './view.ts';

/** More than any namespace has. */
const mostPods = 200_000;

interface FromAnnotations {
  readonly nodes: readonly NodeView[];
  readonly notes: readonly string[];
}

/** @throws ApiError; InputError if the selector is not one */
export async function readAnnotations(
  source: Source,
  namespace: string,
  selector: string | undefined,
): Promise<FromAnnotations> {
  const pool = new Pool();
  let faults = new Faults();
  const byNode = new Map<string, PodView[]>();
  let count = 0;
  let without = 0;
  const take = (item: unknown): void => {
    const pod = runningPodOf(fieldsOf(item), pool);
    if (pod === undefined || count >= mostPods) return;
    count++;
    if (!pod.containers.some(({ real }) => real !== undefined)) without++;
    const pods = byNode.get(pod.node);
    if (pods === undefined) byNode.set(pod.node, [pod]);
    else pods.push(pod);
  };
  await listAll(source, `${podsPath(namespace)}${selectorQuery(selector)}`, {
    begin: () => {
      byNode.clear();
      faults = new Faults();
      count = 0;
      without = 0;
    },
    each: (item) => {
      try {
        take(item);
      } catch (error) {
        faults.addMessage(() => messageOf(error));
      }
    },
    unread: {
      large: ({ metadata, why }) =>
        faults.addMessage(() => `pod ${namespace}/${printable(metadata.name ?? '?')} is too large: ${why}`),
    },
  });
  const nodes = [...byNode].map(
    ([name, pods]): NodeView => ({ name, from: 'annotations', isStale: false, pods, conditions: [] }),
  );
  return {
    nodes: nodes.toSorted(byName),
    notes: [
      `No right to list nodememoryreports; figures come from annotations of pods in namespace ${namespace}, and may be old`,
      ...(without === 0
        ? []
        : [`${without} of ${count} running pods there have no figures: ${whyWithout(namespace)}`]),
      ...faults.notes,
    ],
  };
}

/** By default agents annotate no pods of kube-system (`config.annotationNamespaces`). */
const whyWithout = (namespace: string): string =>
  namespace === 'kube-system'
    ? 'unless config.annotationNamespaces includes kube-system, only the reports have figures of its pods'
    : 'no agent has annotated them';

/** Undefined: the pod waits for a node, or has ended. @throws LocatedError */
function runningPodOf(object: Fields, pool: Pool): PodView | undefined {
  const node = textOf(fieldsOf(object['spec'])['nodeName']);
  const phase = textOf(fieldsOf(object['status'])['phase']);
  if (node === undefined || phase === 'Succeeded' || phase === 'Failed') return undefined;
  const name = textOf(fieldsOf(object['metadata'])['name']) ?? '?';
  const pod = podOf(`pod ${printableUpTo(253, name)}`, object);
  return pod && viewOf(pod, pool.text(node), pool);
}

function viewOf(pod: Pod, node: string, pool: Pool): PodView {
  const { report } = pod.annotations ?? {};
  const figures = report === undefined ? undefined : parseFigures(report);
  const containers = pod.containers.flatMap((container) => {
    const own = Object.hasOwn(figures?.containers ?? {}, container.name)
      ? figures?.containers[container.name]
      : undefined;
    // An init container that has ended has no memory.
    return own === undefined && container.type === 'init' ? [] : [containerOf(container, own, pool)];
  });
  // Init containers end before the others run.
  const together = pod.containers.filter(({ type }) => type !== 'init');
  return defined<PodView>({
    namespace: pool.text(pod.namespace),
    name: pod.name,
    node,
    workload: pod.workload === undefined ? undefined : pool.text(pod.workload),
    real: figures?.realBytes,
    // As far as the API knows: the last two lifetimes of each container.
    ooms: pod.containers.reduce((sum, { oomKilled = [] }) => sum + oomKilled.length, 0),
    request: withOverhead(pod.request ?? wholeOf(together, 'request'), pod.overhead),
    limit: withOverhead(pod.limit ?? wholeOf(together, 'limit'), pod.overhead),
    containers,
  });
}

/** The overhead of a RuntimeClass counts as requested, and raises a limit. */
const withOverhead = (size: Bytes | undefined, overhead: Bytes | undefined): Bytes | undefined =>
  size === undefined || overhead === undefined ? size : bytes(size + overhead);

const containerOf = (
  { name, type, request, limit, oomKilled = [] }: PodContainer,
  figures: ContainerFigures | undefined,
  pool: Pool,
): ContainerView =>
  defined<ContainerView>({
    name: pool.text(name),
    type: type === 'container' ? undefined : type,
    real: figures?.realBytes,
    usage: figures?.usageBytes,
    request,
    limit: limit ?? figures?.limitBytes,
    suggestRequest: figures?.suggest?.requestBytes,
    suggestLimit: figures?.suggest?.limitBytes,
    ooms: oomKilled.length === 0 ? undefined : oomKilled.length,
    verdict: figures?.verdict,
  });
