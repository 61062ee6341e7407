import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Api, ApiCall } from '../../src/kube/api.ts';
import { ownerOf, whoAmI } from '../../src/kube/self.ts';

const answering = (answer: unknown, calls: ApiCall[] = []): Api => ({
  async call(call) {
    calls.push(call);
    return answer;
  },
});
const extra = {
  'authentication.kubernetes.io/credential-id': ['JTI=0c1c'],
  'authentication.kubernetes.io/node-name': ['node-1'],
  'authentication.kubernetes.io/node-uid': ['7d2f'],
  'authentication.kubernetes.io/pod-name': ['realmem-x'],
  'authentication.kubernetes.io/pod-uid': ['9a3b'],
};
const username = 'system:serviceaccount:monitoring:realmem';

it('knows its namespace, its pod and its node from its own token', async () => {
  const calls: ApiCall[] = [];
  const identity = await whoAmI(answering({ status: { userInfo: { username, extra } } }, calls));
  assert.deepEqual(identity, { namespace: 'monitoring', pod: 'realmem-x', node: 'node-1', nodeUID: '7d2f' });
  assert.deepEqual(calls, [
    {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      contentType: 'application/json',
    },
  ]);
});

it('knows the namespace alone where the token says no more, as before 1.30', async () =>
  assert.deepEqual(await whoAmI(answering({ status: { userInfo: { username } } })), {
    namespace: 'monitoring',
  }));

it('knows nothing of a person, nor from an answer that says nothing', async () => {
  for (const answer of [
    { status: { userInfo: { username: 'kubernetes-admin', extra: {} } } },
    { status: { userInfo: { username: 'x:system:serviceaccount:monitoring:realmem' } } },
    { status: { userInfo: { extra: { 'authentication.kubernetes.io/node-name': [] } } } },
    { status: {} },
    {},
    undefined,
  ])
    assert.deepEqual(await whoAmI(answering(answer)), {});
});

it('takes no claim for a name that is none: it would stand in paths and messages', async () => {
  const wrong = ['../../nodes', 'a b', '', 'x'.repeat(254), '\u001b[31m', 5, { a: 1 }, null];
  for (const name of wrong) {
    const extra = {
      'authentication.kubernetes.io/node-name': [name],
      'authentication.kubernetes.io/node-uid': [name],
      'authentication.kubernetes.io/pod-name': name,
    };
    const userInfo = { username: `system:serviceaccount:${name}:realmem`, extra };
    const { namespace, ...claims } = await whoAmI(answering({ status: { userInfo } }));
    assert.deepEqual(claims, {});
    assert.ok(namespace === undefined || /^\w+$/.test(namespace), `${namespace}`);
  }
});

it('makes the node the owner, which blocks nobody from deleting it, only where its UID is known', () => {
  const whole = { node: 'node-1', nodeUID: '7d2f' };
  assert.deepEqual(ownerOf(whole, 'node-1'), {
    ...{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: '7d2f' },
  });
  assert.equal(ownerOf(whole, 'node-2'), undefined, 'a report may not end with another node');
  assert.equal(ownerOf({ node: 'node-1' }, 'node-1'), undefined);
  assert.equal(ownerOf({ nodeUID: '7d2f' }, 'node-1'), undefined);
  assert.equal(ownerOf(undefined, 'node-1'), undefined);
});
