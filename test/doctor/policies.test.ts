/** The check of the admission policies, on answers of the API. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPolicies } from '../../src/doctor/policies.ts';
import { bindings, paths, policies } from './cluster-api.ts';
import { listsOf, type Made } from './made-lists.ts';

const checkOf = (answers: Readonly<Record<string, Made>>) =>
  checkPolicies(listsOf({ [paths.policies]: policies, [paths.bindings]: bindings, ...answers }));

const bindingOf = (policyName: string, validationActions: unknown): object => ({
  metadata: { name: policyName },
  spec: { policyName, validationActions },
});

const prefixed = ['pods', 'reports', 'configmaps'].map((part) => `mem-realmem-${part}`);

describe('the check of the policies', () => {
  it('asks for those of the chart alone', async () => {
    const lists = listsOf({ [paths.policies]: policies, [paths.bindings]: bindings });
    assert.equal((await checkPolicies(lists)).status, 'ok');
    const label = 'labelSelector=app.kubernetes.io/name=realmem';
    assert.deepEqual(lists.asked, [`${paths.policies}?${label}`, `${paths.bindings}?${label}`]);
  });

  for (const [what, answers, status, message] of [
    [
      'the API server has no bindings',
      { [paths.bindings]: 404 },
      'warn',
      'this API server has no admission policies: agents write nothing',
    ],
    ['the API server fails', { [paths.policies]: 500 }, 'warn', 'not checked: HTTP 500'],
    [
      'two policies are missing',
      { [paths.policies]: policies.slice(1, 2) },
      'warn',
      'none for pods, configmaps. Without them the chart grants no write: no reports, no annotations.',
    ],
    [
      'a policy has a name that only contains the part',
      { [paths.policies]: [...policies.slice(1), { metadata: { name: 'realmem-pods-old' } }] },
      'warn',
      'none for pods. Without them the chart grants no write: no reports, no annotations.',
    ],
    [
      'the release has another name',
      {
        [paths.policies]: prefixed.map((name) => ({ metadata: { name } })),
        [paths.bindings]: prefixed.map((name) => bindingOf(name, ['Deny'])),
      },
      'ok',
      `${prefixed.join(', ')}, all bound`,
    ],
    [
      'a binding only audits',
      { [paths.bindings]: [bindingOf('realmem-pods', ['Audit', 'Warn']), ...bindings.slice(1)] },
      'fail',
      'no binding denies what realmem-pods forbids: a stolen token can do more than its agent',
    ],
    [
      'a binding has no actions, and another one is of another policy',
      {
        [paths.bindings]: [
          bindings[0] ?? {},
          bindingOf('realmem-reports', undefined),
          bindingOf('another', ['Deny']),
        ],
      },
      'fail',
      'no binding denies what realmem-reports, realmem-configmaps forbids: a stolen token can do more than its agent',
    ],
    [
      'a second binding of a policy denies',
      { [paths.bindings]: [bindingOf('realmem-pods', ['Audit']), ...bindings] },
      'ok',
      'realmem-pods, realmem-reports, realmem-configmaps, all bound',
    ],
  ] as const satisfies readonly (readonly [string, Readonly<Record<string, Made>>, string, string])[])
    it(`says ${status} if ${what}`, async () => {
      const check = await checkOf(answers);
      assert.deepEqual([check.status, check.message], [status, message]);
    });
});
