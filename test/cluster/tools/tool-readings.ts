/** Reads what common tools show for one container, in their own format. */
import type { Bed } from '../bed/bed.ts';
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
  /** The kubelet's eviction signal. */
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

/** Every `container_memory_*` metric in the kubelet's `/metrics/cadvisor` with one series per container. */
export async function cadvisorOf(
  bed: Bed,
  { node, namespace, pod, container }: Of,
): Promise<Readonly<Record<string, string>>> {
  const text = await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/cadvisor`);
  const wanted = { container, namespace, pod };
  const found = [...text.matchAll(/^(container_memory_\w+)\{(.*)\} (\S+)(?: \d+)?$/gm)].filter(
    ([, name, labels = '']) =>
      // This metric has several series per container: one per type and scope.
      name !== 'container_memory_failures_total' &&
      Object.entries(wanted).every(([label, value]) => `,${labels},`.includes(`,${label}="${value}",`)),
  );
  return Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]));
}

interface PodMetrics {
  readonly containers: readonly { readonly name: string; readonly usage: { readonly memory: string } }[];
}

/** What the API of metrics-server returns. */
export async function metricsOf(bed: Bed, { namespace, pod, container }: Of): Promise<string> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods/${pod}`;
  const { containers } = JSON.parse(await bed.kubectl('get', '--raw', path)) as PodMetrics;
  return known(
    containers.find(({ name }) => name === container),
    'the container in metrics-server',
  ).usage.memory;
}

/** What `kubectl top pod --containers` prints. */
export async function topOf(bed: Bed, { namespace, pod, container }: Of): Promise<string> {
  const table = await bed.kubectl('top', 'pod', pod, '--namespace', namespace, '--containers');
  return cellOf(table, 'MEMORY(bytes)', (row) => row['NAME'] === container);
}
