import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Bed, busyboxImage, openBed } from './bed/bed.ts';

const bed: Bed = await openBed();

const podOn = (node: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: hello-${node}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    command: [sh, -c, 'echo hello; sleep infinity']
    resources: {limits: {memory: 32Mi}}
`;

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string };
    readonly containers: readonly { readonly memory: { readonly workingSetBytes: number } }[];
  }[];
}

for (const node of bed.nodes)
  describe(node, { timeout: 180_000 }, () => {
    const pod = `hello-${node}`;
    const exec = (script: string): Promise<string> => bed.kubectl('exec', pod, '--', 'sh', '-c', script);

    before(async () => {
      await bed.apply(podOn(node));
      await bed.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=120s');
    });

    after(() => bed.kubectl('delete', 'pod', pod, '--ignore-not-found', '--wait=false'));

    it('has the condition Ready', async () => {
      const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
      assert.equal(await bed.kubectl('get', 'node', node, '-o', ready), 'True');
    });

    it('runs a pod, and kubectl logs and kubectl exec reach it', async () => {
      assert.equal(await bed.kubectl('logs', pod), 'hello\n');
      assert.equal(await exec('echo $((6 * 7))'), '42\n');
    });

    it('gives a pod a reachable API server and the CA certificate to trust it', async () => {
      assert.match(
        await exec('cat /var/run/secrets/kubernetes.io/serviceaccount/ca.crt'),
        /BEGIN CERTIFICATE/,
      );
      await exec('nc -w 5 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT </dev/null');
    });

    it("returns the working set of a pod in the kubelet's summary", async () => {
      const memory = await bed.waitFor('a working set', async () => {
        const text = await bed.kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`);
        const summary: Summary = JSON.parse(text);
        const [container] = summary.pods.find(({ podRef }) => podRef.name === pod)?.containers ?? [];
        return container?.memory.workingSetBytes;
      });
      assert.ok(memory > 0 && memory < 32 << 20, `${memory} bytes`);
    });

    it('runs a static pod from a file, and ends it when the file is removed', async () => {
      const name = 'from-a-file';
      const mirror = `pod/${name}-${node}`;
      const yaml = podOn(node)
        .replace(`hello-${node}`, name)
        .replace(/^ *nodeName:.*\n/m, '');
      await bed.putStaticPod(node, name, yaml);
      try {
        await bed.waitFor('the mirror pod in the API', () => bed.kubectl('get', mirror));
        await bed.kubectl('wait', '--for=condition=Ready', mirror, '--timeout=120s');
      } finally {
        await bed.removeStaticPod(node, name);
      }
      await bed.kubectl('wait', '--for=delete', mirror, '--timeout=60s');
    });

    it('keeps its pods while the API server stops, and answers kubectl exec after the restart', async () => {
      await bed.stopApiServer();
      await assert.rejects(bed.kubectl('get', 'nodes'));
      await bed.startApiServer();
      assert.match(await bed.kubectl('get', 'pod', pod), /Running/);
      await bed.restartApiServer();
      assert.equal(await exec('echo back'), 'back\n');
    });
  });
