/** Starts the agent's image as the chart does: without root, on a read-only root file system. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { version } from '../../src/model/product.ts';
import { agentImage, openBed } from './bed/bed.ts';

const bed = await openBed();

const pod = (node: string, name: string, args: readonly string[]): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default}
spec:
  nodeName: ${node}
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: ${agentImage}
    imagePullPolicy: Never
    args: ${JSON.stringify(args)}
    securityContext:
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
    volumeMounts: [{name: cgroup, mountPath: /host/sys/fs/cgroup, readOnly: true}]
  volumes: [{name: cgroup, hostPath: {path: /sys/fs/cgroup}}]
`;

const commands: Readonly<Record<string, readonly string[]>> = {
  version: ['--version'],
  top: ['top', '--root', '/host', '-o', 'json'],
};

for (const node of bed.nodes)
  describe(`the agent's image on ${node}`, { timeout: 180_000 }, () => {
    const nameOf = (what: string): string => `image-${what}-${node}`;
    const logs = async (what: string): Promise<string> => {
      const done = '--for=jsonpath={.status.phase}=Succeeded';
      await bed.kubectl('wait', done, `pod/${nameOf(what)}`, '--timeout=120s');
      return bed.kubectl('logs', nameOf(what));
    };

    before(async () => {
      for (const [what, args] of Object.entries(commands)) await bed.apply(pod(node, nameOf(what), args));
    });

    after(() =>
      bed.kubectl(
        'delete',
        'pod',
        ...Object.keys(commands).map(nameOf),
        '--ignore-not-found',
        '--wait=false',
      ),
    );

    it('prints the version of this work tree for --version', async () => {
      assert.equal(await logs('version'), `realmem ${version}\n`);
    });

    it("lists the node's containers with realmem top from a read-only cgroup mount", async () => {
      const { containers } = JSON.parse(await logs('top'));
      assert.ok(containers.length > 0);
    });
  });
