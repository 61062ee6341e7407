/**
 * Tests the histories that nodes keep in the cluster: `realmem suggest` reads them, the next agent continues them, and
 * a CronJob deletes old ones.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { matchesGolden } from '../golden.ts';
import { busyboxImage, openBed } from './bed/bed.ts';
import { namespace, releaseOn } from './release/release.ts';
import { suggestOn } from './release/suggest.ts';

const MiB = 1024 ** 2;
const testNamespace = 'realmem-history-test';
const bed = await openBed();
const release = releaseOn(bed);

/** One replica per node: 40 MiB on tmpfs, and a sidecar that needs almost nothing. */
const workload = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cart, namespace: ${testNamespace}}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      terminationGracePeriodSeconds: 0
      tolerations: [{operator: Exists}]
      initContainers:
      - {name: proxy, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity], restartPolicy: Always}
      containers:
      - name: web
        image: ${busyboxImage}
        imagePullPolicy: Never
        command: [sh, -c, 'dd if=/dev/zero of=/dev/shm/x bs=1M count=40; sleep infinity']
        resources: {requests: {memory: 256Mi}, limits: {memory: 512Mi}}
`;

interface Item {
  readonly namespace: string;
  readonly workload: string;
  readonly container: string;
  readonly type: string;
  readonly replicas: number;
  readonly suggested: { readonly requestBytes: number; readonly limitBytes: number };
}

interface Found {
  readonly observed: { readonly nodes: number; readonly capacityBytes: number };
  readonly items: readonly Item[];
  readonly leftOut: readonly string[];
}

const suggest = suggestOn(bed, testNamespace);

const found = async (): Promise<Found> => JSON.parse(await suggest('-o', 'json')) as Found;
const conditionOf = async (node: string): Promise<NodeReport['conditions'][number] | undefined> =>
  (await release.report(node)).conditions.find(({ type }) => type === 'HistoryKept');
const uidOf = async (node: string): Promise<string> =>
  bed.kubectl('get', 'pod', await release.podOf(node), '-n', namespace, '-o', 'jsonpath={.metadata.uid}');
const replica = async (node: string): Promise<string> =>
  bed.kubectl(
    ...['get', 'pods', '-n', testNamespace, '-l', 'app=cart', '--field-selector', `spec.nodeName=${node}`],
    ...['-o', 'jsonpath={.items[0].metadata.name}'],
  );

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n---\n${workload}`);
  await bed.kubectl('rollout', 'status', 'daemonset/cart', '-n', testNamespace, '--timeout=180s');
  await release.install({ 'config.historyPeriod': '3s' });
});

