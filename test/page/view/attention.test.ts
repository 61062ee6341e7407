import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attentionOf, nearestToLimit } from '../../../src/page/view/attention.ts';
import { Mi, modelWith, pod } from '../some.ts';

describe('attentionOf', () => {
  const model = modelWith([
    pod('a/fine', [{ real: 10 * Mi, limit: 100 * Mi, request: 10 * Mi }]),
    pod('a/low', [{ real: 500 * Mi, request: 100 * Mi }]),
    pod('a/leak', [{ real: 10 * Mi, verdict: 'Leaking' }]),
    pod('a/near', [{ real: 95 * Mi, limit: 100 * Mi }]),
    pod('a/nearer', [{ real: 98 * Mi, limit: 100 * Mi }]),
    pod('a/killed', [{ real: 50 * Mi, limit: 100 * Mi, ooms: 3, verdict: 'OOMKilled' }]),
    pod('a/node', [{ real: 99 * Mi, limit: 100 * Mi, limitFrom: 'node' }]),
    pod('a/unknown', [{}]),
  ]);

  it('lists the most urgent first, each with its figures', () => {
    assert.deepEqual(
      attentionOf(model.pods).map(({ leaf, why }) => `${leaf.pod.name}: ${why}`),
      [
        'killed: 3 OOM kills. 50% of its limit: 50Mi of 100Mi.',
        'nearer: 98% of its limit: 98Mi of 100Mi, 2Mi left.',
        'near: 95% of its limit: 95Mi of 100Mi, 5Mi left.',
        'leak: Real keeps growing. Really uses 10Mi.',
        'low: Really uses 500Mi, and requests 100Mi.',
      ],
    );
  });

  it('knows the container nearest to a limit of its own', () => {
    assert.equal(nearestToLimit(model.pods)?.key, 'a/nearer/c0');
    assert.equal(nearestToLimit([]), undefined);
  });
});
