/** The check of the CRD, on answers of the API. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentSets } from '../../src/doctor/agent-sets.ts';
import type { Check } from '../../src/doctor/check.ts';
import { checkDefinition, fieldsIn } from '../../src/doctor/definition.ts';
import type { Fields } from '../../src/model/json.ts';
import { definition, paths } from './cluster-api.ts';
import { listsOf, type Made, refused } from './made-lists.ts';

const agentsOf = (...releases: readonly (string | undefined)[]): AgentSets => ({
  sets: releases.map((release) => ({
    ...{ namespace: 'realmem', name: 'realmem', desired: 1, ready: 1 },
    ...(release !== undefined && { release }),
  })),
});

const checkOf = (found: Made, agents: Parameters<typeof checkDefinition>[1] = agentsOf('realmem/realmem')) =>
  checkDefinition(listsOf({ [paths.definition]: found }), agents);

/** The CRD of the chart, installed by this release. */
const of = (release?: string): object => ({
  ...definition,
  metadata: {
    annotations: { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': 'realmem' },
  },
});

const withVersion = (more: object): object => ({
  ...of('realmem'),
  spec: { versions: [{ ...definition.spec.versions[0], ...more }] },
});

describe('the check of the CRD', () => {
  for (const [what, more] of [
    ['does not serve the version of the reports', { served: false }],
    ['has other versions only', { name: 'v1' }],
  ] as const)
    it(`fails if it ${what}`, async () => {
      const { status, message } = await checkOf(withVersion(more));
      assert.deepEqual([status, message], ['fail', 'nodememoryreports.realmem.dev does not serve v1alpha1']);
    });

  it('warns of a version without a schema, and names the first three fields that agents omit', async () => {
    const { status, message } = await checkOf(withVersion({ schema: undefined }));
    assert.equal(status, 'warn');
    assert.match(
      message,
      /it lacks observed, observed\.at, observed\.cgroupVersion and \d+ more\. Agents omit/,
    );
  });

  it('names another error of the API than a missing CRD', async () => {
    const { status, message } = await checkOf(500);
    assert.deepEqual([status, message], ['warn', 'not checked: HTTP 500']);
  });

  for (const [what, owner, agents, says] of [
    ['belongs to the release of the agents', 'realmem', agentsOf('realmem/realmem'), undefined],
    ['belongs to one of their releases', 'realmem', agentsOf('a/b', 'realmem/realmem'), undefined],
    ['was applied by hand, as the agents', undefined, agentsOf(undefined), undefined],
    ['belongs to a release, and the agents were applied by hand', 'realmem', agentsOf(undefined), undefined],
    ['belongs to a release, and the DaemonSets cannot be read', 'crds', refused(403), undefined],
    [
      'belongs to another release than the agents',
      'crds',
      agentsOf('realmem/realmem'),
      /^it belongs to the release realmem\/crds, the agents belong to realmem\/realmem: helm does not upgrade it/,
    ],
    [
      'is left from a release that is gone',
      'old',
      agentsOf(),
      /^it belongs to the release realmem\/old, and no agent is installed: helm install refuses/,
    ],
  ] as const)
    it(`is ${says === undefined ? 'ok' : 'a warning'} if it ${what}`, async () => {
      const { status, message }: Check = await checkOf(of(owner), agents);
      assert.equal(status, says === undefined ? 'ok' : 'warn', message);
      assert.match(message, says ?? /^nodememoryreports\.realmem\.dev, v1alpha1$/);
    });
});

describe('the fields of a schema', () => {
  it('have paths through objects and lists', () =>
    assert.deepEqual(
      fieldsIn({
        properties: { a: { properties: { b: {} } }, c: { items: { properties: { d: { items: {} } } } } },
      }),
      ['a', 'a.b', 'c', 'c[].d'],
    ));

  it('end 20 levels below the first one, however deep a schema is', () => {
    let schema: Fields = {};
    for (let depth = 0; depth < 1_000; depth++) schema = { properties: { a: schema } };
    assert.equal(fieldsIn(schema).length, 21);
  });

  it('are none for what is no schema', () =>
    assert.deepEqual(
      [{}, { properties: [] }, { properties: 'x' }].map((schema) => fieldsIn(schema)),
      [[], [], []],
    ));
});