after(async () => {
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

describe('the history of the nodes', { timeout: 600_000 }, () => {
  it('gives one suggestion for a workload that runs on all nodes', async () => {
    const all = await bed.waitFor(
      'the workload on every node',
      async () => {
        const now = await found();
        return (
          now.items.some(({ container, replicas }) => container === 'web' && replicas === bed.nodes.length) &&
          now
        );
      },
      { timeoutMs: 120_000 },
    );
    assert.equal(all.observed.nodes, bed.nodes.length);
    assert.ok(all.observed.capacityBytes > 2 ** 30);
    assert.deepEqual(all.leftOut, []);
    assert.deepEqual(all.items.map(({ workload: of, container, type }) => [of, container, type]).toSorted(), [
      ['DaemonSet/cart', 'proxy', 'sidecar'],
      ['DaemonSet/cart', 'web', 'container'],
    ]);
    const web = all.items.find(({ container }) => container === 'web');
    const request = (web?.suggested.requestBytes ?? 0) / MiB;
    assert.ok(request >= 40 && request < 50, `${request} MiB`);
    assert.ok((web?.suggested.limitBytes ?? 0) / MiB < 150);
  });

  it('gives the table of realmem suggest', async () => {
    const text = await suggest('--sort-by', 'name');
    const reviewable = text
      .replaceAll(/\b\d+(?:\.\d+)?(?:[KMGT]i)\b/g, '<size>')
      .replaceAll(/\d+(?:\.\d+)? (?:h|d|s|min)\b/g, '<age>')
      .replaceAll(/\d+\.\d%/g, '<share>')
      .replaceAll(/ {2,}/g, '   ');
    matchesGolden(new URL('goldens/suggest.txt', import.meta.url), reviewable);
  });

  it('gives patch commands for the owner and each running pod that the API server accepts', async () => {
    const ofOwner = (await suggest('-o', 'patch')).split('\n').filter((line) => line.startsWith('kubectl'));
    assert.equal(ofOwner.length, 1);
    const inPlace = (await suggest('-o', 'patch', '--in-place'))
      .split('\n')
      .filter((line) => line.startsWith('kubectl'));
    assert.equal(inPlace.length, bed.nodes.length);
    for (const line of [...ofOwner, ...inPlace]) {
      // Splits the line as a shell would.
      const [, patch = ''] = /-p '(.*)'$/.exec(line) ?? [];
      const words = line.slice(0, line.indexOf(" -p '")).split(' ').slice(1);
      await bed.kubectl(...words, '-p', patch, '--dry-run=server');
    }
  });

  it('gives a patch command that resizes a pod in place without a restart', async () => {
    const [node = ''] = bed.nodes;
    const pod = await replica(node);
    const line =
      (await suggest('-o', 'patch', '--in-place')).split('\n').find((one) => one.includes(` ${pod} `)) ?? '';
    const [, patch = ''] = /-p '(.*)'$/.exec(line) ?? [];
    await bed.kubectl(
      '-n',
      testNamespace,
      'patch',
      'pod',
      pod,
      '--subresource',
      'resize',
      '--type',
      'strategic',
      '-p',
      patch,
    );
    const { suggested } = (await found()).items.find(({ container }) => container === 'web') as Item;
    assert.ok(suggested.limitBytes < 256 * MiB);
    const inForce = await bed.waitFor(
      'the kubelet to apply the new limit',
      async () => {
        const path =
          '{.status.containerStatuses[0].resources.limits.memory} {.status.containerStatuses[0].restartCount}';
        const text = await bed.kubectl('get', 'pod', pod, '-n', testNamespace, '-o', `jsonpath=${path}`);
        return !text.startsWith('512Mi') && text;
      },
      { timeoutMs: 120_000 },
    );
    assert.match(inForce, /^\d+Mi 0$/);
  });

  it("continues in a new agent pod after a node's agent was deleted", async () => {
    for (const node of bed.nodes) {
      const before = await uidOf(node);
      await bed.kubectl('delete', 'pod', await release.podOf(node), '-n', namespace, '--wait=false');
      await bed.waitFor('a new agent pod', async () => (await uidOf(node)) !== before, {
        timeoutMs: 120_000,
      });
      const condition = await bed.waitFor('the condition HistoryKept', () => conditionOf(node), {
        timeoutMs: 120_000,
      });
      assert.equal(condition.status, 'True');
      assert.match(condition.message, /^Continues the history from the ConfigMap of the history, written /);
    }
  });

  it('is deleted by the collect job 16 days after its last write, and kept after 13 days', async () => {
    const old = (name: string, written: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: {app.kubernetes.io/managed-by: realmem, realmem.dev/part: history}
  annotations: {realmem.dev/written: '${written}'}
`;
    const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
    await bed.apply([old('history-long-gone', daysAgo(16)), old('history-gone', daysAgo(13))].join('---\n'));
    await bed.kubectl('create', 'job', 'collect-now', '--from', 'cronjob/realmem-collect', '-n', namespace);
    await bed.kubectl(
      'wait',
      'job/collect-now',
      '--for=condition=Complete',
      '-n',
      namespace,
      '--timeout=180s',
    );
    assert.match(
      await bed.kubectl('logs', 'job/collect-now', '-n', namespace),
      /^old histories: 1 deleted\n$/,
    );
    const names = await bed.kubectl(
      'get',
      'configmaps',
      '-n',
      namespace,
      '-l',
      'realmem.dev/part=history',
      '-o',
      'name',
    );
    assert.deepEqual(names.trim().split('\n').toSorted(), [
      ...['configmap/history-gone', ...bed.nodes.map((node) => `configmap/history-${node}`)].toSorted(),
    ]);
    await bed.kubectl('delete', 'configmap', 'history-gone', '-n', namespace);
  });
});
