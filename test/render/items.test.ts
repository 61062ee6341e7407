import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import { itemFields, itemOf } from '../../src/render/items.ts';

const size = (amount: number) => bytes(amount);

describe('itemOf', () => {
  it('has each figure of a container in bytes, and its share of the limit in per cent', () =>
    assert.deepEqual(
      itemOf({
        labels: { NAMESPACE: 'shop', POD: 'cart-1', CONTAINER: 'web' },
        target: 'shop/cart-1/web',
        node: 'a',
        usage: {
          ...{ realBytes: size(333), limitBytes: size(1000), requestBytes: size(400) },
          ...{ peakRealBytes: size(350), usageBytes: size(900), oomKills: 0 },
        },
        kubectlTop: size(500),
        verdict: 'OK',
        suggest: { requestBytes: size(300), limitBytes: size(450) },
        staleSeconds: 90,
      }),
      {
        ...{ node: 'a', namespace: 'shop', pod: 'cart-1', container: 'web', target: 'shop/cart-1/web' },
        ...{ realBytes: 333, limitBytes: 1000, realPercent: 33.3, requestBytes: 400, peakRealBytes: 350 },
        ...{ kubectlTopBytes: 500, usageBytes: 900, oomKills: 0, verdict: 'OK' },
        ...{ suggestRequestBytes: 300, suggestLimitBytes: 450, staleSeconds: 90 },
      },
    ));

  it('takes the name of a node from its row', () =>
    assert.deepEqual(
      itemOf({
        ...{ labels: { NODE: 'a' }, target: 'a', usage: {}, pods: 3 },
        ...{ allocatable: size(10), podsReal: size(0) },
      }),
      { node: 'a', target: 'a', pods: 3, allocatableBytes: 10, podsRealBytes: 0 },
    ));

  it('has no field for what is not known, and no share of a limit of zero', () => {
    assert.deepEqual(itemOf({ labels: {}, target: 'x', usage: {} }), { target: 'x' });
    const item = itemOf({ labels: {}, target: 'x', usage: { realBytes: size(1), limitBytes: size(0) } });
    assert.equal(item.realPercent, undefined);
  });

  it('takes memory.high as the limit where it is smaller', () =>
    assert.equal(
      itemOf({
        labels: {},
        target: 'x',
        usage: { realBytes: size(50), limitBytes: size(200), highBytes: size(100) },
      }).realPercent,
      50,
    ));

  it('has all its fields in the list of columns, each once', () => {
    assert.equal(new Set(itemFields).size, itemFields.length);
    assert.deepEqual(itemFields.slice(0, 6), ['node', 'namespace', 'workload', 'pod', 'container', 'target']);
  });
});
