/** What the usual tools show of one container of a pod, as they write it. */
import type { Bed } from './bed.ts';
import { cellOf, known } from './table.ts';

export interface Of {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

interface Summary {
  readonly node: { readonly memory: NodeMemory };
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly { readonly name: string; readonly memory?: SummaryMemory }[];
  }[];
}

interface SummaryMemory {
  readonly usageBytes: number;
  readonly workingSetBytes: number;
  readonly rssBytes: number;
}

interface NodeMemory {
  /** The signal by which the kubelet evicts. */
  readonly availableBytes: number;
}

/** The kubelet's `/stats/summary`. */
const summary = async (bed: Bed, node: string): Promise<Summary> =>
  JSON.parse(await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`)) as Summary;

export const nodeMemoryOf = async (bed: Bed, node: string): Promise<NodeMemory> =>
  (await summary(bed, node)).node.memory;

export async function summaryOf(bed: Bed, { node, namespace, pod, container }: Of): Promise<SummaryMemory> {
  const { pods } = await summary(bed, node);
  const found = pods.find(({ podRef }) => podRef.name === pod && podRef.namespace === namespace);
  return known(found?.containers?.find(({ name }) => name === container)?.memory, `${pod} in the summary`);
}

/** Every `container_memory_*` of the kubelet's `/metrics/cadvisor` that is one figure of the container. */
export async function cadvisorOf(
  bed: Bed,
  { node, namespace, pod, container }: Of,
): Promise<Readonly<Record<string, string>>> {
  const text = await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/cadvisor`);
  const wanted = { container, namespace, pod };
  const found = [...text.matchAll(/^(container_memory_\w+)\{(.*)\} (\S+)(?: \d+)?$/gm)].filter(
    ([, name, labels = '']) =>
      // By type and scope: several to a container.
      name !== 'container_memory_failures_total' &&
      Object.entries(wanted).every(([label, value]) => `,${labels},`.includes(`,${label}="${value}",`)),
  );
  return Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]));
}

interface PodMetrics {
  readonly containers: readonly { readonly name: string; readonly usage: { readonly memory: string } }[];
}

/** What metrics-server answers. */
export async function metricsOf(bed: Bed, { namespace, pod, container }: Of): Promise<string> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/${pod}`;
  const { containers } = JSON.parse(await bed.kubectl('get', '--raw', path)) as PodMetrics;
  return known(
    containers.find(({ name }) => name === container),
    'the container in metrics-server',
  ).usage.memory;
}

/** `kubectl top pod --containers`. */
export async function topOf(bed: Bed, { namespace, pod, container }: Of): Promise<string> {
  const table = await bed.kubectl('top', 'pod', pod, '--namespace', namespace, '--containers');
  return cellOf(table, 'MEMORY(bytes)', (row) => row['NAME'] === container);
}
