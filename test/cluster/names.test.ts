/** Runs the agent beside a real node, and checks that each container has the name that the kubelet gives it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { startProcess } from '../cli/process.ts';
import { busyboxImage, hostNode, openBed } from './bed/bed.ts';

const pod = `apiVersion: v1
kind: Pod
metadata: {name: names, namespace: default, labels: {app: names}}
spec:
  nodeName: ${hostNode}
  terminationGracePeriodSeconds: 0
  initContainers:
  - {name: first, image: ${busyboxImage}, imagePullPolicy: Never, command: [busybox, 'true']}
  - {name: beside, image: ${busyboxImage}, imagePullPolicy: Never, restartPolicy: Always, command: [busybox, sleep, infinity]}
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command: [busybox, sleep, infinity]
    resources: {requests: {memory: 16Mi}, limits: {memory: 64Mi}}
`;

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers: readonly {
      readonly name: string;
      readonly memory?: { readonly usageBytes?: number };
    }[];
  }[];
}

describe('the agent beside node-1', async () => {
  const bed = await openBed();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-cluster-'));
  const agent = startProcess([
    ...['agent', '--kubeconfig', bed.kubeconfig, '--node', hostNode, '--period', '1s', '--output', 'off'],
    ...['--report-dir', directory, '--probe-address', 'off', '--report-address', '127.0.0.1:0'],
  ]);
  after(async () => {
    agent.kill('SIGTERM');
    await agent.ended;
    fs.rmSync(directory, { recursive: true });
    await bed.kubectl('delete', 'pod', 'names', '--ignore-not-found', '--wait=false');
  });
  const [, address = ''] = await agent.says(/"address":"([^"]+)","msg":"report served"/);
  const report = async () => (await (await fetch(`http://${address}/report.json`)).json()) as NodeReport;
  const named = async () =>
    (await report()).containers.flatMap(({ namespace, pod: name, name: container, type }) =>
      namespace === undefined || container === undefined ? [] : [`${namespace}/${name}/${container} ${type}`],
    );

  it('names every container that the kubelet lists, and gives the type of init and sidecar containers', async () => {
    await bed.apply(pod);
    const listed = async (): Promise<string[]> => {
      const text = await bed.kubectl('get', '--raw', `/api/v1/nodes/${hostNode}/proxy/stats/summary`);
      return (JSON.parse(text) as Summary).pods.flatMap(({ podRef, containers }) =>
        containers.map(({ name }) => `${podRef.namespace}/${podRef.name}/${name}`),
      );
    };
    const wanted = ['default/names/beside sidecar', 'default/names/main container'];
    await bed.waitFor('the pod in the report', async () => {
      const names = await named();
      return wanted.every((name) => names.includes(name));
    });
    await bed.waitFor('the kubelet and the report to agree', async () => {
      const ours = (await named()).map((name) => name.split(' ')[0]);
      const theirs = await listed();
      return theirs.includes('default/names/main') && theirs.every((name) => ours.includes(name));
    });
    const { containers } = await report();
    const main = containers.find(({ name, pod: of }) => of === 'names' && name === 'main');
    assert.equal(main?.limitBytes, 64 * 1024 ** 2);
    assert.equal(main?.requestBytes, 16 * 1024 ** 2);
    assert.equal(main?.runtime, 'containerd');
    assert.equal(containers.filter(({ pod: of, type }) => of === 'names' && type === 'sandbox').length, 1);
    // Pods of earlier tests may have left the API server while their cgroups are still on the node.
    await bed.waitFor('NamesFresh=True', async () => {
      const { conditions } = await report();
      return conditions.some(({ type, status }) => type === 'NamesFresh' && status === 'True');
    });
  });

  it('keeps names and reports NamesFresh=False while the API server is down, and recovers by itself', async () => {
    await bed.stopApiServer();
    await bed.waitFor('NamesFresh=False with the reason OutOfStep', async () => {
      const { conditions } = await report();
      return conditions.some(({ type, reason }) => type === 'NamesFresh' && reason === 'OutOfStep');
    });
    assert.ok((await named()).includes('default/names/main container'));
    await bed.startApiServer();
    await bed.waitFor('NamesFresh=True', async () => {
      const { conditions } = await report();
      return conditions.some(({ type, status }) => type === 'NamesFresh' && status === 'True');
    });
  });

  it('drops a deleted pod from the report', async () => {
    await bed.kubectl('delete', 'pod', 'names', '--wait=true');
    await bed.waitFor(
      'a report without the pod',
      async () => !JSON.stringify(await report()).includes('"names"'),
    );
  });
});
