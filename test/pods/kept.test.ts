import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LocatedError } from '../../src/model/located-error.ts';
import { keptPodOf } from '../../src/pods/kept.ts';
import { podOf } from '../../src/pods/pods.ts';

const metadata = { uid: 'u', namespace: 'n', name: 'p' };
const podWith = (more: object, spec: object = {}) => ({ metadata: { ...metadata, ...more }, spec });

describe('keptPodOf', () => {
  it('keeps what podsOf reads, without the labels', () => {
    const labels = { app: 'cart', 'pod-template-hash': 'abc' };
    const ownerReferences = [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }];
    const object = podWith({ labels, ownerReferences, annotations: { other: 'x' } });
    const { pod } = keptPodOf(object);
    assert.deepEqual(pod, { ...podOf('it', object), labels: {} });
    assert.deepEqual([pod.workload, pod.otherAnnotationBytes], ['Deployment/cart', 6]);
  });

  it('keeps a realmem annotation of up to 16 Ki characters, and clips a longer one', () => {
    const report = (count: number) =>
      keptPodOf(podWith({ annotations: { 'realmem.dev/report': 'r'.repeat(count) } })).pod.annotations
        ?.report;
    assert.equal(report(16 * 1024)?.length, 16 * 1024);
    assert.equal(report(16 * 1024 + 1), `${'r'.repeat(32)}…`);
  });

  it('drops a config hash that is longer than the longest name', () => {
    const hash = (length: number) => {
      const annotations = {
        'kubernetes.io/config.mirror': 'm',
        'kubernetes.io/config.hash': 'h'.repeat(length),
      };
      return keptPodOf(podWith({ annotations })).pod.configHash;
    };
    assert.equal(hash(32)?.length, 32);
    assert.equal(hash(254), undefined);
  });

  it('rejects a pod of more than 64 KiB and names it', () => {
    const containers = Array.from({ length: 3_000 }, (_, at) => ({ name: `c-${at}` }));
    assert.throws(
      () => keptPodOf(podWith({}, { containers })),
      (error) => {
        assert.ok(error instanceof LocatedError);
        assert.match(
          error.message,
          /^pod n\/p: expected at most 65536 bytes .*, got \d+ bytes \(3000 containers\)$/,
        );
        return true;
      },
    );
  });

  it('rejects a name longer than 253 characters with a short message', () => {
    for (const key of ['uid', 'namespace', 'name'])
      assert.throws(
        () => keptPodOf(podWith({ [key]: 'x'.repeat(1_000_000) })),
        ({ message }: Error) => message.includes('expected at most 253 characters') && message.length < 400,
      );
  });

  it('gives a small pod or a located error for any object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (more, spec, status) => {
        try {
          const { pod, bytes } = keptPodOf({ metadata: { ...(more as object), ...metadata }, spec, status });
          assert.ok(bytes <= 65_536 && JSON.stringify(pod).length <= bytes);
        } catch (error) {
          assert.ok(error instanceof LocatedError, String(error));
        }
      }),
    );
  });
});
