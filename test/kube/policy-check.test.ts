import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPolicy } from '../../src/kube/policy-check.ts';
import { refusal } from '../../src/kube/refusal.ts';
import type { Identity } from '../../src/kube/self.ts';
import { FakeApi } from '../publish/api.ts';

const me: Identity = { namespace: 'realmem', pod: 'realmem-x', node: 'node-1', nodeUID: 'u' };
const check = async (api: FakeApi, identity = me, node = 'node-1') => {
  const { type, status, reason } = await checkPolicy(api, identity, node, Math.random);
  assert.equal(type, 'PolicyEnforced');
  return `${status} ${reason}`;
};
const triedIn = ({ calls }: FakeApi): readonly (string | undefined)[] =>
  calls.map(
    ({ body }) =>
      (body as { metadata: { annotations: Record<string, string> } }).metadata.annotations[
        'realmem.dev/foreign'
      ],
  );
/** An API that refuses every call with this Status. */
const refusing = (status: number, reason: string, message: string, ...causes: object[]): FakeApi => {
  const api = new FakeApi();
  const text = JSON.stringify({ kind: 'Status', reason, message, details: { causes }, code: status });
  api.refuse = () => refusal(status, undefined, text);
  return api;
};

// From an API server 1.34. It puts the message of the policy into `details.causes` as well.
const cause =
  "ValidatingAdmissionPolicy 'realmem-pods' with binding 'realmem-pods' denied request: the agent may change its own annotations only";
const denial =
  "pods \"realmem-x\" is forbidden: ValidatingAdmissionPolicy 'realmem-pods' with binding 'realmem-pods' denied request: the agent may change its own annotations only";

describe('checkPolicy', () => {
  it('returns Enforced when a cause of the refusal is the message of the policy', async () => {
    assert.equal(await check(refusing(422, 'Invalid', denial, { message: cause })), 'True Enforced');
    assert.equal(await check(refusing(403, 'Forbidden', denial, { message: cause })), 'True Enforced');
  });

  it('does not return Enforced when only the prose of the refusal names the policy', async () => {
    assert.equal(await check(refusing(403, 'Forbidden', denial)), 'False NoRight');
    await assert.rejects(
      check(refusing(422, 'Invalid', denial, { message: 'another policy' })),
      /denied request/,
    );
  });

  it('tries a foreign annotation on the agent’s own pod as a dry run', async () => {
    const api = new FakeApi();
    await check(api);
    const [value = ''] = triedIn(api);
    assert.deepEqual(api.calls, [
      {
        method: 'PATCH',
        path: '/api/v1/namespaces/realmem/pods/realmem-x/status?dryRun=All',
        body: { metadata: { annotations: { 'realmem.dev/foreign': value } } },
        contentType: 'application/merge-patch+json',
      },
    ]);
  });

  it('tries another value each time, because a write without a change passes', async () => {
    const api = new FakeApi();
    for (let times = 0; times < 20; times++) await check(api);
    assert.equal(new Set(triedIn(api)).size, 20);
  });

  it('returns NotEnforced when the API accepts the write', async () =>
    assert.equal(await check(new FakeApi()), 'False NotEnforced'));

  it('returns NoRight when RBAC refuses the write', async () => {
    const message =
      'pods "realmem-x" is forbidden: User "system:serviceaccount:realmem:realmem" cannot patch resource "pods/status" in API group "" in the namespace "realmem"';
    assert.equal(await check(refusing(403, 'Forbidden', message)), 'False NoRight');
  });

  it('throws for a timeout, 404, 429 and 500', async () => {
    for (const [status, reason] of [
      [0, 'Timeout'],
      [404, 'NotFound'],
      [429, 'TooManyRequests'],
      [500, 'InternalError'],
    ] as const)
      await assert.rejects(
        checkPolicy(refusing(status, reason, 'sorry'), me, 'node-1', Math.random),
        /sorry/,
      );
  });

  it('returns NoNodeClaim or OtherNode for a token without this node, without a call to the API', async () => {
    const api = new FakeApi();
    const { node: _, ...withoutNode } = me;
    const { pod: __, ...withoutPod } = me;
    assert.equal(await check(api, withoutNode), 'False NoNodeClaim');
    assert.equal(await check(api, withoutPod), 'False NoNodeClaim');
    assert.equal(await check(api, {}), 'False NoNodeClaim');
    assert.equal(await check(api, me, 'node-2'), 'False OtherNode');
    assert.equal(api.calls.length, 0);
  });
});
