/** A container to probe, the agent's facts, and a result. */
import { bytes } from '../../src/model/bytes.ts';
import type { ProbeResult } from '../../src/probe/answer.ts';
import type { ProbeSite } from '../../src/probe-job/site.ts';
import type { ProbeTarget } from '../../src/probe-job/target.ts';

export const id = '0123456789abcdef'.repeat(4);
export const target: ProbeTarget = {
  namespace: 'shop',
  pod: 'cart-1',
  container: 'cart',
  node: 'node-1',
  id,
};

export const site: ProbeSite = {
  namespace: 'realmem',
  image: 'registry.example.org/realmem:1',
  pullPolicy: 'IfNotPresent',
  pullSecrets: ['registry'],
  directory: `/sys/fs/cgroup/kubepods/burstable/pod1/${id}`,
};

export const job = { namespace: 'realmem', name: 'realmem-probe-0123456789ab' };

const MiB = 1024 ** 2;

export const result: ProbeResult = {
  ...{ name: id, cgroup: '/kubepods/x', where: 'cgroup v2   Linux 6.1', at: '2026-11-01T00:00:00Z' },
  answer: {
    ...{ needsBytes: bytes(40 * MiB), errorBytes: bytes(MiB), isAtMost: false, realBytes: bytes(8 * MiB) },
    ...{ neededCacheBytes: bytes(32 * MiB), coldBytes: bytes(64 * MiB), watchedSeconds: 60 },
    ...{ stopped: 'confirmed', confirmations: 2, seconds: 120 },
    before: { usageBytes: bytes(104 * MiB), realBytes: bytes(8 * MiB), cacheBytes: bytes(96 * MiB) },
    curve: [
      { totalBytes: bytes(40 * MiB), cacheBytes: bytes(32 * MiB), rereadsPerSecond: 900 },
      { totalBytes: bytes(104 * MiB), cacheBytes: bytes(96 * MiB), rereadsPerSecond: 0 },
    ],
  },
};

export const progress = {
  ...{ elapsedMs: 2000, firstCacheBytes: 96 * MiB, cacheBytes: 84 * MiB, steps: 1, rereads: 0 },
};
