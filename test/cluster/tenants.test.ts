/**
 * Creates the largest pods that a tenant can get past the real API server, beside an agent with the image's heap size.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { bundle } from '../../image/bundle.ts';
import { openAccess } from '../../src/kube/access.ts';
import { openKube } from '../../src/kube/client.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { startProcess } from '../cli/process.ts';
import { busyboxImage, hostNode, openBed } from './bed/bed.ts';

/** Each run has its own namespace, because the previous one may still be terminating. */
const namespace = `tenants-${process.pid}`;

const many = <T>(count: number, one: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => one(at));

const main = { name: 'main', image: busyboxImage, imagePullPolicy: 'Never' };

/** A pod bound to the node that its kubelet rejects, so no container of it ever runs. */
const rejectedPod = (name: string, metadata: object, containers: readonly object[] = [main]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { nodeName: hostNode, nodeSelector: { 'realmem.dev/tenants': 'none' }, containers },
});

/** Pods by name. Their sizes are close to etcd's limit. */
const oversized: Readonly<Record<string, (name: string) => object>> = {
  ...Object.fromEntries(
    many(20, (at) => [
      `labelled-${at}`,
      (name: string) =>
        rejectedPod(name, {
          labels: Object.fromEntries(many(7_000, (key) => [`${'k'.repeat(40)}-${key}`, 'v'.repeat(50)])),
        }),
    ]),
  ),
  ...Object.fromEntries(
    many(4, (at) => [
      `flagged-${at}`,
      (name: string) =>
        rejectedPod(name, {}, [{ ...main, command: ['java'], args: ['-Xmx1g '.repeat(200_000)] }]),
    ]),
  ),
  ...Object.fromEntries(
    many(30, (at) => [
      `crowded-${at}`,
      (name: string) =>
        rejectedPod(
          name,
          {},
          many(3_000, (container) => ({ ...main, name: `c-${container}` })),
        ),
    ]),
  ),
  escaped: (name) => rejectedPod(name, {}, [{ ...main, args: ['<'.repeat(1_400_000)] }]),
  reported: (name) => rejectedPod(name, { annotations: { 'realmem.dev/report': 'r'.repeat(250_000) } }),
};

describe('a tenant of node-1', { timeout: 600_000 }, async () => {
  const bed = await openBed();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-tenants-'));
  const kube = openKube((await openAccess({ file: bed.kubeconfig, env: {} })).credentials);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const create = (body: object): Promise<unknown> =>
    kube.call({ method: 'POST', path: pods, body, deadlineMs: 60_000, mostBytes: 16 * 2 ** 20 });

  before(async () => {
    await bundle(path.join(directory, 'dist'));
    await bed.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}}`);
    await bed.waitFor('the default service account', () =>
      kube.call({ path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` }),
    );
  });

  after(async () => {
    // The kubelet would otherwise be busy with these pods for a long time.
    await bed.kubectl('delete', 'pods', '--all', '-n', namespace, '--force', '--grace-period=0');
    await bed.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
    kube.close();
    fs.rmSync(directory, { recursive: true });
  });

  /** Starts an agent with the heap size of the image. */
  async function agent(test: TestContext) {
    const running = startProcess(
      [
        ...['agent', '--kubeconfig', bed.kubeconfig, '--node', hostNode, '--period', '1s', '--output', 'off'],
        ...['--report-dir', 'off', '--history-dir', 'off', '--probe-address', '127.0.0.1:0'],
        ...['--report-address', '127.0.0.1:0'],
      ],
      { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=40' },
      path.join(directory, 'dist/realmem.mjs'),
    );
    test.after(async () => {
      running.kill('SIGTERM');
      await running.ended;
    });
    const [, address = ''] = await running.says(/"address":"([^"]+)","msg":"report served"/);
    return async () => (await (await fetch(`http://${address}/report.json`)).json()) as NodeReport;
  }

  /** The agent must reject 31 pods: thirty with too many containers, and one that is six times as long in JSON. */
  async function assertRejectsOnlyOversized(report: () => Promise<NodeReport>): Promise<void> {
    await bed.waitFor('the rejected pods in NamesFresh', async () => {
      const { conditions } = await report();
      const { message = '' } = conditions.find(({ type }) => type === 'NamesFresh') ?? {};
      return /^31 pods from the API server cannot be used: pod tenants-\d+\/(?:crowded-\d+|escaped): /.test(
        message,
      );
    });
    await namesSmallPod(report);
  }

  const namesSmallPod = (report: () => Promise<NodeReport>): Promise<unknown> =>
    bed.waitFor('the name of the small pod', async () =>
      (await report()).containers.some(
        (container) =>
          container.namespace === namespace && container.pod === 'plain' && container.name === 'main',
      ),
    );

  it('with oversized pods ends no agent and hides no other pod, neither in a watch nor in a list', async (test) => {
    const watching = await agent(test);
    // This pod comes first, because the kubelet takes seconds for each of the others.
    await create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'plain' },
      spec: {
        nodeName: hostNode,
        terminationGracePeriodSeconds: 0,
        containers: [{ ...main, command: ['busybox', 'sleep', 'infinity'] }],
      },
    });
    await namesSmallPod(watching);
    for (const [name, make] of Object.entries(oversized)) await create(make(name));
    await assertRejectsOnlyOversized(watching);
    await assertRejectsOnlyOversized(await agent(test));
    // The first agent still runs.
    await watching();
  });
});
