import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { InputError } from '../../src/model/located-error.ts';
import { readTarget } from '../../src/probe-job/target.ts';
import { fakeCluster } from '../cluster-view/made/api.ts';
import { id } from './made.ts';

const startedAt = '2026-11-01T00:00:00Z';
const later = Date.parse(startedAt) + 3_600_000;
const status = (name: string, state: object = { running: { startedAt } }) => ({
  ...{ name, state, containerID: `containerd://${id}` },
});

interface Made {
  readonly namespace?: string;
  readonly metadata?: object;
  readonly names?: readonly string[];
  readonly statuses?: readonly object[];
  readonly container?: string;
  readonly now?: number;
}

async function read(test: TestContext, { namespace = 'shop', container, now = later, ...pod }: Made) {
  const { metadata = {}, names = ['cart'], statuses = names.map((name) => status(name)) } = pod;
  const { kube } = await fakeCluster(test, {
    [`/api/v1/namespaces/${namespace}/pods/cart-1`]: JSON.stringify({
      metadata,
      spec: { containers: names.map((name) => ({ name })) },
      status: { containerStatuses: statuses },
    }),
  });
  const found = { namespace, pod: 'cart-1', node: 'node-1', ...(container !== undefined && { container }) };
  return readTarget(kube, found, () => now);
}

describe('the container to probe', () => {
  it('is the only one of its pod, with its ID', async (test) => {
    const expected = { namespace: 'shop', pod: 'cart-1', container: 'cart', node: 'node-1', id };
    assert.deepEqual(await read(test, {}), expected);
  });

  it('is the one that is named, or the one that kubectl takes', async (test) => {
    const names = ['cart', 'proxy'];
    assert.equal((await read(test, { names, container: 'proxy' })).container, 'proxy');
    const metadata = { annotations: { 'kubectl.kubernetes.io/default-container': 'proxy' } };
    assert.equal((await read(test, { names, metadata })).container, 'proxy');
  });

  for (const [what, made, says] of [
    [
      'one of two',
      { names: ['cart', 'proxy'] },
      /^shop\/cart-1: expected one container, got 2; pass -c with one of cart, proxy$/,
    ],
    [
      'one that it does not have',
      { container: 'web' },
      /expected one of its containers, got "web"; it has cart$/,
    ],
    [
      'one that waits',
      { statuses: [{ name: 'cart', state: { waiting: {} } }] },
      /got "cart", which does not run$/,
    ],
    [
      'one that has just started',
      { now: Date.parse(startedAt) + 5_000 },
      /run for 60 s, got one that started 5 s ago; wait/,
    ],
    ['one of the system', { namespace: 'kube-system' }, /got one of kube-system, which is never probed$/],
    [
      "one of realmem's own",
      { metadata: { labels: { 'app.kubernetes.io/part-of': 'realmem' } } },
      /got one of realmem itself/,
    ],
    [
      'one with an ID that is none',
      { statuses: [{ ...status('cart'), containerID: 'x://../../etc' }] },
      /does not run$/,
    ],
  ] as const)
    it(`is refused if it is ${what}`, async (test) => {
      await assert.rejects(
        read(test, made),
        (error) => error instanceof InputError && says.test(error.message),
      );
    });
});
