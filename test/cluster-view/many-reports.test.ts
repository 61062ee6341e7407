import assert from 'node:assert/strict';
import { it } from 'node:test';
import { costOfReading } from './made/many-reports.ts';

/** Bytes of heap for a pod of two containers. For 150,000 pods: half of the 300 MB that a command may take. */
const mostPerPod = 1_000;

it('a cluster of 6,000 pods keeps less than a kilobyte for each pod, and nothing of the JSON', async () => {
  const { pods, kept } = await costOfReading({ nodes: 200, podsPerNode: 30 }, 'view');
  assert.equal(pods, 6_000);
  assert.ok(kept / pods < mostPerPod, `${Math.round(kept / pods)} bytes a pod`);
});
