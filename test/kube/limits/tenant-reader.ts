/** Follows the pods of the given API with the agent's heap size until it has the pod `last`. */

import { sleep } from '../../../src/edges/clock.ts';
import { FollowedPods, followPods } from '../../../src/identify/followed-pods.ts';
import { openKube } from '../../../src/kube/client.ts';

const [, , server = ''] = process.argv;
const kube = openKube(async () => ({ server }));
const pods = new FollowedPods('n');
const end = new AbortController();
const world = {
  now: () => performance.now(),
  random: () => 0,
  sleep,
  listed: () => {},
  inStep: () => {
    if (pods.names.pod('u-last') !== undefined) end.abort();
  },
  outOfStep: (fault: Error) => process.stderr.write(`${fault.message}\n`),
};
await followPods(kube, 'n', pods, world, end.signal);
kube.close();
const { faults, moreFaults, names } = pods;
globalThis.gc?.();
process.stdout.write(
  JSON.stringify({
    names: names.pods.map(({ name }) => name),
    faults: faults.length + moreFaults,
    said: faults,
    heap: names.pod('u-flagged-0')?.containers[0]?.heap,
    labels: names.pods.flatMap(({ labels }) => Object.keys(labels)),
    heapUsed: process.memoryUsage().heapUsed,
  }),
);
