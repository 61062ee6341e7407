/** `kubectl realmem top` and its views against real nodes: as a plugin of kubectl, and with few rights. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { unpackPage } from '../../src/page/pack.ts';
import { embedded } from '../cli/page/embedded.ts';
import { run, start } from '../cli/run.ts';
import { tempDir } from '../temp.ts';
import { busyboxImage, openBed } from './bed/bed.ts';
import { releaseOn } from './release/release.ts';

const MiB = 1024 ** 2;
const testNamespace = 'realmem-top-test';

const bed = await openBed();
const release = releaseOn(bed);
const flags = ['--kubeconfig', bed.kubeconfig];

/** 30 MiB of tmpfs, which is real memory, and 60 MiB of page cache, which kubectl top counts and real does not. */
const podOn = (node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: cache-${node}, namespace: ${testNamespace}, labels: {app: cache, placed: ${node}}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command:
    - sh
    - -c
    - |
      dd if=/dev/zero of=/dev/shm/x bs=1M count=30
      dd if=/dev/zero of=/tmp/y bs=1M count=60
      while :; do cat /tmp/y >/dev/null; sleep 1; done
    resources: {requests: {memory: 40Mi}, limits: {memory: 160Mi}}
`;

interface Item {
  readonly node: string;
  readonly pod: string;
  readonly target: string;
  readonly realBytes: number;
  readonly limitBytes: number;
  readonly requestBytes: number;
  readonly kubectlTopBytes: number;
}

interface Table {
  readonly items: readonly Item[];
  readonly nodes: { readonly reporting: number; readonly missing: readonly string[] };
  readonly notes: readonly string[];
}

async function table(...args: readonly string[]): Promise<Table> {
  const { code, stdout, stderr } = await run(
    ['top', ...args, '-o', 'json', ...flags],
    {},
    { isPlugin: true },
  );
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout) as Table;
}

async function printed(...args: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await run(['top', ...args, ...flags], {}, { isPlugin: true });
  assert.deepEqual([code, stderr], [0, '']);
  return stdout.split('\n');
}

describe('kubectl realmem top', { timeout: 600_000 }, () => {
  before(async () => {
    await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
    await release.install();
    for (const node of bed.nodes) await bed.apply(podOn(node));
    await bed.waitFor('both pods with their tmpfs in the reports', async () => {
      const { items } = await table('containers', '-n', testNamespace);
      return items.filter(({ realBytes }) => realBytes > 29 * MiB).length === bed.nodes.length || undefined;
    });
  });

  after(async () => {
    await bed.kubectl('delete', 'namespace', testNamespace, '--wait=false');
    await release.uninstall();
  });

  it('shows real without the page cache that kubectl top counts, on every node', async () => {
    const { items, nodes } = await bed.waitFor('page cache in the reports', async () => {
      const found = await table('containers', '-n', testNamespace);
      return found.items.every(({ kubectlTopBytes }) => kubectlTopBytes > 60 * MiB) ? found : undefined;
    });
    assert.deepEqual(items.map(({ node }) => node).toSorted(), [...bed.nodes].toSorted());
    assert.deepEqual([nodes.reporting, nodes.missing], [bed.nodes.length, []]);
    for (const { realBytes, limitBytes, requestBytes } of items) {
      assert.ok(realBytes > 29 * MiB && realBytes < 45 * MiB, `${realBytes}`);
      assert.deepEqual([limitBytes, requestBytes], [160 * MiB, 40 * MiB]);
    }
  });

  it('lists pods, workloads, namespaces and nodes', async () => {
    const pods = await table('pods', '-n', testNamespace);
    assert.deepEqual(
      pods.items.map(({ target }) => target).toSorted(),
      bed.nodes.map((node) => `${testNamespace}/cache-${node}`).toSorted(),
    );
    const names = async (kind: string): Promise<readonly string[]> =>
      (await table(kind)).items.map(({ target }) => target);
    assert.ok((await names('workloads')).includes('realmem/DaemonSet/realmem'));
    assert.ok((await names('namespaces')).includes(testNamespace));
    assert.deepEqual((await names('nodes')).toSorted(), [...bed.nodes].toSorted());
  });

  it('chooses pods by label, by name and by namespace', async () => {
    const [first = ''] = bed.nodes;
    const byLabel = await table('pods', '-l', `placed=${first}`);
    const byName = await table('pods', `cache-${first}`);
    for (const { items } of [byLabel, byName])
      assert.deepEqual(
        items.map(({ pod }) => pod),
        [`cache-${first}`],
      );
  });

  it('shows what is free by request and by real with --available', async () => {
    const [head, ...rows] = await printed('nodes', '--available');
    assert.match(head ?? '', /^NODE +ALLOCATABLE +REQUESTED +FREE BY REQUEST +REAL OF PODS +FREE BY REAL$/);
    for (const node of bed.nodes)
      assert.ok(
        rows.some((row) => row.startsWith(`${node} `) && !row.includes(' -')),
        `${node}: ${rows}`,
      );
  });

  it('reads the agents themselves with --fresh', async () => {
    const { items, notes } = await table('containers', '-n', testNamespace, '--fresh');
    assert.equal(items.length, bed.nodes.length);
    assert.deepEqual(notes, []);
  });

  it('writes the page of the cluster to one file with -o html', async () => {
    const { code, stdout, stderr } = await run(['top', '-o', 'html', ...flags], {}, { isPlugin: true });
    assert.deepEqual([code, stderr], [0, '']);
    const { nodes, pods } = embedded(stdout);
    assert.deepEqual(nodes.map(({ name }) => name).toSorted(), [...bed.nodes].toSorted());
    assert.equal(pods.filter(({ namespace }) => namespace === testNamespace).length, bed.nodes.length);
  });

  it('serves the page with ui, and explains a container through its agent', async (test) => {
    const running = start(['ui', '--port', '0', ...flags], {}, { isPlugin: true });
    test.after(async () => {
      running.kill('SIGTERM');
      assert.deepEqual((await running.ended).code, 0);
    });
    const [, address = ''] = await running.prints(/^(http:\/\/127\.0\.0\.1:\d+)\/ /m);
    const { nodes } = unpackPage(await (await fetch(`${address}/data.json`)).json());
    assert.equal(nodes.length, bed.nodes.length);
    for (const node of bed.nodes) {
      const explained = await fetch(`${address}/explain/${testNamespace}/cache-${node}/main.json`);
      assert.equal(explained.status, 200, await explained.clone().text());
      assert.equal(
        ((await explained.json()) as { name: string }).name,
        `${testNamespace}/cache-${node}/main`,
      );
    }
  });

  it('works as a plugin of kubectl, with its flags', async (test) => {
    const plugins = tempDir(test);
    const program = new URL('../../bin/kubectl-realmem.mjs', import.meta.url).pathname;
    fs.symlinkSync(program, path.join(plugins, 'kubectl-realmem'));
    const out = await bed.kubectlWithPlugins(plugins, 'realmem', 'top', 'nodes', '-o', 'name');
    assert.deepEqual(out.trim().split('\n').toSorted(), [...bed.nodes].toSorted());
  });

  it('shows a user of one namespace its pods by their annotations, and says so', async () => {
    await bed.apply(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: ${testNamespace}}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: ${testNamespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: tenant}
`);
    const { items, notes } = await bed.waitFor('annotations of both pods', async () => {
      const found = await table('pods', '-n', testNamespace, '--as', 'tenant');
      return found.items.every(({ realBytes }) => realBytes > 29 * MiB) ? found : undefined;
    });
    assert.equal(items.length, bed.nodes.length);
    assert.match(notes.join('\n'), /annotations/);
    const refused = await run(['top', '--as', 'tenant', ...flags], {}, { isPlugin: true });
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    assert.match(refused.stderr, /-n NAMESPACE/);
  });
});
