/**
 * Compares common Kubernetes tools on an idle container with what `realmem explain` predicts they show. It runs only by its name, because
 * the tools take minutes to build: `npm run test:cluster -- test/cluster/tools.test.ts`.
 */
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Explained, parseExplained, rowOf } from '../host/realmem/explained.ts';
import { busyboxImage, openBed } from './bed/bed.ts';
import { buildBinaries } from './bed/binaries.ts';
import { progressOn } from './machine/progress.ts';
import { namespace as agents, releaseOn } from './release/release.ts';
import { type Crictl, startCrictl } from './tools/crictl.ts';
import { startMetricsServer, stopMetricsServer } from './tools/metrics-server.ts';
import { cadvisorOf, metricsOf, nodeMemoryOf, summaryOf, topOf } from './tools/tool-readings.ts';

const bed = await openBed();
const release = releaseOn(bed);
const testNamespace = 'realmem-tools-test';
let crictl: Crictl;

/**
 * Makes each formula give another result: tmpfs, a file larger than the limit leaves room for (so the peak exceeds
 * usage), a file read repeatedly, and a mapped program. Then the container is idle.
 */
const script = [
  'cp /bin/busybox /data/busybox',
  'dd if=/dev/zero of=/dev/shm/kept bs=1M count=20',
  'dd if=/dev/zero of=/data/large bs=1M count=80',
  'dd if=/dev/zero of=/data/again bs=1M count=20; for n in 1 2 3; do cat /data/again >/dev/null; done',
  ': >/data/done',
  'exec /data/busybox sleep infinity',
].join('; ');

const podOn = (node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: idle-${node}, namespace: ${testNamespace}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command: [sh, -c, '${script}']
    resources: {limits: {memory: 96Mi}}
    # A startup probe ends with its first success. A readiness probe would never leave the container idle.
    startupProbe: {exec: {command: [test, -e, /data/done]}, periodSeconds: 1, failureThreshold: 120}
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
`;

before(async () => {
  const progress = progressOn(process.stdout, new AbortController().signal);
  for (const program of ['metrics-server', 'crictl']) await buildBinaries(progress, program);
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await bed.apply(bed.nodes.map(podOn).join('---\n'));
  await startMetricsServer(bed);
  crictl = await startCrictl(bed, testNamespace);
  await release.install();
});

after(async () => {
  await stopMetricsServer(bed);
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found', '--wait=false');
  await release.uninstall();
});

/** A node is never idle, so two readings may differ by this much. Formulas differ by more. */
const most = 16 * 1024 ** 2;

/** What tools show, by their name in explain: strings in the tool's format, numbers in bytes. */
type Seen = Readonly<Record<string, string | number>>;

for (const node of bed.nodes)
  describe(`realmem explain on an idle container of ${node}`, { timeout: 400_000 }, () => {
    const of = { node, namespace: testNamespace, pod: `idle-${node}`, container: 'main' };
    let id = '';

    before(async () => {
      await bed.kubectl(
        'wait',
        '--for=condition=Ready',
        `pod/${of.pod}`,
        '-n',
        testNamespace,
        '--timeout=120s',
      );
      const path = 'jsonpath={.status.containerStatuses[0].containerID}';
      const text = await bed.kubectl('get', 'pod', of.pod, '--namespace', testNamespace, '--output', path);
      id = text.replace(/^containerd:\/\//, '');
    });

    /** Runs in the agent's pod, because the image contains all commands. */
    const explain = async (): Promise<Explained> =>
      parseExplained(
        await bed.kubectl(
          ...['exec', await release.podOf(node), '--namespace', agents, '--'],
          ...['/usr/local/bin/node', '/realmem/realmem.mjs', 'explain', id, '--root', '/host', '-o', 'json'],
        ),
      );

    /** Waits until they agree, because tools refresh only every 10 to 15 seconds. */
    async function agree(t: TestContext, ask: () => Promise<Seen>): Promise<void> {
      const seen = await bed.waitFor(
        'explain to show the same as the tools',
        async () => {
          const seen = await ask();
          const explained = await explain();
          const differing = Object.entries(seen).flatMap(([tool, theirs]) => {
            const { shows, bytes } = rowOf(explained, tool);
            const ours = typeof theirs === 'string' ? shows : bytes;
            return ours === theirs ? [] : [`${tool}: ${theirs}, explain ${ours}`];
          });
          if (differing.length > 0) throw new Error(differing.join('; '));
          return seen;
        },
        { timeoutMs: 90_000 },
      );
      for (const [tool, shown] of Object.entries(seen)) t.diagnostic(`${node}: ${tool}: ${shown}`);
    }

    it("gives the usage, working set and RSS of the kubelet's summary", (t) =>
      agree(t as TestContext, async () => {
        const { usageBytes, workingSetBytes, rssBytes } = await summaryOf(bed, of);
        return {
          'kubelet workingSetBytes': workingSetBytes,
          'libcontainer usage': usageBytes,
          container_memory_rss: rssBytes,
        };
      }));

    it("gives every container_memory metric of the kubelet's cAdvisor in its format", async (t) => {
      const explained = await explain();
      const names = explained.map(({ tool }) => tool).filter((tool) => tool.startsWith('container_memory_'));
      await agree(t as TestContext, async () => {
        const theirs = await cadvisorOf(bed, of);
        return Object.fromEntries(names.map((name) => [name, theirs[name] ?? 'missing']));
      });
    });

    it('gives what metrics-server and kubectl top show', (t) =>
      agree(t as TestContext, async () => ({
        'metrics-server': await metricsOf(bed, of),
        'kubectl top --containers': await topOf(bed, of),
      })));

    it('gives what crictl stats shows, in JSON and in its table', async (t) => {
      await agree(t as TestContext, async () => {
        const { workingSetBytes, usageBytes } = await crictl.stats(node, id);
        return { 'crictl stats': workingSetBytes, 'libcontainer usage': usageBytes };
      });
      await agree(t as TestContext, async () => ({ 'crictl stats': (await crictl.stats(node, id)).table }));
    });

    it("gives the kubelet's memory.available for the node within 16 MiB", async (t) => {
      const seen = await bed.waitFor(
        'explain to show memory.available of the kubelet',
        async () => {
          const { availableBytes } = await nodeMemoryOf(bed, node);
          const { bytes = 0 } = rowOf(await explain(), 'kubelet eviction, memory.available');
          const text = `${availableBytes}, explain ${bytes}`;
          if (Math.abs(bytes - availableBytes) > most) throw new Error(text);
          return text;
        },
        { timeoutMs: 120_000 },
      );
      (t as TestContext).diagnostic(`${node}: memory.available: ${seen}`);
    });
  });
