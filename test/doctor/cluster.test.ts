/** The checks of a cluster against an API server on loopback. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldsIn } from '../../src/doctor/definition.ts';
import { renderChecks } from '../../src/doctor/render.ts';
import { reportFields } from '../../src/doctor/report-fields.ts';
import { at, nodeOf } from '../cluster-view/made/made.ts';
import { matchesGolden } from '../golden.ts';
import {
  type Answers,
  agentSet,
  bindings,
  checksOf,
  conditionOf,
  definition,
  historyOf,
  paths,
  policies,
  reportWith,
} from './cluster-api.ts';
import { the } from './worlds.ts';

const without = (path: string): object => {
  const copy = structuredClone(definition);
  const [first, ...rest] = path.split('.');
  let { properties } = copy.spec.versions[0].schema.openAPIV3Schema;
  let name = first ?? '';
  for (const next of rest) {
    const inner = properties[name];
    properties = (inner.items ?? inner).properties;
    name = next;
  }
  delete properties[name];
  return copy;
};

const withRelease = (name: string): object => ({
  annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': 'realmem' },
});

const broken: Answers = {
  [paths.version]: { major: '1', minor: '29', gitVersion: 'v1.29.1' },
  [paths.review]: (body) => ({ status: { allowed: !body.includes('portforward') } }),
  [paths.definition]: without('node.workingSet'),
  [paths.agents]: [agentSet({ desiredNumberScheduled: 3, numberReady: 0 })],
  [paths.events]: [{ message: 'pods "realmem-x" is forbidden: violates PodSecurity "restricted:latest"' }],
  [paths.nodes]: ['node-1', 'node-2', 'node-3', 'node-4'].map((name) => nodeOf(name)),
  [paths.reports]: [
    reportWith('node-1', { ageMs: 3_600_000 }),
    reportWith('node-2', { ageMs: -3_600_000 }, [
      conditionOf('PolicyEnforced', 'False', 'NoNodeClaim', 'The token names no node.'),
      conditionOf('NamesFresh', 'False', 'OutOfStep', 'Names may be stale.'),
    ]),
    reportWith('node-3', {}, [conditionOf('NamesFresh', 'False', 'OutOfStep', 'Names may be stale.')]),
  ],
  [paths.policies]: policies.slice(1),
  [paths.histories]: [historyOf('node-1', 86_400_000), historyOf('node-2')],
  [paths.jobs]: (_, query) =>
    query.get('labelSelector') === 'app.kubernetes.io/name=realmem-probe'
      ? [{ metadata: { name: 'realmem-probe-0123456789ab' } }]
      : [{ metadata: { name: 'realmem-cleanup' }, status: { failed: 1 } }],
};

describe('checkCluster', () => {
  it('prints a healthy cluster in 80 columns', async (test) => {
    const checks = await checksOf(test);
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    );
    matchesGolden(
      new URL('goldens/healthy-cluster.txt', import.meta.url),
      renderChecks(checks, { columns: 80, colour: false }),
    );
  });

  it('prints a cluster with many faults in 80 columns', async (test) => {
    matchesGolden(
      new URL('goldens/broken-cluster.txt', import.meta.url),
      renderChecks(await checksOf(test, broken), { columns: 80, colour: false }),
    );
  });

  it('ends with the first call if the API server does not accept the user', async (test) => {
    const checks = await checksOf(test, { [paths.version]: 401 });
    assert.deepEqual(
      checks.map(({ name, status }) => [name, status]),
      [
        ['kubeconfig', 'ok'],
        ['API server', 'fail'],
      ],
    );
    assert.match(the('API server', checks).message, /You must be logged in/);
  });

  it('goes on without the version if the user may not read it', async (test) => {
    const checks = await checksOf(test, { [paths.version]: 403 });
    assert.equal(the('API server', checks).status, 'warn');
    assert.equal(the('agents', checks).status, 'ok');
  });

  it('judges the age of reports by the clock of the API server when the local one is a day ahead', async (test) => {
    const checks = await checksOf(test, {}, { local: at + 86_400_000 });
    assert.equal(the('reports', checks).status, 'ok');
    assert.match(the('clock', checks).message, /1\.0 d ahead of the API server$/);
    const behind = await checksOf(test, {}, { local: at - 3_600_000 });
    assert.match(the('clock', behind).message, /1\.0 h behind the API server$/);
  });

  it('warns of an API server that answers slowly', async (test) => {
    assert.equal(the('latency', await checksOf(test, {}, { stepMs: 1_500 })).status, 'warn');
  });

  it('names each right that is missing, and what it costs', async (test) => {
    const review = (body: string): object => ({ status: { allowed: !/nodes"|portforward/.test(body) } });
    const checks = await checksOf(test, { [paths.review]: review });
    assert.deepEqual(
      checks.filter(({ name }) => name === 'rights').map(({ status, message }) => [status, message]),
      [
        ['warn', 'you may not list nodes: no allocatable memory, no missing nodes'],
        [
          'warn',
          'you may not get pods/portforward in realmem: no figures from the agents themselves: explain, ps, --fresh',
        ],
        [
          'warn',
          'you may not create pods/portforward in realmem: no figures from the agents themselves on Kubernetes 1.35 and newer: explain, ps, --fresh',
        ],
      ],
    );
  });

  for (const [name, path, right] of [
    ['agents', paths.agents, 'list daemonsets.apps'],
    ['CRD', paths.definition, 'get customresourcedefinitions.apiextensions.k8s.io'],
    ['policies', paths.policies, 'list validatingadmissionpolicies.admissionregistration.k8s.io'],
    ['policies', paths.bindings, 'list validatingadmissionpolicybindings.admissionregistration.k8s.io'],
    ['histories', paths.histories, 'list configmaps in realmem'],
  ] as const)
    it(`warns of the missing right to ${right}, and fails nothing`, async (test) => {
      const checks = await checksOf(test, { [path]: 403 });
      const check = the(name, checks);
      assert.equal(check.status, 'warn');
      assert.equal(check.message, `not checked: you may not ${right}`);
      assert.deepEqual(
        checks.filter(({ status }) => status === 'fail'),
        [],
      );
    });

  it('warns of the missing right to list reports', async (test) => {
    const check = the('reports', await checksOf(test, { [paths.reports]: 403 }));
    assert.equal(check.status, 'warn');
    assert.equal(check.message, 'not checked: you may not list nodememoryreports.realmem.dev');
  });

  for (const [what, name, answers, status, message] of [
    ['the CRD is missing', 'CRD', { [paths.definition]: 404 }, 'fail', /is not installed/],
    [
      'the CRD lacks a field of containers',
      'CRD',
      { [paths.definition]: without('pods.containers.usage') },
      'warn',
      /lacks pods\[\]\.containers\[\]\.usage/,
    ],
    [
      'the CRD was applied by hand and the agents belong to helm',
      'CRD',
      { [paths.agents]: [agentSet(undefined, withRelease('realmem'))] },
      'warn',
      /applied without helm/,
    ],
    [
      'CRD and agents belong to one release',
      'CRD',
      {
        [paths.agents]: [agentSet(undefined, withRelease('realmem'))],
        [paths.definition]: { ...definition, metadata: withRelease('realmem') },
      },
      'ok',
      /v1alpha1/,
    ],
    [
      'the CRD was applied by hand before an installation with helm',
      'CRD',
      { [paths.agents]: [] },
      'warn',
      /helm install refuses to import it/,
    ],
    [
      'annotations are left after an uninstallation',
      'annotations',
      {
        [paths.agents]: [],
        [paths.reports]: 404,
        [paths.pods]: [{ metadata: { name: 'a', annotations: { 'realmem.dev/memory': '1Mi' } } }],
      },
      'warn',
      /1 of the first 1 pod still have one/,
    ],
    ['there is no DaemonSet', 'agents', { [paths.agents]: [] }, 'fail', /no DaemonSet with the label/],
    [
      'one of two agents is ready',
      'agents',
      { [paths.agents]: [agentSet({ desiredNumberScheduled: 2, numberReady: 1 })] },
      'warn',
      /1 of 2 ready/,
    ],
    [
      'the agents have another version than the command',
      'agents',
      { [paths.agents]: [agentSet(undefined, { labels: { 'app.kubernetes.io/version': '9.9.9' } })] },
      'warn',
      /9\.9\.9.*This command has version/,
    ],
    ['there are no reports', 'reports', { [paths.reports]: [] }, 'fail', /expected a NodeMemoryReport/],
    [
      'agents have two versions',
      'agent versions',
      {
        [paths.reports]: [
          reportWith('node-1'),
          reportWith('node-2', { observed: { at: new Date(at).toISOString(), agent: '0.0.9' } }),
        ],
      },
      'warn',
      /0\.0\.9 on 1 node, 0\.1\.0 on 1 node/,
    ],
    ['no policy is installed', 'policies', { [paths.policies]: [] }, 'warn', /none is installed/],
    [
      'a policy is not bound',
      'policies',
      { [paths.bindings]: bindings.slice(1) },
      'fail',
      /no binding denies what realmem-pods forbids/,
    ],
    ['the API server has no policies', 'policies', { [paths.policies]: 404 }, 'warn', /has no admission/],
    ['no node has a history', 'histories', { [paths.histories]: [] }, 'warn', /suggest has nothing/],
    [
      'one node has no history',
      'histories',
      { [paths.histories]: [historyOf('node-1')] },
      'warn',
      /none of 1 node: node-2/,
    ],
    [
      'the name of a node is too long for a ConfigMap',
      'histories',
      { [paths.reports]: [reportWith('node-1'), reportWith('n'.repeat(250))] },
      'warn',
      /too long for a ConfigMap/,
    ],
    [
      'agents write no annotations, but pods have some',
      'annotations',
      {
        [paths.reports]: [reportWith('node-1', {}, []), reportWith('node-2', {}, [])],
        [paths.pods]: [{ metadata: { name: 'a', annotations: { 'realmem.dev/memory': '1Mi' } } }],
      },
      'warn',
      /1 of the first 1 pod still have one/,
    ],
    [
      'a history is set aside on a node',
      'conditions',
      {
        [paths.reports]: [
          reportWith('node-1'),
          reportWith('node-2', {}, [conditionOf('HistoryKept', 'False', 'SetAside')]),
        ],
      },
      'warn',
      /HistoryKept is False\/SetAside on 1 node \(node-2\)/,
    ],
  ] as const satisfies readonly (readonly [string, string, Answers, string, RegExp])[])
    it(`says ${status} when ${what}`, async (test) => {
      const check = the(name, await checksOf(test, answers));
      assert.equal(check.status, status, check.message);
      assert.match(check.message, message);
    });
});

describe('the fields of a report', () => {
  it('are those of the CRD in the chart', () => {
    assert.deepEqual(fieldsIn(definition.spec.versions[0].schema.openAPIV3Schema), reportFields);
  });
});
