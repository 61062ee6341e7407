import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Setting } from '../../src/model/container-key.ts';
import { runningPodsIn } from '../../src/pods/pod-specs.ts';
import { podSettingsOf } from '../../src/suggest/pod-settings.ts';

const Mi = 2 ** 20;
const podOf = (name: string, container: object) => ({
  metadata: {
    ...{ namespace: 'shop', name, labels: { 'pod-template-hash': 'abc' } },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
  },
  spec: { containers: [{ name: 'web', ...container }] },
});
const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
const remembered: Setting = {
  type: 'container',
  limit: 512 * Mi,
  heap: { runtime: 'JVM', by: '-Xmx64m', bytes: (64 * Mi) as never },
};
const settingOf = (containers: readonly object[], name = key): Setting => {
  const items = containers.map((container, index) => podOf(`cart-abc-${index}`, container));
  return podSettingsOf(runningPodsIn({ kind: 'List', items }))(name, remembered);
};
const java = (...flags: readonly string[]) => ({ command: ['java', ...flags, '-jar', 'a.jar'] });

describe('podSettingsOf', () => {
  it('overrides the heap of the history by that of the pods, and keeps its other settings', () => {
    const { heap, ...others } = settingOf([java('-Xmx256m')]);
    assert.deepEqual(heap, { runtime: 'JVM', by: '-Xmx256m', bytes: 256 * Mi });
    assert.deepEqual(others, { type: 'container', limit: 512 * Mi });
    assert.equal(settingOf([{ command: ['nginx'] }]).heap, undefined);
  });

  it('keeps the setting of the history when no pod has that container, or the list lacks its definition', () => {
    assert.deepEqual(settingOf([]), remembered);
    assert.deepEqual(settingOf([{}]), remembered);
    for (const other of [{ namespace: 'other' }, { workload: 'Deployment/api' }, { container: 'proxy' }])
      assert.deepEqual(settingOf([java('-Xmx256m')], { ...key, ...other }), remembered);
  });

  it('takes the largest cap of several pods, in any order', () => {
    const unread = java('@/opt/jvm.args');
    const ascending = [{ command: ['nginx'] }, java('-Xmx1g'), java('-Xmx2g'), java(), unread];
    for (let count = 2; count <= ascending.length; count++) {
      const pods = ascending.slice(0, count);
      const expected = settingOf(pods.slice(-1)).heap;
      assert.deepEqual(settingOf(pods).heap, expected);
      assert.deepEqual(settingOf(pods.toReversed()).heap, expected);
    }
  });
});
