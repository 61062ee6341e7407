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

  const [most, above] = [100 * Mi, 1.25 * 512 * Mi];
  for (const [what, container, why] of [
    ['a kill that nobody counted', { verdict: 'OOMKilled', real: 5 * Mi }, 'Within a day. Really uses 5Mi.'],
    ['one kill', { verdict: 'OOMKilled', ooms: 1 }, '1 OOM kill.'],
    [
      'throttling at the limit',
      { verdict: 'Throttled', real: 99 * Mi, limit: most },
      'The kernel slows it down. 99% of its limit: 99Mi of 100Mi.',
    ],
    [
      'the verdict NearLimit far from the limit',
      { verdict: 'NearLimit', real: 50 * Mi, limit: most },
      '50% of its limit: 50Mi of 100Mi, 50Mi left.',
    ],
    [
      'a memory.high near its limit',
      { real: 95 * Mi, limit: most, isHigh: true },
      '95% of its limit: 95Mi of 100Mi, where the kernel throttles it.',
    ],
    [
      'more real than the limit',
      { real: 101 * Mi, limit: most },
      '101% of its limit: 101Mi of 100Mi, 0 left.',
    ],
    [
      'the limit of its pod',
      { real: 95 * Mi, limit: most, limitFrom: 'pod' },
      "95% of its pod's limit: 95Mi of 100Mi, 5Mi left.",
    ],
    ['the verdict NearLimit without figures', { verdict: 'NearLimit' }, 'Its figures are unknown.'],
    ['a request that real exceeds by a quarter', { real: above, request: 512 * Mi }, undefined],
    [
      'a request that real exceeds by more',
      { real: above + Mi, request: 512 * Mi },
      'Really uses 641Mi, and requests 512Mi.',
    ],
    ['a small request that real exceeds by 64Mi', { real: 65 * Mi, request: Mi }, undefined],
    ['a usage near the limit of the node', { real: 99 * Mi, limit: most, limitFrom: 'node' }, undefined],
    ['no figures', {}, undefined],
  ] as const)
    it(`${why === undefined ? 'leaves out' : 'has a sentence for'} a container with ${what}`, () => {
      const [found] = attentionOf(modelWith([pod('a/x', [container])]).pods);
      assert.equal(found?.why, why);
    });

  it('sorts those of a kind by their share of the limit, then by name', () => {
    const found = attentionOf(
      modelWith([
        ...[pod('a/b', [{ verdict: 'Leaking' }]), pod('a/a', [{ verdict: 'Leaking' }])],
        pod('a/c', [{ verdict: 'Leaking', real: 5 * Mi, limit: most }]),
      ]).pods,
    );
    assert.deepEqual(
      found.map(({ kind, leaf }) => `${kind} ${leaf.pod.name}`),
      ['leak c', 'leak a', 'leak b'],
    );
  });
});
