/** Renders docs/scale.md. */
import { historiesPerSecond, reportBytesPerSecond } from '../../src/agent/cluster-sinks.ts';
import { changeKinds } from './changes.ts';
import { annotatedSeconds, unevenness } from './requirements.ts';
import { part, type Results } from './simulate.ts';
import { assumedPodBytes, serverShare } from './simulation/stored.ts';
import type { Size } from './sizes.ts';
import { changeRow, kilobytes, one, rateTable, sizeAt, table, thousands, waitRow } from './tables.ts';

export function page(results: Results, sizes: readonly Size[]): string {
  const { sizes: measured } = results.steady;
  const [, large] = sizes as [Size, Size];
  const period = ({ body }: Size): number => Math.max(100, (5_000 * body) / reportBytesPerSecond);
  const share = (size: Size): string =>
    kilobytes((5_000 * size.stored) / period(size) + 20 * (assumedPodBytes + 800));
  return `# Load on the API server

The budget of all agents together is 100 writes and 1 MB a second to etcd, on the largest cluster that Kubernetes supports.

\`npm run scale\` measures everything again and writes this page. \`test/scale/scale.test.ts\` checks its claims on a smaller cluster.

It is a simulation of 5,000 nodes with 30 pods each, the largest cluster that Kubernetes supports. A pod has 1.5 containers on average.
The agent's own code (\`src/agent/cluster-sinks.ts\` and everything below it) decides and writes, with the chart's settings. The clock, the API
server, which counts, and the pods' memory are simulated. The memory changes as in traces of microservices:

- Most pods are stable, some drift by a tenth within hours, a few rise and fall all the time.
- Pods are replaced (1.7 a second in the whole cluster), containers restart, and OOM kills happen.

## The budget

Agents share the budget without communication: each knows the number of nodes, and uses its share.

| writes | at 5,000 nodes and 150,000 pods | limited in |
| --- | --- | --- |
| node reports, including heartbeats | 50/s and ${kilobytes(reportBytesPerSecond)} kB/s: one per node every max(60 s, nodes ÷ 50 s, nodes × its bytes ÷ ${kilobytes(reportBytesPerSecond)} kB/s) = 100 s | \`WriteSchedule\` |
| heartbeats, if no report changed | 5,000 ÷ 300 s = 17/s | node report |
| annotations | 20/s: 20 ÷ 5,000 = one per node every 250 s | \`Budget\` |
| reserve, ${historiesPerSecond}/s of it for history checkpoints | 30/s | |
| **all** | **at most 100/s and 1 MB/s to etcd** | |

Agents make a report every 15 s, and write one of these: 100 s become 105 s, and 250 s become 255 s. That gives
5,000 ÷ 105 = 47.6 reports and 5,000 ÷ 255 = 19.6 annotations a second. On up to 3,000 nodes an agent writes its report every minute.
Where the agent writes the report as a resource and also as a ConfigMap, the two share the 50/s. For comparison: the kubelets' Lease
heartbeats are 500 writes a second at 5,000 nodes.

An unchanged report waits for the heartbeat. But with 30 pods at least one figure of three digits differs after
100 s. So in practice agents write every report on schedule, and there are no heartbeats.

## Sizes

etcd writes the whole object each time. A report consists of what the agent sends and ${serverShare} bytes that the API
server adds. Its lists are atomic, so its managedFields have the same length whatever the lists contain. For a pod we
assume ${assumedPodBytes / 1000} kB plus the annotations.

${table(
  ['report of', 'body, bytes', 'stored, bytes', 'at 5,000 nodes every, s', 'with 20 annotations/s, kB/s'],
  sizes.map((size) => [
    `${size.pods} pods, ${size.containers} containers`,
    thousands(size.body),
    thousands(size.stored),
    String(Math.ceil(period(size))),
    share(size),
  ]),
)}
In the simulation a report has ${thousands(Math.round(measured.report))} bytes, and the body of an annotation
${thousands(Math.round(measured.annotation))}. The number of pods matters: 3,000 nodes with 50 pods each and three
containers per pod would write ${kilobytes(50 * sizeAt(large, 50))} kB/s if they reported every minute. So an agent also counts the size of its last
report, as if all agents had that size. These then report every ${Math.ceil((3_000 * sizeAt(large, 50)) / reportBytesPerSecond)} s, which makes ${kilobytes(reportBytesPerSecond)} kB/s.

The figures exclude requests that etcd does not write. At its start an agent asks for its identity, and tries a write that the API server must refuse. It
counts the nodes, and lists and watches its own pods.

## Why writes are spread evenly

All agents report at the same times of the clock, and after an installation or a power cut all start at once. So each node
has an offset from a hash of its name, between 0 and 1. Its first write comes offset × 100 s later.
The node waits for a number of whole reports (one every 15 s), and then for the rest of that time. The hash ends with a step
that mixes every bit. Names in clouds often differ only in their last letters: a plain hash would put a hundred in one
second and seven in another.

After a failure an agent backs off: at most five minutes, and at least as long as the server asks for (Retry-After). It adds a
random delay of up to the same 100 s, so the postponed writes of all agents do not arrive in the first seconds after the
failure. On three nodes the offset and the 100 s are milliseconds.

## Measured, 5,000 nodes

${rateTable([
  ['steady, 10 min', results.steady],
  ['first install on all nodes at once, 10 min', results.install],
  ['roll-out, a tenth of the nodes each 30 s, 10 min', results.rollOut],
  ['API server away, 10 min', results.away],
  ['back again, 10 min', results.back],
  ['429 with Retry-After 5 s, 1 min', results.busy],
  ['after it, 6 min', results.afterBusy],
])}
No second has more than ${unevenness} times the steady mean. Seconds above twice the mean occur after a failure of all agents at
once. In the first install no pod has annotations, and agents write them as the budget allows. In the outage the API server refuses half of the nodes
at once, and the other half wait 10 s without an answer; *refused* counts the attempts. To save time, annotations here consider only one report of four
(one a minute), except in the first install.

Steady over two hours, from one node of ${part}, multiplied by ${part} (so single seconds say nothing):

${table(
  ['', 'writes/s', 'reports/s', 'heartbeats/s', 'annotations/s', 'kB/s to etcd', 'kB/s of bodies'],
  [
    [
      'steady, 2 h',
      one(results.long.writes.mean),
      one(results.long.by.report),
      one(results.long.by.heartbeat),
      one(results.long.by.annotation),
      kilobytes(results.long.stored.mean),
      kilobytes(results.long.bodies.mean),
    ],
  ],
)}
## How long a pod waits for its first annotation

A node may write one annotation every 255 s. So its n pods have theirs after n × 255 s, or a little later, because changes of other pods can come
first. 30 pods need 128 min, and 150 min at most. A node with 110 pods in such a large cluster needs eight hours. In a cluster of 100 nodes the
same 110 pods need nine minutes. Minutes, from one node of ${part}:

${table(
  ['', 'pods', 'median', 'p99', 'longest', 'without yet', 'of them longest'],
  [
    waitRow('first install, 160 min', results.installWaits),
    waitRow('steady: pods that are new, 2 h 30', results.longWaits),
  ],
)}
## The same code on three nodes

The nodes change at various seconds. We measure when the change appears in the node's report and in the pod's annotation.
Longest, in seconds:

${table(
  ['change', 'times', 'in the report', 'in the annotation'],
  changeKinds.map((kind) =>
    changeRow(
      kind,
      results.changes.filter((change) => change.kind === kind),
    ),
  ),
)}
A report's period is 60 s. The agent annotates a drifting figure when it is stable, or after five minutes, and not before the
current annotation is ten minutes old: ${annotatedSeconds['a figure']} s at most.

`;
}
