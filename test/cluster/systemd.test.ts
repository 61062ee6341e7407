/**
 * Boots the second node with systemd as the cgroup driver. Tests where its pods' cgroups are, and that the agent reads
 * them there.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MemoryUsage } from '../../src/model/usage.ts';
import { render } from '../../src/render/render.ts';
import { busyboxImage, guestNode, openBed } from './bed/bed.ts';
import { guestDriver } from './guest/guest.ts';
import { releaseOn } from './release/release.ts';

const bed = await openBed();
const driver = bed.nodes.includes(guestNode) ? await guestDriver() : 'no second node';
const skip = driver !== 'systemd' && `${driver}, not systemd: npm run cluster up -- --systemd`;

const testNamespace = 'realmem-systemd-test';

const qualities = {
  besteffort: '{}',
  burstable: '{requests: {memory: 16Mi}, limits: {memory: 64Mi}}',
  guaranteed: '{limits: {cpu: 100m, memory: 32Mi}}',
} as const;
type Quality = keyof typeof qualities;
const names = Object.keys(qualities) as Quality[];

const pod = (name: Quality): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${testNamespace}}
spec:
  nodeName: ${guestNode}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${busyboxImage}
    imagePullPolicy: Never
    command: [sh, -c, 'dd if=/dev/zero of=/tmp/f bs=1M count=8; cat /tmp/f /tmp/f >/dev/null; exec sleep infinity']
    resources: ${qualities[name]}
`;

/** Pod slices are below kubepods.slice for guaranteed pods, and below the slice of the QoS class for others. */
function scopeOf(quality: Quality, uid: string, id: string): string {
  const [parent, prefix] =
    quality === 'guaranteed'
      ? ['/kubepods.slice', 'kubepods']
      : [`/kubepods.slice/kubepods-${quality}.slice`, `kubepods-${quality}`];
  return `${parent}/${prefix}-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`;
}

interface Pod {
  readonly metadata: { readonly uid: string };
  readonly status: { readonly containerStatuses: readonly { readonly containerID: string }[] };
}

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly memory: MemoryUsage;
    readonly containers: readonly { readonly name: string; readonly memory: MemoryUsage }[];
  }[];
}

describe(`${guestNode} with systemd as the cgroup driver`, { skip, timeout: 300_000 }, () => {
  const release = releaseOn(bed);

  before(async () => {
    await bed.apply(`{apiVersion: v1, kind: Namespace, metadata: {name: ${testNamespace}}}`);
    // During the install, Kubernetes creates the namespace's service account, which the pods need.
    await release.install();
    await bed.apply(names.map(pod).join('---\n'));
    await bed.kubectl(
      'wait',
      '--for=condition=Ready',
      'pod',
      '--all',
      '--namespace',
      testNamespace,
      '--timeout=120s',
    );
  });

  after(async () => {
    await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found');
    await release.uninstall();
  });

  const scopes = async (): Promise<readonly string[]> => {
    const found = await bed.inGuest("cd /sys/fs/cgroup && find . -path './kubepods.slice/*' -name '*.scope'");
    return found
      .trim()
      .split('\n')
      .map((line) => line.slice(1))
      .sort();
  };

  const scopeOfPod = async (name: Quality): Promise<string> => {
    const text = await bed.kubectl('get', 'pod', name, '--namespace', testNamespace, '--output', 'json');
    const { metadata, status }: Pod = JSON.parse(text);
    return scopeOf(
      name,
      metadata.uid,
      (status.containerStatuses[0]?.containerID ?? '').replace('containerd://', ''),
    );
  };

  for (const name of names)
    it(`has the containers of a ${name} pod in scopes below the pod's slice`, async () => {
      const scope = await scopeOfPod(name);
      assert.ok((await scopes()).includes(scope), scope);
    });

  it('has no other pod scopes, and its report names the container of each one', async () => {
    await bed.waitFor('the report to have exactly the existing scopes', async () => {
      const there = await scopes();
      const { containers } = await release.report(guestNode);
      assert.deepEqual(containers.map(({ cgroup }) => cgroup).sort(), there);
      for (const { cgroup, namespace, pod, name, type } of containers)
        assert.ok(namespace && pod && (name || type === 'sandbox'), `${cgroup} has no name`);
      return true;
    });
    const { containers, pods } = await release.report(guestNode);
    for (const quality of names) {
      const found = containers.find((one) => one.pod === quality && one.name === 'main');
      assert.equal(found?.cgroup, await scopeOfPod(quality));
      assert.equal(pods.find(({ name }) => name === quality)?.qos?.toLowerCase(), quality);
    }
  });

  it('reports containerd, control and kubelet as services', async () => {
    const { others } = await release.report(guestNode);
    const found = others.filter(({ cgroup }) => cgroup.startsWith('/system.slice/'));
    assert.deepEqual(
      found.map(({ name, type }) => `${type} ${name}`).sort(),
      ['containerd', 'control', 'kubelet'].map((name) => `service ${name}`),
    );
  });

  for (const by of ['container', 'pod'] as const)
    it(`reports the same usage and working set as the kubelet by ${by}, to the byte`, async () => {
      await bed.waitFor('equal figures from the kubelet and the agent', async () => {
        const summary: Summary = JSON.parse(
          await bed.kubectl('get', '--raw', `/api/v1/nodes/${guestNode}/proxy/stats/summary`),
        );
        const theirs = summary.pods
          .filter(({ podRef }) => podRef.namespace === testNamespace)
          .map(({ podRef: { namespace, name }, memory, containers: [main] }) =>
            by === 'pod'
              ? figures(`${namespace}/${name}`, memory)
              : figures(`${namespace}/${name}/${main?.name}`, main?.memory ?? {}),
          );
        const report = await release.report(guestNode);
        // The output of `realmem top -o csv`, in bytes.
        const text = render(report, 'csv', { by, all: false, sortBy: 'name', headers: true });
        const [head = [], ...rows] = text
          .trim()
          .split('\n')
          .map((line) => line.split(','));
        const ours = rows
          .map(
            (row): Readonly<Record<string, string>> =>
              Object.fromEntries(row.map((cell, at) => [head[at] ?? '', cell])),
          )
          // Drops sandboxes, which have no name.
          .filter(({ target = '' }) => target.startsWith(`${testNamespace}/`))
          .map((row) => figures(row['target'] ?? '', row));
        assert.equal(ours.length, names.length);
        assert.deepEqual(ours.sort(), theirs.sort());
        return true;
      });
    });
});

const figures = (name: string, of: Partial<Record<keyof MemoryUsage, unknown>>): string =>
  `${name}: usage ${of.usageBytes}, working set ${of.workingSetBytes}`;
