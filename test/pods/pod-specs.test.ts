import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { lookUp, minorOf, runningPodsIn } from '../../src/pods/pod-specs.ts';

const spec = { containers: [{ name: 'web', resources: { limits: { memory: '64Mi' } } }] };
const barePod = { kind: 'Pod', metadata: { namespace: 'shop', name: 'web-1' }, spec };
const deployment = { metadata: { namespace: 'shop', name: 'cart' }, spec: { template: { spec } } };

/** An API that answers each path with an object, or throws the given error. */
const apiOf = (answers: Readonly<Record<string, object>>) => ({
  async call({ path }: { readonly path: string }): Promise<unknown> {
    const answer = answers[path] ?? new ApiError(404, 'NotFound', `${path} not found`);
    if (answer instanceof Error) throw answer;
    return answer;
  },
});

const workloadOf = (workload: string) => ({ namespace: 'shop', workload });
const noProgress = (): void => {};
const cartPath = '/apis/apps/v1/namespaces/shop/deployments/cart';

describe('runningPodsIn', () => {
  it('accepts a list of pods, and a single pod without a kind', () => {
    const { kind: _, ...unnamed } = barePod;
    const names = (object: unknown) => runningPodsIn(object).map(({ name }) => name);
    assert.deepEqual(names({ kind: 'List', items: [barePod] }), ['web-1']);
    assert.deepEqual(names(unnamed), ['web-1']);
  });
});

describe('lookUp', () => {
  it('returns the template of a Deployment and the spec of a bare pod', async () => {
    const [cart, web] = [workloadOf('Deployment/cart'), workloadOf('Pod/web-1')];
    const api = apiOf({ [cartPath]: deployment, '/api/v1/namespaces/shop/pods/web-1': barePod });
    const { owners, pods } = await lookUp(api, [cart, web], noProgress);
    const owner = owners.get(cart);
    assert.ok(owner !== undefined && owner !== 'missing');
    assert.deepEqual(
      owner.template?.containers.map(({ name }) => name),
      ['web'],
    );
    assert.deepEqual(
      pods.map(({ name }) => name),
      ['web-1'],
    );
  });

  it('returns missing for a workload that the API does not know', async () => {
    const cart = workloadOf('Deployment/cart');
    const { owners } = await lookUp(apiOf({}), [cart], noProgress);
    assert.equal(owners.get(cart), 'missing');
  });

  it('leaves out a workload that the user may not read', async () => {
    const cart = workloadOf('Deployment/cart');
    const api = apiOf({ [cartPath]: new ApiError(403, 'Forbidden', 'no') });
    assert.equal((await lookUp(api, [cart], noProgress)).owners.size, 0);
  });

  it('asks nothing about an unknown kind or a name that is not valid', async () => {
    const api = { call: () => assert.fail('it asked') };
    const workloads = ['Unknown/cart', 'Deployment/cart;rm -rf'].map(workloadOf);
    assert.equal((await lookUp(api, workloads, noProgress)).owners.size, 0);
  });

  it('reports its progress after each workload', async () => {
    const seen: string[] = [];
    const workloads = ['Deployment/a', 'Deployment/b'].map(workloadOf);
    await lookUp(apiOf({}), workloads, (read, all) => seen.push(`${read}/${all}`));
    assert.deepEqual(seen, ['1/2', '2/2']);
  });

  it('fails if the API does not answer', async () => {
    const api = apiOf({ [cartPath]: new ApiError(0, 'Timeout', 'no answer within 120000 ms') });
    await assert.rejects(lookUp(api, [workloadOf('Deployment/cart')], noProgress), /no answer/);
  });
});

describe('minorOf', () => {
  const minor = (answer: object) => minorOf(apiOf({ '/version': answer }));

  it('returns the number, without the + of a vendor', async () => {
    assert.equal(await minor({ major: '1', minor: '34' }), 34);
    assert.equal(await minor({ major: '1', minor: '34+' }), 34);
  });

  it('returns undefined for another answer, or for none', async () => {
    assert.equal(await minor({ major: '2', minor: '1' }), undefined);
    assert.equal(await minor({}), undefined);
    assert.equal(await minor(new ApiError(403, 'Forbidden', 'no')), undefined);
  });
});
