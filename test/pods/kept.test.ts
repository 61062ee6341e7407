import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LocatedError } from '../../src/model/located-error.ts';
import { keptPodOf } from '../../src/pods/kept.ts';
import { podOf } from '../../src/pods/pods.ts';

const metadata = { uid: 'u', namespace: 'n', name: 'p' };
const podWith = (more: object, spec: object = {}) => ({ metadata: { ...metadata, ...more }, spec });

describe('what the agent keeps of a pod', () => {
  it('is what is read of it, without its labels', () => {
    const labels = { app: 'cart', 'pod-template-hash': 'abc' };
    const ownerReferences = [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }];
    const object = podWith({ labels, ownerReferences, annotations: { other: 'x' } });
    const { pod } = keptPodOf(object);
    assert.deepEqual(pod, { ...podOf('it', object), labels: {} });
    assert.deepEqual([pod.workload, pod.otherAnnotationBytes], ['Deployment/cart', 6]);
  });

  it('has an annotation of ours up to 16 Ki characters: of a longer one, that it stands there', () => {
    const report = (count: number) =>
      keptPodOf(podWith({ annotations: { 'realmem.dev/report': 'r'.repeat(count) } })).pod.annotations
        ?.report;
    assert.equal(report(16 * 1024)?.length, 16 * 1024);
    assert.equal(report(16 * 1024 + 1), `${'r'.repeat(32)}…`);
  });

  it('has no hash of a static pod that is longer than a name: it would stand in messages', () => {
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

  it('is nothing where it would be more than 64 KiB, and says whose', () => {
    const containers = Array.from({ length: 3_000 }, (_, at) => ({ name: `c-${at}` }));
    assert.throws(
      () => keptPodOf(podWith({}, { containers })),
      (error) => {
        assert.ok(error instanceof LocatedError);
        assert.match(
          error.message,
          /^pod n\/p: expected at most 65536 bytes .*, got \d+ \(3000 containers\)$/,
        );
        return true;
      },
    );
  });

  it('is nothing where its name is longer than any, and the message is short', () => {
    for (const key of ['uid', 'namespace', 'name'])
      assert.throws(
        () => keptPodOf(podWith({ [key]: 'x'.repeat(1_000_000) })),
        ({ message }: Error) => message.includes('expected at most 253 characters') && message.length < 400,
      );
  });

  it('is small, or a fault, whatever the object', () => {
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
