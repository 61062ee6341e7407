import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Api, ApiCall } from '../../src/kube/api.ts';
import { ownerReference, whoAmI } from '../../src/kube/self.ts';

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

it('returns namespace, pod and node of the token', async () => {
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

it('returns only the namespace of a token from before Kubernetes 1.30', async () =>
  assert.deepEqual(await whoAmI(answering({ status: { userInfo: { username } } })), {
    namespace: 'monitoring',
  }));

it('returns nothing for a user, and for an answer without user information', async () => {
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

it('drops claims that are not valid names', async () => {
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

it('returns the node as owner only when its UID is known and it is this node', () => {
  const whole = { node: 'node-1', nodeUID: '7d2f' };
  assert.deepEqual(ownerReference(whole, 'node-1'), {
    ...{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: '7d2f' },
  });
  assert.equal(ownerReference(whole, 'node-2'), undefined, 'another node must not own the report');
  assert.equal(ownerReference({ node: 'node-1' }, 'node-1'), undefined);
  assert.equal(ownerReference({ nodeUID: '7d2f' }, 'node-1'), undefined);
  assert.equal(ownerReference(undefined, 'node-1'), undefined);
});
