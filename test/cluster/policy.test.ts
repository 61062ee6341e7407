/** What a thief could do with the token of a running agent: every attempt that must fail is made, and looked at. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Kube, openKube } from '../../src/edges/kube.ts';
import { KubeFault } from '../../src/model/kube-fault.ts';
import type { PublishedReport } from '../../src/model/published.ts';
import { type Attempt, allowed, elsewhere, mine, refused } from './attacks.ts';
import { busyboxImage, hostNode, openBed } from './bed.ts';
import { pki } from './certificates.ts';
import { serviceAddress } from './paths.ts';
import { namespace, releaseOn } from './release.ts';

const bed = await openBed();
const release = releaseOn(bed);

const podOn = (node: string, name: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${mine}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: ${busyboxImage}, imagePullPolicy: Never, command: [sleep, infinity]}
`;

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${mine}}\n`);
  await bed.apply(
    [podOn(hostNode, 'here'), podOn(hostNode, 'ignored'), podOn(elsewhere, 'there')].join('---\n'),
  );
  await bed.kubectl(
    'annotate',
    'pod',
    'ignored',
    '-n',
    mine,
    'realmem.dev/ignore=true',
    'example.org/kept=yes',
  );
  await release.install();
});

after(async () => {
  await bed.kubectl('delete', 'namespace', mine, '--ignore-not-found', '--wait=false');
  await bed.kubectl(
    'delete',
    'pod',
    'there',
    '-n',
    mine,
    '--force',
    '--grace-period=0',
    '--ignore-not-found',
  );
  await release.uninstall();
});

describe('the token of a running agent', () => {
  let kube: Kube;
  before(async () => {
    const read =
      "process.stdout.write(require('fs').readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))";
    const pod = await release.podOf(hostNode);
    const token = await bed.kubectl('exec', '-n', namespace, pod, '--', '/usr/local/bin/node', '-e', read);
    const ca = fs.readFileSync(pki('ca.crt'));
    kube = openKube(async () => ({
      server: `https://${serviceAddress}`,
      authorization: `Bearer ${token}`,
      ca,
    }));
  });
  after(() => kube.close());

  const tried = async (
    { method, path, body, type }: Attempt,
    dryRun: boolean,
  ): Promise<KubeFault | undefined> => {
    const query = dryRun ? `${path.includes('?') ? '&' : '?'}dryRun=All` : '';
    try {
      await kube.call({
        method,
        path: `${path}${query}`,
        ...(body !== undefined && { body }),
        ...(type !== undefined && { contentType: type }),
      });
      return undefined;
    } catch (error) {
      if (error instanceof KubeFault) return error;
      throw error;
    }
  };

  /** All of a pod that changes neither by itself nor by the agent. */
  const heldOf = (pod: string): Promise<string> =>
    bed.kubectl(
      ...['get', 'pod', pod, '--namespace', mine],
      ...['--output', 'jsonpath={.metadata.ownerReferences}{.metadata.finalizers}{.metadata.labels}{.spec}'],
    );

  for (const attempt of refused)
    it(`is refused ${attempt.what}`, async () => {
      const before = await heldOf('here');
      const fault = await tried(attempt, false);
      // The API passes over what a status may not change: that is as good as a refusal, if nothing was written.
      if (fault === undefined) return assert.equal(await heldOf('here'), before, 'it was allowed');
      // 403: no right; 422: a policy. Anything else would be a mistake of the attempt.
      const byPolicy =
        fault.status === 422 && /ValidatingAdmissionPolicy .* denied request/.test(fault.message);
      assert.ok(fault.status === 403 || byPolicy, `${fault.status} ${fault.message}`);
    });

  for (const attempt of allowed)
    it(`may do what it is for: ${attempt.what}`, async () => {
      const fault = await tried(attempt, attempt.method !== 'GET');
      assert.equal(fault, undefined);
    });
});

describe('without the policy', () => {
  const conditionOf = async (node: string) =>
    (await release.report(node)).conditions.find(({ type }) => type === 'PolicyEnforced');

  it('is enforced, as long as it is there', async () => {
    await bed.waitFor('the condition', async () => (await conditionOf(hostNode))?.status === 'True');
  });

  it('an agent that may write, writes to no pod, and says why', async () => {
    await bed.kubectl('delete', 'validatingadmissionpolicybinding', 'realmem-pods');
    await bed.waitFor('the API server to know', async () => {
      const pod = await release.podOf(hostNode);
      await bed.kubectl('delete', 'pod', pod, '-n', namespace, '--wait=true');
      await bed.kubectl('rollout', 'status', 'daemonset/realmem', '-n', namespace, '--timeout=60s');
      return bed.waitFor(
        'the condition',
        async () => {
          const { reason } = (await conditionOf(hostNode)) ?? {};
          if (reason === 'NotChecked' || reason === undefined) return false;
          return reason === 'NotEnforced';
        },
        { timeoutMs: 5_000 },
      );
    });
    await bed.apply(podOn(hostNode, 'later'));
    const published = await bed.waitFor('it in the report', async () => {
      const report = JSON.parse(await bed.kubectl('get', 'nmr', hostNode, '-o', 'json')) as PublishedReport;
      return report.pods.some(({ name, real }) => name === 'later' && real !== undefined) && report;
    });
    const condition = published.conditions.find(({ type }) => type === 'PolicyEnforced');
    assert.equal(condition?.status, 'False');
    assert.match(
      condition?.message ?? '',
      /^No pod is written to: the API took a write that the admission policy must refuse/,
    );
    // Several reports later it is still without.
    const first = (await release.report(hostNode)).observed.at;
    await bed.waitFor(
      'later reports',
      async () =>
        Date.parse((await release.report(hostNode)).observed.at ?? '') > Date.parse(first ?? '') + 6_000,
    );
    const annotations = await bed.kubectl(
      'get',
      'pod',
      'later',
      '-n',
      mine,
      '-o',
      'jsonpath={.metadata.annotations}',
    );
    assert.doesNotMatch(annotations, /realmem\.dev/);
  });

  it('a chart without it grants no write at all', async () => {
    await release.install({ 'policy.enabled': 'false' });
    // Nothing tells the agent that it lost its rights, but the next look each minute.
    await bed.waitFor('the condition', async () => (await conditionOf(hostNode))?.reason === 'NoRight', {
      timeoutMs: 120_000,
    });
    const mayAgent = (...what: string[]): Promise<string> =>
      bed.kubectl(
        ...['auth', 'can-i', ...what, '--namespace', namespace],
        ...['--as', `system:serviceaccount:${namespace}:realmem`],
      );
    assert.equal(await mayAgent('list', 'pods', '--all-namespaces'), 'yes\n');
    for (const what of [
      ['patch', 'pods', '--subresource', 'status'],
      ['create', 'nodememoryreports.realmem.dev'],
      ['patch', 'nodememoryreports.realmem.dev'],
      ['patch', 'configmaps'],
      ['create', 'configmaps'],
    ])
      await assert.rejects(mayAgent(...what), what.join(' '));
  });

  it('only whoever asks for unguarded writes gets them', async () => {
    await release.install({ 'policy.enabled': 'false', allowUnguardedWrites: 'true' });
    await bed.waitFor('annotations', async () =>
      /realmem\.dev\/memory/.test(
        await bed.kubectl('get', 'pod', 'later', '-n', mine, '-o', 'jsonpath={.metadata.annotations}'),
      ),
    );
    assert.equal((await conditionOf(hostNode))?.status, 'False');
  });
});
