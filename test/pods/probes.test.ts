/** The annotation `realmem.dev/probe`: anybody who may change the pod can write it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProbedCache } from '../../src/model/pod.ts';
import { hashOf } from '../../src/model/text.ts';
import { podOf } from '../../src/pods/pods.ts';
import { parseProbes, probesText } from '../../src/pods/probes.ts';

const entry = {
  ...{ at: '2026-11-30T12:00:00Z', neededCacheBytes: 33_554_432, coldCacheBytes: 67_108_864 },
  ...{ errorBytes: 524_288, watchedSeconds: 60 },
};
const probe: ProbedCache = { ...entry, at: Date.UTC(2026, 10, 30, 12) / 1000 };
const parsed = (value: unknown) => parseProbes(typeof value === 'string' ? value : JSON.stringify(value));

describe('the annotation of probes', () => {
  it('gives the answer of each container, and whether it is an upper bound', () => {
    assert.deepEqual(parseProbes(undefined), {});
    assert.deepEqual(parsed({ cart: entry }), { probes: { cart: probe } });
    assert.deepEqual(parsed({ cart: { ...entry, isAtMost: true, later: 1 } }), {
      probes: { cart: { ...probe, isAtMost: true } },
    });
    assert.deepEqual(parsed({ cart: { ...entry, isAtMost: false } }), { probes: { cart: probe } });
    assert.deepEqual(parsed({}), {});
  });

  for (const [what, value, why] of [
    ['a text that is no JSON', '{', /^realmem\.dev\/probe: expected JSON, got /],
    ['a list', [], /expected an object with a field for each container/],
    ['a deep value', '{"a":{"b":{}}}', /expected JSON, got JSON of 3 levels \(at most 2\)/],
    ['a long text', `"${'a'.repeat(16_384)}"`, /expected at most 16384 characters, got 16386/],
    ['a flood of values', `{"a":[${'0,'.repeat(2_000)}0]}`, /got JSON of up to 2003 values/],
    [
      'too many containers',
      Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, 0])),
      /at most 100 containers, got 101/,
    ],
    ['a container that is a number', { cart: 1 }, /"cart": expected a time/],
    ['a name that is too long', { ['c'.repeat(64)]: entry }, /: a name that no container can have$/],
    ['no time', { cart: { ...entry, at: undefined } }, /"cart": expected a time such as .* at "at"$/],
    ['a time of 1970', { cart: { ...entry, at: '1970-01-01T00:00:00Z' } }, /expected a time/],
    ['a negative size', { cart: { ...entry, neededCacheBytes: -1 } }, /at "neededCacheBytes"$/],
    ['a size as text', { cart: { ...entry, coldCacheBytes: '1' } }, /at "coldCacheBytes"$/],
    ['a size that no machine has', { cart: { ...entry, errorBytes: 2 ** 50 + 1 } }, /at "errorBytes"$/],
    ['a watch of a year', { cart: { ...entry, watchedSeconds: 3e7 } }, /at "watchedSeconds"$/],
    ['another mark', { cart: { ...entry, isAtMost: 1 } }, /expected true or false at "isAtMost"$/],
  ] as const)
    it(`ignores ${what}, and says why`, () => {
      const { probes, probeFault } = parsed(value);
      assert.equal(probes, undefined);
      assert.match(probeFault ?? '', why);
    });

  it('keeps the good entries beside a wrong one', () =>
    assert.deepEqual(parsed({ a: 1, cart: entry }), {
      probes: { cart: probe },
      probeFault: 'realmem.dev/probe: "a": expected a time such as 2026-11-30T12:00:00Z at "at"',
    }));

  it('does not take a container called __proto__ for a prototype', () => {
    const { probes = {} } = parsed(`{"__proto__":${JSON.stringify(entry)}}`);
    assert.deepEqual([Object.keys(probes), probes['at']], [['__proto__'], undefined]);
  });

  it('reads back what it writes', () => {
    const size = fc.integer({ min: 0, max: 2 ** 50 });
    const any = fc.record(
      {
        ...{ at: fc.integer({ min: 1_704_067_200, max: 2_300_000_000 }) },
        ...{ neededCacheBytes: size, coldCacheBytes: size, errorBytes: size },
        ...{ watchedSeconds: fc.integer({ min: 0, max: 86_400 }), isAtMost: fc.constant(true as const) },
      },
      {
        requiredKeys: ['at', 'neededCacheBytes', 'coldCacheBytes', 'errorBytes', 'watchedSeconds'],
        noNullPrototype: true,
      },
    );
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/);
    fc.assert(
      fc.property(fc.dictionary(name, any, { minKeys: 1, maxKeys: 5, noNullPrototype: true }), (probes) => {
        assert.deepEqual(parseProbes(probesText(probes)), { probes });
      }),
    );
  });

  it('gives only values within its bounds for any JSON, and never throws', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"cart":${json}}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const one of Object.values(parseProbes(text).probes ?? {}))
          assert.ok(one.neededCacheBytes >= 0 && one.coldCacheBytes <= 2 ** 50 && one.at > 1.7e9);
      }),
    );
  });
});

describe('a pod of the API', () => {
  const metadata = { uid: 'u', namespace: 'shop', name: 'cart-1' };
  const pod = (more: object) => podOf('pod', { metadata: { ...metadata, ...more } });

  it('has its probes, the time of its creation, and the revision of its template', () => {
    const made = pod({
      ...{ creationTimestamp: '2026-11-30T12:00:00Z', labels: { 'pod-template-hash': '6d5f8c7b9d' } },
      annotations: { 'realmem.dev/probe': JSON.stringify({ cart: entry }) },
    });
    assert.deepEqual(made?.probes, { cart: probe });
    assert.deepEqual([made?.createdAt, made?.revision], [probe.at, hashOf('6d5f8c7b9d')]);
  });

  it('has the revision of a StatefulSet, a DaemonSet and an Argo Rollout too', () => {
    for (const label of ['controller-revision-hash', 'rollouts-pod-template-hash'])
      assert.equal(pod({ labels: { [label]: 'a' } })?.revision, hashOf('a'));
  });

  it('has none of them without metadata, or with wrong ones', () => {
    for (const more of [
      {},
      { creationTimestamp: 'soon', labels: { 'pod-template-hash': 7 } },
      { creationTimestamp: '1970-01-01T00:00:00Z', labels: { 'pod-template-hash': 'a'.repeat(254) } },
    ]) {
      const { createdAt, revision, probes, probeFault } = pod(more) ?? {};
      assert.deepEqual([createdAt, revision, probes, probeFault], Array(4).fill(undefined));
    }
  });
});
