import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PageUsage } from '../../src/page/data.ts';
import { attentionOf, nearestToLimit } from '../../src/page/view/attention.ts';
import { partsOf, readingsOf } from '../../src/page/view/parts.ts';
import { placeLabels } from '../../src/page/view/ruler.ts';
import { inMiddle } from '../../src/page/view/words.ts';
import { Gi, Mi, modelWith, pod } from './some.ts';

/** postgres-0 of fixtures/hosts/kubernetes-v1. */
const postgres: PageUsage = {
  ...{
    usage: 1_006_419_968,
    real: 231_383_040,
    workingSet: 965_521_408,
    anon: 75_280_384,
    tmpfs: 134_217_728,
  },
  ...{ kernel: 21_835_776, limit: Gi },
};

describe('partsOf', () => {
  it('splits the usage of a database with tmpfs and cache', () => {
    assert.deepEqual(
      partsOf(postgres).map(({ name, bytes, isReal }) => [name, bytes, isReal]),
      [
        ['anon', 75_280_384, true],
        ['tmpfs', 134_217_728, true],
        ['kernel', 21_835_776, true],
        ['rest', 49_152, true],
        ['active', 734_138_368, false],
        ['inactive', 40_898_560, false],
      ],
    );
  });

  it('shows one part each where the data does not say more', () => {
    assert.deepEqual(
      partsOf({ real: 10, usage: 25 }).map(({ name, bytes }) => [name, bytes]),
      [
        ['real', 10],
        ['cache', 15],
      ],
    );
    assert.deepEqual(partsOf({ usage: 25 }), []);
  });

  it('adds up to usage, whatever the kernel says', () => {
    const amount = fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined });
    const figures = fc.record({
      ...{
        real: fc.integer({ min: 1, max: 1e12 }),
        usage: fc.integer({ min: 0, max: 1e12 }),
        workingSet: amount,
      },
      ...{ anon: amount, tmpfs: amount, kernel: amount, slabReclaimable: amount, sockets: amount },
    });
    fc.assert(
      fc.property(figures, (given) => {
        const usage = JSON.parse(JSON.stringify(given)) as PageUsage;
        const parts = partsOf(usage);
        const sum = (isReal: boolean): number =>
          parts.filter((one) => one.isReal === isReal).reduce((total, { bytes }) => total + bytes, 0);
        assert.equal(sum(true), usage.real);
        assert.equal(sum(false), Math.max(0, (usage.usage ?? 0) - (usage.real ?? 0)));
        assert.ok(parts.every(({ bytes }) => bytes > 0));
      }),
    );
  });
});

describe('readingsOf', () => {
  it('shows what realmem explain shows for the same container', () => {
    assert.deepEqual(
      readingsOf(postgres).map(({ tool, shows, share }) => [tool, shows, share]),
      [
        ['realmem: real', '221Mi', undefined],
        ['kubectl top, working set', '920Mi', undefined],
        ['docker stats', '921Mi', '89.92% of 1Gi'],
        ['container_memory_usage_bytes', '960Mi', undefined],
        ['container_memory_rss', '71.8Mi', undefined],
      ],
    );
  });

  it('counts in each row the parts that add up to its figure', () => {
    const parts = partsOf(postgres);
    for (const { tool, bytes, counts } of readingsOf(postgres)) {
      const counted = parts.filter(({ name }) => counts.includes(name));
      assert.equal(
        counted.reduce((sum, part) => sum + part.bytes, 0),
        bytes,
        tool,
      );
    }
  });

  it('names the amount of cache and of tmpfs in the reasons', () => {
    const whys = readingsOf(postgres).map(({ why }) => why);
    assert.match(whys[1] ?? '', /it counts 700Mi of active page cache/);
    assert.match(whys[4] ?? '', /omits 128Mi of tmpfs/);
  });

  it('leaves out tools without a figure', () => {
    assert.deepEqual(
      readingsOf({ real: 5 }).map(({ tool }) => tool),
      ['realmem: real'],
    );
  });
});

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

describe('placeLabels', () => {
  it('puts labels that would overlap on lines of their own', () => {
    const labels = placeLabels([
      { kind: 'request', text: 'request 3.4Gi', share: 0.46 },
      { kind: 'limit', text: 'limit 5.3Gi', share: 0.71 },
      { kind: 'suggested', text: 'suggested limit 7.3Gi', share: 0.98 },
    ]);
    assert.deepEqual(
      labels.map(({ line, isBefore }) => [line, isBefore]),
      [
        [0, false],
        [1, true],
        [2, true],
      ],
    );
  });

  it('keeps labels that have room on one line', () => {
    const labels = placeLabels([
      { kind: 'request', text: 'request 1Mi', share: 0.1 },
      { kind: 'limit', text: 'limit 9Mi', share: 0.9 },
    ]);
    assert.deepEqual(
      labels.map(({ line }) => line),
      [0, 0],
    );
  });
});

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
