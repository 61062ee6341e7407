/** One pod as its part of the report. ../publish.test.ts has whole reports against the schema of the CRD. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../../src/model/bytes.ts';
import { podText, publishedPod, roundedQuantity } from '../../../src/publish/publish-pod.ts';
import { containerOf, podOf } from '../../report/reports.ts';

const Mi = 1024 ** 2;
const named = { namespace: 'shop', name: 'cart-1' };
const only = (...given: Parameters<typeof publishedPod>) => publishedPod(...given)[0];

describe('publishedPod', () => {
  it('omits a pod without a name or a namespace', () => {
    for (const pod of [{}, { name: 'cart-1' }, { namespace: 'shop' }])
      assert.deepEqual(publishedPod(podOf(pod), [containerOf({ name: 'a' })]), []);
  });

  for (const [ooms, published] of [
    [undefined, undefined],
    [0, undefined],
    [2, 2],
  ] as const)
    it(`has ${published ?? 'no'} OOM kills where ${ooms ?? 'none'} are known`, () => {
      const kills = ooms === undefined ? {} : { oomKills: ooms };
      const pod = only(podOf({ ...named, ...kills }), [containerOf({ name: 'a', ...kills })]);
      assert.deepEqual([pod?.ooms, pod?.containers[0]?.ooms], [published, published]);
    });

  it('has a verdict of OOMKilled for a killed container that no longer runs, without a type for a regular one', () => {
    const killed = [{ name: 'a', type: 'container', oomKills: 0 }] as const;
    assert.deepEqual(only(podOf({ ...named, killed }), [])?.containers, [
      { name: 'a', verdict: 'OOMKilled' },
    ]);
  });

  it('has its own request of 0 where a container that it lists requests more', () =>
    assert.equal(
      only(podOf({ ...named, requestBytes: 0 }), [
        containerOf({ name: 'a', requestBytes: Mi, cgroup: '/kubepods/poduid/a' }),
      ])?.request,
      '0',
    ));

  it('has neither request nor limit where none is known, and containers without any', () => {
    const pod = only(podOf(named), [containerOf({ name: 'a', cgroup: '/kubepods/poduid/a' })]);
    assert.deepEqual(pod, { ...named, containers: [{ name: 'a' }] });
  });

  it('sorts containers by code unit, not by locale', () =>
    assert.deepEqual(
      only(
        podOf(named),
        ['b', 'a-1', 'B', 'a1'].map((name) => containerOf({ name })),
      )?.containers.map(({ name }) => name),
      ['B', 'a-1', 'a1', 'b'],
    ));
});

describe('text', () => {
  for (const [of, most] of [
    ['label', 63],
    ['reason', 64],
    ['version', 128],
    ['name', 253],
    ['workload', 512],
    ['message', 2048],
  ] as const)
    it(`keeps ${most} characters of a ${of}, and cuts one more`, () => {
      assert.equal(podText(of, 'x'.repeat(most)), 'x'.repeat(most));
      assert.equal(podText(of, 'x'.repeat(most + 1)), `${'x'.repeat(most - 1)}…`);
    });

  it('escapes control characters, which the CRD refuses', () =>
    assert.equal(podText('label', 'a\nb'), 'a\\u000ab'));
});

describe('roundedQuantity', () => {
  for (const [amount, quantity] of [
    [undefined, undefined],
    [-5, '0'],
    [0, '0'],
    [5 * Mi, '5Mi'],
  ] as const)
    it(`of ${amount ?? 'an unknown amount'} is ${quantity ?? 'absent'}`, () =>
      assert.equal(roundedQuantity(amount === undefined ? undefined : bytes(amount)), quantity));
});
