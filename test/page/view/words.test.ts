import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inMiddle } from '../../../src/page/view/words.ts';

describe('inMiddle', () => {
  for (const [name, parts] of [
    ['recommendation-engine-canary-5b8f7c6d49-zk4tp', ['recommendation-engine-canary-5b8f7c', '6d49-zk4tp']],
    ['checkout-7c9d8b6f54-q2xnl/checkout', ['checkout-7c9d8b6f54-', 'q2xnl/checkout']],
    ['cart', ['ca', 'rt']],
    ['', ['', '']],
    ['😀😀', ['😀', '😀']],
  ] as const)
    it(`cuts "${name}" into ${parts.join(' and ')}`, () => assert.deepEqual(inMiddle(name), parts));
});
