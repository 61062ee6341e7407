/** The agent's image starts as its chart lets it: as nobody, on a file system that it cannot write. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { version } from '../../src/model/product.ts';
import { agentImage, openBed } from './bed.ts';

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
  describe(`the image on ${node}`, { timeout: 180_000 }, () => {
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

    it('is the program of this work tree', async () => {
      assert.equal(await logs('version'), `realmem ${version}\n`);
    });

    it("reads the node's cgroups through a read-only mount", async () => {
      const { containers } = JSON.parse(await logs('top'));
      assert.ok(containers.length > 0);
    });
  });
