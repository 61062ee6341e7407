/** What the usual tools show of one container of a pod, as they write it. */
import type { Bed } from './bed.ts';
import { binary } from './binaries.ts';
import { command } from './command.ts';
import { containerdSocket } from './paths.ts';

export interface Of {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

interface Summary {
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

/** The kubelet's `/stats/summary`. */
export async function summaryOf(bed: Bed, { node, namespace, pod, container }: Of): Promise<SummaryMemory> {
  const text = await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`);
  const { pods } = JSON.parse(text) as Summary;
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

interface CrictlStats {
  readonly stats: readonly { readonly memory: { readonly workingSetBytes: { readonly value: string } } }[];
}

/** Asks the containerd of this machine. */
const crictl = (...args: readonly string[]): Promise<string> =>
  command(binary('crictl'), ['--runtime-endpoint', `unix://${containerdSocket}`, ...args]);

/** `crictl stats`, the working set and what stands in its table's MEM. */
export async function crictlStats(id: string): Promise<{ readonly bytes: number; readonly table: string }> {
  const { stats } = JSON.parse(await crictl('stats', '--output', 'json', '--id', id)) as CrictlStats;
  const bytes = Number(known(stats[0], 'the container in crictl stats').memory.workingSetBytes.value);
  return { bytes, table: cellOf(await crictl('stats', '--id', id), 'MEM', () => true) };
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

type Row = Readonly<Record<string, string>>;

/** Columns are set apart by two spaces or more. */
function cellOf(table: string, heading: string, isWanted: (row: Row) => boolean): string {
  const [headings = [], ...lines] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  const rows = lines.map((cells) =>
    Object.fromEntries(headings.map((name, index): [string, string] => [name, cells[index] ?? ''])),
  );
  return known(rows.find(isWanted)?.[heading], `a row in ${table}`);
}

function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`not there: ${what}`);
  return value;
}
