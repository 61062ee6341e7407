import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { checkPolicy } from '../../src/kube/policy-check.ts';
import type { Identity } from '../../src/kube/self.ts';
import { FakeApi } from '../publish/api.ts';

const me: Identity = { namespace: 'realmem', pod: 'realmem-x', node: 'node-1', nodeUID: 'u' };
const check = async (api: FakeApi, identity = me, node = 'node-1') => {
  const { type, status, reason } = await checkPolicy(api, identity, node);
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
const refusing = (status: number, reason: string, message: string): FakeApi => {
  const api = new FakeApi();
  api.refuse = () => new ApiError(status, reason, message);
  return api;
};

// As an API server of 1.34 says it.
const denied =
  "pods \"realmem-x\" is forbidden: ValidatingAdmissionPolicy 'realmem-pods' with binding 'realmem-pods' denied request: the agent may change its own annotations only";

describe('the policy', () => {
  it('holds where it refuses what it must', async () => {
    assert.equal(await check(refusing(422, 'Invalid', denied)), 'True Enforced');
    assert.equal(await check(refusing(403, 'Forbidden', denied)), 'True Enforced');
  });

  it('is tried on the agent’s own pod, with an annotation that is none of its own, as a dry run', async () => {
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

  it('is tried with another value each time: the API passes one that is there already', async () => {
    const api = new FakeApi();
    for (let times = 0; times < 20; times++) await check(api);
    assert.equal(new Set(triedIn(api)).size, 20);
  });

  it('does not hold where the write is taken', async () =>
    assert.equal(await check(new FakeApi()), 'False NotEnforced'));

  it('is not there where the right to write is not', async () => {
    const message =
      'pods "realmem-x" is forbidden: User "system:serviceaccount:realmem:realmem" cannot patch resource "pods/status" in API group "" in the namespace "realmem"';
    assert.equal(await check(refusing(403, 'Forbidden', message)), 'False NoRight');
  });

  it('is not known where the API does not answer', async () => {
    for (const [status, reason] of [
      [0, 'Timeout'],
      [404, 'NotFound'],
      [429, 'TooManyRequests'],
      [500, 'InternalError'],
    ] as const)
      await assert.rejects(checkPolicy(refusing(status, reason, 'sorry'), me, 'node-1'), /sorry/);
  });

  it('cannot hold for a token that says no node, or another’s: the API is not asked', async () => {
    const api = new FakeApi();
    const { node: _, ...nowhere } = me;
    const { pod: __, ...nobody } = me;
    assert.equal(await check(api, nowhere), 'False NoNodeClaim');
    assert.equal(await check(api, nobody), 'False NoNodeClaim');
    assert.equal(await check(api, {}), 'False NoNodeClaim');
    assert.equal(await check(api, me, 'node-2'), 'False OtherNode');
    assert.equal(api.calls.length, 0);
  });
});
