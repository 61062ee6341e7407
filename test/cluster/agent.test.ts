/** Runs the agent as a pod on a real node, and checks what users read with kubectl. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ContainerReport } from '../../src/model/report.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { matchesGolden } from '../golden.ts';
import { busyboxImage, openBed } from './bed/bed.ts';
import { releaseOn } from './release/release.ts';

const MiB = 1024 ** 2;
const second = 1_000;
const testNamespace = 'realmem-agent-test';

const podOf = (node: string, name: string, spec: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${testNamespace}, labels: {app: ${name}}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
${spec}`;

const container = (name: string, script: string, more = ''): string =>
  `{name: ${name}, image: ${busyboxImage}, imagePullPolicy: Never, command: [sh, -c, '${script}']${more}}`;

/** The case of the article. The container reads a file repeatedly, so its pages are active. The kernel cannot drop tmpfs pages. */
const cachey = (node: string): string =>
  podOf(
    node,
    `cachey-${node}`,
    `  containers:
  - ${container(
    'main',
    'dd if=/dev/zero of=/data/f bs=1M count=100; for i in 1 2 3; do cat /data/f >/dev/null; done; dd if=/dev/zero of=/dev/shm/x bs=1M count=20; sleep infinity',
    ', resources: {requests: {memory: 64Mi}, limits: {memory: 256Mi}}, volumeMounts: [{name: data, mountPath: /data}]',
  )}
  volumes: [{name: data, emptyDir: {}}]
`,
  );

const kinds = (node: string): string =>
  podOf(
    node,
    `kinds-${node}`,
    `  initContainers:
  - ${container('first', 'true')}
  - ${container('beside', 'sleep infinity', ', restartPolicy: Always')}
  containers:
  - ${container('main', 'sleep infinity', ', resources: {requests: {memory: 16Mi}, limits: {memory: 64Mi}}')}
`,
  );

const oomer = (node: string): string =>
  podOf(
    node,
    `oomer-${node}`,
    `  containers:
  - ${container('main', 'sleep 1; exec tail /dev/zero', ', resources: {limits: {memory: 24Mi}}')}
`,
  );

const staticPod = (node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: fixed, namespace: ${testNamespace}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - ${container('main', `echo ${node}; sleep infinity`)}
`;

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly {
      readonly name: string;
      readonly memory?: { readonly usageBytes?: number; readonly workingSetBytes?: number };
    }[];
  }[];
}

interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

const bed = await openBed();
const release = releaseOn(bed);
const inTestNamespace = (...args: string[]): Promise<string> =>
  bed.kubectl(...args, '--namespace', testNamespace);

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await release.install();
});

after(async () => {
  for (const node of bed.nodes) await bed.removeStaticPod(node, 'fixed');
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
  await release.uninstall();
});

const summary = async (node: string): Promise<Summary> =>
  JSON.parse(await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`)) as Summary;
const published = async (node: string): Promise<PublishedReport> =>
  JSON.parse(await bed.kubectl('get', 'nmr', node, '--output', 'json')) as PublishedReport;
/** Waits for the first report made at least one second after `at`, because reports give times in whole seconds. */
const publishedAfter = (node: string, at: number): Promise<PublishedReport> =>
  bed.waitFor('the next node report', async () => {
    const report = await published(node);
    return Date.parse(report.observed.at ?? '') > at + second && report;
  });
const annotationsOf = async (pod: string): Promise<Readonly<Record<string, string>>> =>
  (JSON.parse(await inTestNamespace('get', 'pod', pod, '--output', 'json')) as Pod).metadata.annotations ??
  {};

const uidsOn = async (node: string): Promise<ReadonlySet<string>> => {
  const { items } = JSON.parse(
    await bed.kubectl(
      'get',
      'pods',
      '--all-namespaces',
      '--field-selector',
      `spec.nodeName=${node}`,
      '-o',
      'json',
    ),
  ) as { readonly items: readonly { readonly metadata: { readonly uid: string } }[] };
  return new Set(items.map(({ metadata }) => metadata.uid));
};

const containerOf = async (node: string, pod: string, name: string): Promise<ContainerReport | undefined> => {
  const { containers } = await release.report(node);
  return containers.find((one) => one.namespace === testNamespace && one.pod === pod && one.name === name);
};

