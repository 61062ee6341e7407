/** docs/scale.md. */
import { changeKinds } from './changes.ts';
import { type Lives, part } from './lives.ts';
import { annotatedSeconds, unevenness } from './requirements.ts';
import type { Size } from './sizes.ts';
import { assumedPodBytes, serverShare } from './stored.ts';
import { changeRow, kilobytes, one, rateTable, sizeAt, table, thousands, waitRow } from './tables.ts';

export function page(lives: Lives, sizes: readonly Size[]): string {
  const { sizes: measured } = lives.steady;
  const [, large] = sizes as [Size, Size];
  const share = (size: Size): string => kilobytes(50 * size.stored + 20 * (assumedPodBytes + 800));
  return `# What a large cluster's API server has to bear

\`npm run scale\` measures all of this anew and writes this page; \`test/fleet/fleet.test.ts\` holds its claims on a smaller
fleet. It is a simulation of 5,000 nodes with 30 pods each, the largest cluster that Kubernetes supports. What decides and
writes is the agent's own code (\`src/agent/cluster-sinks.ts\` and all below it) with the chart's settings; made up are the clock,
the API server, which counts, and the pods' memory. That moves as traces of microservices do: most hold still, some drift by a
tenth within hours, a few rise and fall all the time; pods are replaced (1.7 a second in the whole fleet), containers start
again, and the OOM killer comes. A pod has 1.5 containers on average.

## The budget

Nodes share it without a word between them: each knows how many they are, and takes its part.

| what | at 5,000 nodes and 150,000 pods | where it is kept |
| --- | --- | --- |
| node reports, heartbeats among them | 50/s and 720 kB/s: one per node each max(60 s, nodes ÷ 50 s, nodes × its bytes ÷ 720 kB/s) = 100 s | \`Pace\` |
| heartbeats, were every report unchanged | 5,000 ÷ 300 s = 17/s | node report |
| annotations | 20/s: 20 ÷ 5,000 = one per node in 250 s | \`Budget\` |
| in hand, 10/s of it for checkpoints of a history | 30/s | |
| **all** | **at most 100/s and 1 MB/s to etcd** | |

Reports are made each 15 s, and a node writes at one of them: 100 s become 105, and 250 s become 255. So it is
5,000 ÷ 105 = 47.6 reports and 5,000 ÷ 255 = 19.6 annotations a second. Up to 3,000 nodes a report goes out each minute.
Where the report is written as a resource and as a ConfigMap as well, the two share the 50/s. For comparison: the Leases by
which kubelets tell that they live are 500 writes a second at 5,000 nodes.

A report that says nothing new waits for the heartbeat; but with 30 pods one figure of three digits is always another after
100 s. So in practice every report is written at its time, and no heartbeat is left.

## Sizes

etcd writes the whole object each time. For a report that is what the agent sends and ${serverShare} bytes that the API
server adds: its lists are atomic, so the note of who manages which field has the same length whatever is in them. For a pod
${assumedPodBytes / 1000} kB are assumed, and the annotations come on top.

${table(
  ['report', 'body, bytes', 'stored, bytes', '50/s and 20 annotations/s, kB/s'],
  sizes.map((size) => [
    `${size.pods} pods, ${size.containers} containers`,
    thousands(size.body),
    thousands(size.stored),
    share(size),
  ]),
)}
As simulated: a report ${thousands(Math.round(measured.report))} bytes, the body of an annotation
${thousands(Math.round(measured.annotation))}. It is the pods that count: 3,000 nodes with 50 pods each, three
containers in each pod, would write ${kilobytes(50 * sizeAt(large, 50))} kB/s if they reported each minute. So a node also looks at how long its last
report was, as if all were as long: these report each ${Math.ceil((3_000 * sizeAt(large, 50)) / 720_000)} s, which makes 720 kB/s of it.

Not counted is what etcd does not write: at its start an agent asks who it is, tries a write that must be refused, counts the
nodes, and lists and watches its own pods.

## Why no second is above the others

All agents report on the same marks of the clock, and after an installation or a power cut all have begun at once. Each node
has a place among all by a hash of its name, from 0 to 1; place × 100 s is when it first writes: a number of reports, and
within the 15 s between two of them the rest. The hash ends with a step that moves every bit: of names that differ in
their last letters alone, as clouds give them, a plain one would put a hundred in one second and seven in another.

After a failure a node waits longer and longer, five minutes at most and as long as the server asks for (Retry-After) at
least, and then as chance says up to the same 100 s: what all could not write for a while does not come in the first seconds
after it. On three nodes the place and the 100 s are milliseconds.

## Measured, 5,000 nodes

${rateTable([
  ['steady, 10 min', lives.steady],
  ['first install on all nodes at once, 10 min', lives.install],
  ['roll-out, a tenth of the nodes each 30 s, 10 min', lives.rollOut],
  ['API server away, 10 min', lives.away],
  ['back again, 10 min', lives.back],
  ['429 with Retry-After 5 s, 1 min', lives.busy],
  ['after it, 6 min', lives.afterBusy],
])}
No second has more than ${unevenness} times the steady mean: what is above twice is what comes after a failure of all at
once. For the first install no pod has annotations, and each gets them as the budget allows. In the outage half of the nodes
are refused at once and half wait 10 s for nothing; *refused* are the attempts. The annotations look at one report of four
here (one a minute), except in the first install, to save time.

Steady over two hours, by one node of ${part} and counted ${part} times (so seconds tell nothing):

${table(
  ['', 'writes/s', 'reports/s', 'heartbeats/s', 'annotations/s', 'kB/s to etcd', 'kB/s of bodies'],
  [
    [
      'steady, 2 h',
      one(lives.long.writes.mean),
      one(lives.long.by.report),
      one(lives.long.by.heartbeat),
      one(lives.long.by.annotation),
      kilobytes(lives.long.stored.mean),
      kilobytes(lives.long.bodies.mean),
    ],
  ],
)}
## How long a pod waits for its first annotation

A node may write one in 255 s. So its n pods have theirs after n × 255 s, and a little more where news of others comes first:
30 pods after 128 min, and all within 150. A node with 110 pods in so large a cluster needs eight hours; in one of 100 nodes the
same 110 pods need nine minutes. Minutes, by one node of ${part}:

${table(
  ['', 'pods', 'median', 'p99', 'longest', 'without yet', 'of them longest'],
  [
    waitRow('first install, 160 min', lives.installWaits),
    waitRow('steady: pods that are new, 2 h 30', lives.longWaits),
  ],
)}
## The same code on three nodes

Each node changes at some second, and then it is looked at when that stood in the node's report and in the pod's annotation.
Longest, in seconds:

${table(
  ['change', 'times', 'in the report', 'in the annotation'],
  changeKinds.map((kind) =>
    changeRow(
      kind,
      lives.changes.filter((change) => change.kind === kind),
    ),
  ),
)}
A report's period is 60 s. A figure that drifts is annotated when it has come to rest, or after five minutes, and not before the
annotation that stands is ten minutes old: ${annotatedSeconds['a figure']} s at most.

`;
}
