/** The key of a container as text. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keyText } from '../../src/model/container-key.ts';

it('differs for keys that join to the same characters', () => {
  const keys = [
    { namespace: 'shop', workload: 'Pod/a', container: 'b' },
    { namespace: 'shop', workload: 'Pod/ab', container: '' },
    { namespace: 'shopPod/', workload: 'a', container: 'b' },
    { namespace: '', workload: 'shopPod/a', container: 'b' },
  ];
  assert.equal(new Set(keys.map(keyText)).size, keys.length);
  assert.equal(keyText({ ...(keys[0] ?? assert.fail()) }), keyText(keys[0] ?? assert.fail()));
});
