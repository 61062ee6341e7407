/**
 * Runs the same workload under both LRUs of a real kernel, switched in the guest. Real memory must be equal. The
 * history must not guess how much page cache the workload needs.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { historyOf } from '../../src/checkpoint/kept-history.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import type { LifetimeState } from '../../src/usage/lifetime.ts';
import { busyboxImage, guestNode, openBed } from './bed/bed.ts';
import { namespace, releaseOn } from './release/release.ts';

const testNamespace = 'realmem-lru-test';
const MiB = 2 ** 20;
const bed = await openBed();
const release = releaseOn(bed);

const lruGen = '/sys/kernel/mm/lru_gen/enabled';
const writeLruGen = (value: string): Promise<string> => bed.inGuest(`echo ${value.trim()} > ${lruGen}`);
const atFirst = await bed.inGuest(`cat ${lruGen}`);

/** Writes 96 MiB of page cache, and reads 32 MiB of it repeatedly. */
const reader = (name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${testNamespace}}
spec:
  nodeName: ${guestNode}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command: [sh, -c, 'dd if=/dev/zero of=/data/f bs=1M count=96; while true; do head -c 33554432 /data/f > /dev/null; sleep 1; done']
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
`;

/** Waits until the whole file is in the page cache. */
const cached = (pod: string): Promise<ContainerReport> =>
  bed.waitFor(
    `96 MiB of page cache in ${pod}`,
    async () => {
      const { containers } = await release.report(guestNode);
      return containers.find((one) => one.pod === pod && (one.cacheBytes ?? 0) > 90 * MiB) ?? false;
    },
    { timeoutMs: 120_000 },
  );

/** The agent reads the LRU setting again with each report. Report times are whole seconds. */
async function nextReport(): Promise<void> {
  const at = Date.now();
  await bed.waitFor('the next report', async () => {
    const { observed } = await release.report(guestNode);
    return Date.parse(observed.at ?? '') > at + 1000;
  });
}

async function lifetimeOf(pod: string): Promise<LifetimeState | undefined> {
  const map: unknown = JSON.parse(
    await bed.kubectl('get', 'configmap', `history-${guestNode}`, '-n', namespace, '-o', 'json'),
  );
  return historyOf(map).lifetimes.find((lifetime) => lifetime.pod === pod);
}

before(async () => {
  assert.ok(
    bed.nodes.includes(guestNode),
    'this test needs the guest: it switches the LRU of its kernel; start the cluster without --host-only',
  );
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await bed.kubectl('wait', '--for=create', 'serviceaccount/default', '-n', testNamespace, '--timeout=30s');
  await release.install({ 'config.historyPeriod': '3s' });
});

after(async () => {
  await writeLruGen(atFirst);
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

describe('32 MiB read repeatedly inside 96 MiB of page cache', { timeout: 600_000 }, () => {
  const reals: number[] = [];
  for (const [lru, value] of [
    ['classic', 'n'],
    ['multi-generational', 'y'],
  ] as const)
    it(`have the same real under the ${lru} LRU, and the history learns their cache need only from the classic LRU`, async () => {
      await writeLruGen(value);
      await nextReport();
      await bed.apply(reader(lru));
      const { realBytes = Number.NaN } = await cached(lru);
      assert.ok(realBytes < 20 * MiB, `${realBytes}`);
      reals.push(realBytes);
      const [active, unsorted] = await bed.waitFor('the page cache of the pod in the history', async () => {
        const { cacheLeast, unsortedLeast } = (await lifetimeOf(lru)) ?? {};
        const learns = [cacheLeast !== undefined, unsortedLeast !== undefined];
        return learns.includes(true) && learns;
      });
      assert.deepEqual({ active, unsorted }, { active: lru === 'classic', unsorted: lru !== 'classic' });
    });

  it('have reals under the two LRUs that differ by less than 8 MiB', () => {
    const [classic = Number.NaN, multi = Number.NaN] = reals;
    assert.ok(Math.abs(classic - multi) < 8 * MiB, `${classic} and ${multi}`);
  });
});
