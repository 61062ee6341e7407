/**
 * Attacks with the token of a running agent. The API server must refuse every attempt that a stolen token must not
 * succeed with.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Kube, openKube } from '../../src/kube/client.ts';
import { conditionsOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { type Answer, matchesPage } from './attacks/attack-table.ts';
import {
  type Attempt,
  attacksOf,
  dutiesOf,
  foreignPods,
  podsOf,
  testNamespace,
  unknownNode,
} from './attacks/attacks.ts';
import { guestNode, hostNode, openBed } from './bed/bed.ts';
import { pki } from './bed/certificates.ts';
import { idlePod } from './bed/pods.ts';
import { serviceAddress } from './machine/paths.ts';
import { namespace, releaseOn } from './release/release.ts';

const bed = await openBed();
const release = releaseOn(bed);
const uids = new Map(
  await Promise.all(
    bed.nodes.map(
      async (node) =>
        [node, await bed.kubectl('get', 'node', node, '-o', 'jsonpath={.metadata.uid}')] as const,
    ),
  ),
);

before(async () => {
  await bed.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${testNamespace}}\n`);
  await bed.kubectl('wait', '--for=create', 'serviceaccount/default', '-n', testNamespace, '--timeout=30s');
  const pods = bed.nodes.flatMap((node) =>
    Object.values(podsOf(node)).map((name) => idlePod(testNamespace, name, node)),
  );
  await bed.apply(pods.join('---\n'));
  // No node has this label, so the pod stays Pending.
  await bed.apply(idlePod(testNamespace, foreignPods.pending, undefined, { nobody: 'here' }));
  for (const node of bed.nodes)
    await bed.kubectl(
      ...['annotate', 'pod', podsOf(node).ignored, '-n', testNamespace],
      ...['realmem.dev/ignore=true', 'example.org/kept=yes'],
    );
  await release.install();
  for (const node of bed.nodes) {
    await bed.waitFor('the node report', () => bed.kubectl('get', 'nmr', node));
    await bed.kubectl('annotate', 'nmr', node, 'example.org/kept=yes');
  }
});

after(async () => {
  await bed.kubectl('delete', 'namespace', testNamespace, '--ignore-not-found', '--wait=false');
  await bed.kubectl(
    'delete',
    'pod',
    'there',
    '-n',
    testNamespace,
    '--force',
    '--grace-period=0',
    '--ignore-not-found',
  );
  await release.uninstall();
});

const api = (token: string): Kube => {
  const ca = fs.readFileSync(pki('ca.crt'));
  return openKube(async () => ({
    server: `https://${serviceAddress}`,
    authorization: `Bearer ${token}`,
    ca,
  }));
};

/** Reads the token of the agent on the node. */
async function tokenOf(node: string): Promise<string> {
  const read =
    "process.stdout.write(require('fs').readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token'))";
  const pod = await release.podOf(node);
  return bed.kubectl('exec', '-n', namespace, pod, '--', '/usr/local/bin/node', '-e', read);
}