/** Replaces figures, ages and widths, because they differ between machines. Asserts that lines have at most 120 columns. */
function reviewable(given: string): string {
  const text = given.replaceAll(/\{.*$/gm, '{…');
  const wide = text.split('\n').filter((line) => line.length > 120);
  assert.deepEqual(wide, [], 'lines wider than 120 columns');
  return text
    .replaceAll(/\b\d+(?:\.\d+)?(?:[KMGT]i)\b/g, '<size>')
    .replaceAll(/\b\d+(?:[smhd]\d*[smhd]?)\b/g, '<age>')
    .replaceAll(/\b\d+%/g, '<share>')
    .replaceAll(/(?<= )\d+(?= |$)/gm, '<n>')
    .replaceAll(/ {2,}/g, '   ');
}

/** Allows for an emulated node whose kubelet updates its figures every ten seconds. */
const patience = { timeoutMs: 120_000 };

const golden = (name: string): URL => new URL(`goldens/${name}.txt`, import.meta.url);

for (const node of bed.nodes)
  describe(`the agent on ${node}`, { timeout: 300_000 }, () => {
    before(() => bed.apply([cachey(node), kinds(node), oomer(node)].join('---\n')));

    it("reports real memory without the file cache that the kubelet's working set includes", async () => {
      const pod = `cachey-${node}`;
      const real = await bed.waitFor(
        '20 MiB of tmpfs',
        async () => {
          const { realBytes = 0, cacheBytes = 0 } = (await containerOf(node, pod, 'main')) ?? {};
          return realBytes > 20 * MiB && cacheBytes > 110 * MiB && realBytes;
        },
        { timeoutMs: 120_000 },
      );
      assert.ok(real <= 24 * MiB, `${real} bytes`);
      const workingSet = await bed.waitFor("the kubelet's working set", async () => {
        const { pods } = await summary(node);
        const found =
          pods.find(({ podRef }) => podRef.name === pod)?.containers?.[0]?.memory?.workingSetBytes ?? 0;
        return found > 40 * MiB && found;
      });
      assert.ok(workingSet > 2 * real, `working set ${workingSet}, real ${real}`);
    });

    it('writes annotations on the pod that kubectl get and kubectl describe show', async () => {
      const pod = `cachey-${node}`;
      const annotations = await bed.waitFor('the annotations', async () => {
        const found = await annotationsOf(pod);
        return /^main 2[0-4](\.\d)?Mi of 256Mi \d+%$/.test(found['realmem.dev/memory'] ?? '') && found;
      });
      const report = JSON.parse(annotations['realmem.dev/report'] ?? '') as {
        readonly at: string;
        readonly realBytes: number;
        readonly containers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      };
      assert.ok(Date.parse(report.at) > 0);
      const {
        realBytes = 0,
        usageBytes = 0,
        limitBytes,
        requestBytes,
        verdict,
      } = report.containers['main'] ?? {};
      assert.ok(Number(realBytes) >= 20 * MiB && Number(realBytes) <= 24 * MiB, `${realBytes}`);
      assert.ok(Number(usageBytes) > Number(realBytes) + 60 * MiB, `${usageBytes}`);
      assert.deepEqual([limitBytes, requestBytes, verdict], [256 * MiB, 64 * MiB, 'Learning']);
      const described = await inTestNamespace('describe', 'pod', pod);
      const block = /^Annotations:[\s\S]*?(?=^Status:)/m.exec(described)?.[0] ?? '';
      matchesGolden(golden('describe-pod'), reviewable(block));
    });

    it('writes a NodeMemoryReport that kubectl get shows in columns', async () => {
      await bed.waitFor('the pod in the report', async () => {
        const { pods } = await published(node);
        return pods.some(({ name }) => name === `cachey-${node}`);
      });
      const text = await bed.kubectl('get', 'nmr', node);
      matchesGolden(golden('get-nmr'), reviewable(text).replaceAll(node, 'NODE-NAME'));
      const category = (await bed.kubectl('get', 'memory')).split('\n');
      const own = category.filter((line, index) => index === 0 || line.startsWith(`${node} `));
      matchesGolden(golden('get-memory'), reviewable(`${own.join('\n')}\n`).replaceAll(node, 'NODE-NAME'));
      assert.equal(
        await bed.kubectl('get', 'memory', '--output', 'name'),
        bed.nodes
          .map((name) => `nodememoryreport.realmem.dev/${name}\n`)
          .toSorted()
          .join(''),
      );
      // The agent's figure must include the tmpfs and exclude the file cache.
      const { figures, main } = await bed.waitFor(
        'real memory with the tmpfs and without the file cache',
        async () => {
          const { pods, node: figures } = await published(node);
          const main = pods.find(({ name }) => name === `cachey-${node}`)?.containers[0];
          if (!/^2[0-4](\.\d)?Mi$/.test(main?.real ?? '')) throw new Error(`real: ${main?.real}`);
          return { figures, main };
        },
        patience,
      );
      // The agent suggests nothing in the first day.
      const { real, peak, usage, workingSet, ...settings } = main ?? assert.fail();
      assert.deepEqual(settings, { name: 'main', request: '64Mi', limit: '256Mi', verdict: 'Learning' });
      assert.match(real ?? '', /^2[0-4](\.\d)?Mi$/);
      for (const figure of [peak, usage, workingSet]) assert.match(figure ?? '', /^\d+(\.\d)?Mi$/);
      assert.ok((figures?.pods ?? 0) >= 4);
    });

    it('sets the node as the owner of its report, so Kubernetes deletes the report with the node', async () => {
      const owner =
        '{.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}/{.metadata.ownerReferences[0].uid}';
      const uid = await bed.kubectl('get', 'node', node, '--output', 'jsonpath={.metadata.uid}');
      assert.equal(
        await bed.kubectl('get', 'nmr', node, '--output', `jsonpath=${owner}`),
        `Node/${node}/${uid}`,
      );
    });

    it('writes the same report to a ConfigMap', async () => {
      const text = await bed.waitFor('the ConfigMap', async () => {
        const found = await bed.kubectl(
          ...['get', 'configmap', `realmem-${node}`, '--namespace', 'realmem'],
          ...['--output', 'jsonpath={.data.report\\.yaml}'],
        );
        return found.includes(`cachey-${node}`) && found;
      });
      for (const part of ['kind: NodeMemoryReport', `name: ${node}`, 'capacity: ', 'real: ', 'limit: 256Mi'])
        assert.ok(text.includes(part), part);
    });

    it('reports every container that the kubelet lists, with its name and type', async () => {
      const pod = `kinds-${node}`;
      await bed.putStaticPod(node, 'fixed', staticPod(node));
      await inTestNamespace('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=120s');
      await addEphemeral(pod);
      const wanted = [
        `${testNamespace}/${pod}/beside sidecar`,
        `${testNamespace}/${pod}/main container`,
        `${testNamespace}/${pod}/visitor ephemeral`,
        `${testNamespace}/fixed-${node}/main container`,
      ];
      const named = async (): Promise<readonly string[]> =>
        (await release.report(node)).containers.flatMap(({ namespace, pod: of, name, type }) =>
          name === undefined ? [] : [`${namespace}/${of}/${name} ${type}`],
        );
      await bed.waitFor(
        'containers of all types in the report',
        async () => {
          const names = await named();
          const missing = wanted.filter((name) => !names.includes(name));
          if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
          return true;
        },
        patience,
      );
      await bed.waitFor(
        'the kubelet and the report to agree',
        async () => {
          const { pods } = await summary(node);
          const listed = pods.flatMap(({ podRef, containers = [] }) =>
            containers.map(({ name }) => `${podRef.namespace}/${podRef.name}/${name}`),
          );
          const ours = (await named()).map((name) => name.split(' ')[0]);
          const missing = listed.filter((name) => !ours.includes(name));
          if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
          return wanted.every((name) => listed.includes(name.split(' ')[0] ?? ''));
        },
        patience,
      );
      // The node may still have cgroups of a pod that the API server has already deleted.
      await bed.waitFor(
        'names of all pods',
        async () => (await release.report(node)).pods.every(({ name }) => name !== undefined),
        patience,
      );
      await bed.waitFor(
        'a report without pods that the API server does not have',
        async () => {
          const { pods } = await release.report(node);
          const uids = await uidsOn(node);
          const unknown = pods.filter(({ uid }) => uid === undefined || !uids.has(uid));
          if (unknown.length > 0) throw new Error(JSON.stringify(unknown));
          return true;
        },
        patience,
      );
      const sandboxes = (await release.report(node)).containers.filter(
        ({ pod: of, type }) => of === pod && type === 'sandbox',
      );
      assert.equal(sandboxes.length, 1);
    });

    it('reports the same usage as the kubelet for an idle container, to the page', async () => {
      const pod = `kinds-${node}`;
      await bed.waitFor('equal usage from the kubelet and the agent', async () => {
        const { pods } = await summary(node);
        const theirs = pods
          .find(({ podRef }) => podRef.name === pod)
          ?.containers?.find(({ name }) => name === 'main')?.memory?.usageBytes;
        const ours = (await containerOf(node, pod, 'main'))?.usageBytes;
        if (theirs !== ours) throw new Error(`kubelet ${theirs}, ours ${ours}`);
        return ours !== undefined;
      });
    });

    it("explains the usage of idle containers down to the kernel's own lag", async () => {
      // The kernel's own lag: 2 CPUs × 2 batches × 64 pages of 4 KiB.
      const lag = 2 * 2 * 64 * 4096;
      const idle = await bed.waitFor('residuals of the idle containers', async () => {
        const { containers } = await release.report(node);
        const found = containers.filter(({ pod, name }) => pod === `kinds-${node}` && name !== undefined);
        return found.length >= 3 && found.every(({ residualBytes }) => residualBytes !== undefined) && found;
      });
      for (const { name, residualBytes = 0 } of idle)
        assert.ok(Math.abs(residualBytes) <= lag, `${name}: ${residualBytes}`);
      const { containers, pods, others, skipped } = await release.report(node);
      const unknown = [...containers, ...pods, ...others].filter(
        ({ residualCause }) => residualCause === 'unknown',
      );
      assert.deepEqual(unknown, []);
      assert.deepEqual(skipped, []);
    });

    it('reports a new limit within one period after a resize', async () => {
      const pod = `kinds-${node}`;
      const patch = { spec: { containers: [{ name: 'main', resources: { limits: { memory: '96Mi' } } }] } };
      await inTestNamespace('patch', 'pod', pod, '--subresource', 'resize', '--patch', JSON.stringify(patch));
      const limits = 'jsonpath={.status.containerStatuses[0].resources.limits.memory}';
      await bed.waitFor(
        'the kubelet to apply the new limit',
        async () => (await inTestNamespace('get', 'pod', pod, '--output', limits)) === '96Mi',
      );
      const { pods } = await publishedAfter(node, Date.now());
      const main = pods.find(({ name }) => name === pod)?.containers.find(({ name }) => name === 'main');
      assert.equal(main?.limit, '96Mi');
      await bed.waitFor('the limit in the annotation', async () =>
        /^main +\S+ +of 96Mi/m.test((await annotationsOf(pod))['realmem.dev/memory'] ?? ''),
      );
    });

    it('reports OOMKilled for a container that the kernel killed, and counts kills across restarts', async () => {
      const pod = `oomer-${node}`;
      await bed.waitFor(
        'two OOM kills',
        async () => {
          const { pods } = await published(node);
          const found = pods.find(({ name }) => name === pod);
          return (found?.ooms ?? 0) >= 2 && found?.containers[0]?.verdict === 'OOMKilled';
        },
        { timeoutMs: 120_000 },
      );
      const restarts = Number(
        await inTestNamespace(
          'get',
          'pod',
          pod,
          '--output',
          'jsonpath={.status.containerStatuses[0].restartCount}',
        ),
      );
      const { pods } = await published(node);
      const ooms = pods.find(({ name }) => name === pod)?.ooms ?? 0;
      // The kubelet may not have restarted the container yet after the last kill.
      assert.ok(ooms >= restarts && ooms <= restarts + 1, `${ooms} kills, ${restarts} restarts`);
      await bed.waitFor('OOMKilled in the annotation', async () =>
        ((await annotationsOf(pod))['realmem.dev/memory'] ?? '').includes('OOMKilled'),
      );
    });

    it('removes its annotations from a pod with realmem.dev/ignore, and keeps the pod in the report', async () => {
      const pod = `kinds-${node}`;
      await inTestNamespace('annotate', 'pod', pod, 'realmem.dev/ignore=true');
      await bed.waitFor('the agent to remove its annotations', async () => {
        const found = Object.keys(await annotationsOf(pod)).filter((key) => key.startsWith('realmem.dev/'));
        return found.length === 1 && found[0] === 'realmem.dev/ignore';
      });
      assert.ok(
        (await published(node)).pods.some(({ name }) => name === pod),
        'the pod is missing in the report',
      );
    });

    it('drops a deleted pod from the next report', async () => {
      const pod = `oomer-${node}`;
      await inTestNamespace('delete', 'pod', pod, '--wait=true');
      const gone = Date.now();
      const next = await bed.waitFor('the next report', async () => {
        const report = await release.report(node);
        return Date.parse(report.observed.at ?? '') > gone + second && report;
      });
      assert.ok(!JSON.stringify(next).includes(pod));
      assert.ok(!JSON.stringify(await publishedAfter(node, gone)).includes(pod));
    });
  });

/** kubectl has no command that adds an ephemeral container without attaching to it, so this calls the API. */
async function addEphemeral(pod: string): Promise<void> {
  const visitor = {
    name: 'visitor',
    image: busyboxImage,
    imagePullPolicy: 'Never',
    command: ['sleep', 'infinity'],
  };
  const patch = { spec: { ephemeralContainers: [visitor] } };
  await inTestNamespace(
    'patch',
    'pod',
    pod,
    '--subresource',
    'ephemeralcontainers',
    '--patch',
    JSON.stringify(patch),
  );
}
