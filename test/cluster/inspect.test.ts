/** `kubectl realmem explain` and `ps`, and `--fresh`, against the agents of real nodes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectCluster } from '../../src/cli/cluster-flags.ts';
import { readFresh } from '../../src/cluster/fresh.ts';
import { readCluster } from '../../src/cluster/read.ts';
import { run } from '../cli/run.ts';
import { busyboxImage, openBed } from './bed/bed.ts';
import { releaseOn } from './release/release.ts';

const MiB = 1024 ** 2;
const testNamespace = 'realmem-inspect-test';

const bed = await openBed();
const release = releaseOn(bed);
const flags = ['--kubeconfig', bed.kubeconfig];

/** Its tmpfs is real memory, and no process maps it. */
const podOn = (node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: web-${node}, namespace: ${testNamespace}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command: [sh, -c, 'dd if=/dev/zero of=/dev/shm/x bs=1M count=20; sleep infinity']
    resources: {limits: {memory: 64Mi}}
`;

/** A user with the rights that docs/explain.md lists, and one who may read everything else. */
const users = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${testNamespace}-reader}
rules:
- {apiGroups: [''], resources: [pods, nodes], verbs: [get, list]}
- {apiGroups: [realmem.dev], resources: [nodememoryreports], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${testNamespace}-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${testNamespace}-reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: inspector}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ${testNamespace}-inspector, namespace: realmem}
rules:
- {apiGroups: [''], resources: [pods/portforward], verbs: [get, create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${testNamespace}-inspector, namespace: realmem}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${testNamespace}-inspector}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: inspector}
`;

const targetOn = (node: string): string => `${testNamespace}/web-${node}`;
const explained = (node: string, ...more: string[]) => run(['explain', targetOn(node), ...more, ...flags]);

describe('the agents of the cluster', () => {
  before(async () => {
    await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
    await release.install();
    await bed.apply(users);
    for (const node of bed.nodes) await bed.apply(podOn(node));
    for (const node of bed.nodes)
      await bed.waitFor(
        `an explanation of the pod on ${node}`,
        async () => {
          const { code, stdout } = await explained(node, '-o', 'json');
          const rows: readonly { readonly tool: string; readonly bytes?: number }[] =
            code === 0 ? JSON.parse(stdout) : [];
          return rows.some(({ tool, bytes = 0 }) => tool === 'realmem' && bytes >= 20 * MiB);
        },
        { timeoutMs: 240_000 },
      );
  });

  after(async () => {
    await release.uninstall();
    await bed.kubectl('delete', 'namespace', testNamespace, '--wait=false');
    const names = [`${testNamespace}-reader`];
    await bed.kubectl('delete', 'clusterrole,clusterrolebinding', ...names, '--ignore-not-found');
  });

  it('explain a container on each node, by the name of its pod and by a name in the reports', async () => {
    for (const node of bed.nodes) {
      for (const target of [[targetOn(node)], ['-n', testNamespace, `web-${node}`], [`web-${node}`]])
        await bed.waitFor(`explain ${target.join(' ')}`, async () => {
          const { code, stdout } = await run(['explain', ...target, ...flags]);
          return code === 0 && stdout.includes(`${targetOn(node)}/main`);
        });
    }
  });

  it('name pods like the wanted one', async () => {
    const [node = ''] = bed.nodes;
    const { code, stderr } = await run(['explain', `${testNamespace}/wep-${node}`, ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, /expected a pod in the cluster, got none; did you mean /);
  });

  it('have newer figures than the reports, to the byte, with --fresh', async () => {
    const cluster = await connectCluster({ values: { kubeconfig: bed.kubeconfig } }, { env: {} });
    try {
      const now = Date.now();
      const view = await readCluster(cluster.kube, { now });
      const fresh = await readFresh(cluster.kube, view, { namespace: testNamespace }, { now });
      for (const name of bed.nodes) {
        const node = fresh.nodes.find((one) => one.name === name);
        assert.equal(node?.from, 'agent', fresh.notes.join('\n'));
        const old = view.nodes.find((one) => one.name === name);
        assert.ok((node.observedAt ?? 0) >= (old?.observedAt ?? 0));
        const pod = node.pods.find((one) => one.name === `web-${name}`);
        const [container] = pod?.containers ?? [];
        assert.ok((container?.real ?? 0) >= 20 * MiB);
        assert.equal(container?.limit, 64 * MiB);
      }
      assert.deepEqual(fresh.notes, view.notes);
    } finally {
      cluster.kube.close();
    }
  });

  it('are reached with the rights get and create on pods/portforward, and not without', async () => {
    const [node = ''] = bed.nodes;
    assert.equal((await explained(node, '--as', 'inspector')).code, 0);
    const { code, stderr } = await explained(node, '--as', 'reader');
    assert.equal(code, 3);
    assert.match(
      stderr,
      /^Error from server \(Forbidden\): pods "realmem-\w+" is forbidden: User "reader" cannot (get|create) resource "pods\/portforward"/,
    );
  });

  it('see no processes without hostPID, and say how to change that', async () => {
    for (const node of bed.nodes) {
      const { code, stderr } = await run(['ps', targetOn(node), ...flags]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /in another PID namespace; .*--set hostPID=true/);
      assert.equal(stderr.match(/expected/g)?.length, 1, stderr);
      assert.doesNotMatch((await explained(node)).stdout, /realmem ps/);
      assert.match((await explained(node, '--all')).stdout.replace(/\s+/g, ' '), /--set hostPID=true/);
    }
  });

  it('list the processes with RSS, and without PSS, with hostPID', async () => {
    await release.install({ hostPID: 'true' });
    for (const node of bed.nodes)
      await bed.waitFor(`the processes of the pod on ${node}`, async () => {
        const { code, stdout } = await run(['ps', targetOn(node), '-o', 'json', ...flags]);
        if (code !== 0) return false;
        const { processes, unseen } = JSON.parse(stdout);
        const [process] = processes;
        assert.equal(unseen, 0);
        return process.command === 'sleep' && process.rssBytes > 0 && process.pssBytes === undefined;
      });
  });

  it('say that their report port is off', async () => {
    await release.install({ 'config.reportAddress': 'off' });
    const [node = ''] = bed.nodes;
    await bed.waitFor('the message', async () => {
      const { code, stderr } = await explained(node);
      return code === 3 && /got connection refused; its report is off or at another port/.test(stderr);
    });
  });
});