/** Returns undefined if the API server allowed the attempt. */
async function tried(kube: Kube, attempt: Attempt, dryRun: boolean): Promise<ApiError | undefined> {
  const { method, path, body, type } = attempt;
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
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** The fields of a pod that neither Kubernetes nor the agent changes. */
const unchangingOf = (pod: string): Promise<string> =>
  bed.kubectl(
    ...['get', 'pod', pod, '--namespace', testNamespace, '--show-managed-fields', '--output'],
    'jsonpath={.metadata.ownerReferences}{.metadata.finalizers}{.metadata.labels}{.spec}' +
      '{.metadata.managedFields[?(@.manager!="realmem")].fieldsV1}',
  );

async function assertRefused(kube: Kube, attempt: Attempt, pod: string): Promise<Answer> {
  const before = await unchangingOf(pod);
  const error = await tried(kube, attempt, false);
  // The API server ignores fields that a status patch must not change. That is as good as a refusal if the pod is
  // unchanged.
  if (error === undefined) {
    assert.equal(await unchangingOf(pod), before, 'the API server allowed the attack');
    return 'ignored';
  }
  // 403: no right. 422: a policy, or the CRD of the report. Any other status means that the attempt itself is wrong.
  const byPolicy = error.status === 422 && /ValidatingAdmissionPolicy .* denied request/.test(error.message);
  const byDefinition =
    error.status === 422 && /^NodeMemoryReport\.realmem\.dev .* is invalid/.test(error.message);
  assert.ok(error.status === 403 || byPolicy || byDefinition, `${error.status} ${error.message}`);
  if (attempt.because !== undefined) assert.match(error.message, attempt.because);
  return byPolicy ? 'policy' : byDefinition ? 'definition' : 'no right';
}

for (const node of bed.nodes)
  describe(`the API server, called with the token of the agent on ${node}`, () => {
    let kube: Kube;
    before(async () => {
      // Kubernetes deletes pods of an unknown node within some 40 s of noticing it, so each suite uses another node name.
      await bed.kubectl(
        ...[
          'delete',
          'pod',
          foreignPods.there,
          '-n',
          testNamespace,
          '--force',
          '--grace-period=0',
          '--ignore-not-found',
        ],
      );
      await bed.apply(idlePod(testNamespace, foreignPods.there, `${unknownNode}-${node}`));
      kube = api(await tokenOf(node));
    });
    after(() => kube.close());

    const answers = new Map<Attempt, Answer>();
    const other = node === hostNode ? guestNode : hostNode;
    for (const attempt of attacksOf(node, other, uids.get(node)))
      it(`refuses to ${attempt.what}`, async () => {
        answers.set(attempt, await assertRefused(kube, attempt, podsOf(node).here));
      });

    for (const attempt of dutiesOf(node))
      it(`allows the agent to ${attempt.what}`, async () => {
        assert.equal(await tried(kube, attempt, attempt.method !== 'GET'), undefined);
        answers.set(attempt, 'allowed');
      });

    it('gives every attempt the answer in docs/security.md', () => matchesPage(answers));
  });

describe("a foreign ConfigMap with the name of the agent's own", () => {
  const name = `realmem-${hostNode}`;
  let kube: Kube;
  before(async () => {
    kube = api(await tokenOf(hostNode));
    await bed.waitFor('the ConfigMap', () => bed.kubectl('get', 'configmap', name, '-n', namespace));
    await bed.kubectl(
      ...['label', 'configmap', name, '-n', namespace, '--overwrite', 'app.kubernetes.io/managed-by=else'],
    );
  });
  after(async () => {
    kube.close();
    await bed.kubectl('delete', 'configmap', name, '-n', namespace);
  });

  it("is protected by the policy from the agent's patch", async () => {
    const attempt = dutiesOf(hostNode).find(({ what }) => what === 'write its own report ConfigMap');
    assert.ok(attempt);
    const because = /the ConfigMap is not realmem's/;
    assert.equal(await assertRefused(kube, { ...attempt, because }, podsOf(hostNode).here), 'policy');
  });
});

describe('the API server, called with the token of the job that deletes old histories', () => {
  const gone = 'history-node-that-is-gone';
  const path = (name: string, of = namespace): string => `/api/v1/namespaces/${of}/configmaps/${name}`;
  let kube: Kube;
  before(async () => {
    kube = api((await bed.kubectl('create', 'token', 'realmem-collect', '-n', namespace)).trim());
    for (const name of [gone, 'history-foreign'])
      await bed.kubectl('create', 'configmap', name, '-n', namespace);
    const labels = ['app.kubernetes.io/managed-by=realmem', 'realmem.dev/part=history'];
    await bed.kubectl('label', 'configmap', gone, '-n', namespace, ...labels);
    // Deleting a missing object gives no refusal, and the tests above deleted this ConfigMap. The agent writes it
    // again.
    await bed.waitFor('the ConfigMap of the report', () =>
      bed.kubectl('get', 'configmap', `realmem-${hostNode}`, '-n', namespace),
    );
  });
  after(async () => {
    kube.close();
    const made = ['configmap', gone, 'history-foreign'];
    await bed.kubectl('delete', ...made, '-n', namespace, '--ignore-not-found');
  });

  for (const name of ['config-realmem', 'kube-root-ca.crt', `realmem-${hostNode}`, 'history-foreign'])
    it(`refuses to delete ${name}`, async () => {
      const attempt: Attempt = { what: name, method: 'DELETE', path: path(name), because: /histories only/ };
      assert.equal(await assertRefused(kube, attempt, podsOf(hostNode).here), 'policy');
    });

  it('refuses to delete ConfigMaps in another namespace, or all at once', async () => {
    for (const where of [path(gone, 'kube-system'), path('')])
      assert.equal(
        await assertRefused(kube, { what: '', method: 'DELETE', path: where }, podsOf(hostNode).here),
        'no right',
      );
  });

  it('allows to delete a history', async () => {
    assert.equal(await tried(kube, { what: '', method: 'DELETE', path: path(gone) }, false), undefined);
  });
});

describe("the API server, called with a token of the agent's account without a node name", () => {
  let kube: Kube;
  before(async () => {
    kube = api((await bed.kubectl('create', 'token', 'realmem', '-n', namespace)).trim());
  });
  after(() => kube.close());

  // What an agent may do, and a pod without a node: its empty node name would match the token's.
  const attempts = [
    ...dutiesOf(hostNode).filter(({ method }) => method !== 'GET'),
    ...attacksOf(hostNode, guestNode).filter(({ what }) => what.endsWith('on a pod without a node')),
  ];
  for (const attempt of attempts)
    it(`refuses to ${attempt.what}`, async () => {
      await assertRefused(kube, attempt, podsOf(hostNode).here);
    });
});

describe("the agent's condition PolicyEnforced", () => {
  const conditionOf = async (node: string) =>
    (await release.report(node)).conditions.find(({ type }) => type === 'PolicyEnforced');

  it('is True while the policy exists', async () => {
    await bed.waitFor(
      'the condition PolicyEnforced',
      async () => (await conditionOf(hostNode))?.status === 'True',
    );
  });

  it("is False after the policy's binding is deleted, and the agent annotates no pod", async () => {
    await bed.kubectl('delete', 'validatingadmissionpolicybinding', 'realmem-pods');
    await bed.waitFor('the agent to see the missing binding', async () => {
      const pod = await release.podOf(hostNode);
      await bed.kubectl('delete', 'pod', pod, '-n', namespace, '--wait=true');
      await bed.kubectl('rollout', 'status', 'daemonset/realmem', '-n', namespace, '--timeout=60s');
      return bed.waitFor(
        'the condition PolicyEnforced',
        async () => {
          const { reason } = (await conditionOf(hostNode)) ?? {};
          if (reason === 'NotChecked' || reason === undefined) return false;
          return reason === 'NotEnforced';
        },
        { timeoutMs: 5_000 },
      );
    });
    await bed.apply(idlePod(testNamespace, 'later', hostNode));
    const published = await bed.waitFor('the pod in the report', async () => {
      const report = JSON.parse(await bed.kubectl('get', 'nmr', hostNode, '-o', 'json')) as PublishedReport;
      return report.pods.some(({ name, real }) => name === 'later' && real !== undefined) && report;
    });
    const condition = conditionsOf(published).find(({ type }) => type === 'PolicyEnforced');
    assert.equal(condition?.status, 'False');
    assert.match(
      condition?.message ?? '',
      /^The API accepted a test write that the admission policy must refuse.* So the agent writes to no pod\.$/,
    );
    // The pod still has no annotation several reports later.
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
      testNamespace,
      '-o',
      'jsonpath={.metadata.annotations}',
    );
    assert.doesNotMatch(annotations, /realmem\.dev/);
  });

  it('has the reason NoRight with policy.enabled=false, where the chart grants no write at all', async () => {
    await release.install({ 'policy.enabled': 'false' });
    // The agent notices lost rights only at its next check. It checks once a minute.
    await bed.waitFor(
      'the condition PolicyEnforced',
      async () => (await conditionOf(hostNode))?.reason === 'NoRight',
      {
        timeoutMs: 120_000,
      },
    );
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

  it('stays False with allowUnguardedWrites, but the agent annotates pods', async () => {
    await release.install({ 'policy.enabled': 'false', allowUnguardedWrites: 'true' });
    await bed.waitFor('annotations on the pod', async () =>
      /realmem\.dev\/memory/.test(
        await bed.kubectl(
          'get',
          'pod',
          'later',
          '-n',
          testNamespace,
          '-o',
          'jsonpath={.metadata.annotations}',
        ),
      ),
    );
    assert.equal((await conditionOf(hostNode))?.status, 'False');
  });
});
