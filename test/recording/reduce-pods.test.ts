import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { messageOf } from '../../src/model/located-error.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { reducePods } from '../../src/recording/reduce-pods.ts';
import { podsText } from '../identify/fixture.ts';

const full = parseManifest('pods.yaml', podsText);

/**
 * What podsOf reads of a value: pods and faults, or its error. Leaves out the bytes of other annotations, which matter only
 * for writing to pods.
 */
function reading(value: unknown): unknown {
  try {
    const { pods, faults } = podsOf('pods.yaml', value);
    return { pods: pods.map(({ otherAnnotationBytes: _, ...pod }) => pod), faults };
  } catch (error) {
    return messageOf(error);
  }
}

describe('reducePods', () => {
  it('keeps all that podsOf reads', () => assert.deepEqual(reading(reducePods(full)), reading(full)));

  it('removes secrets, commands and environment', () => {
    assert.match(podsText, /secret-in-the-environment/);
    const kept = JSON.stringify(reducePods(full));
    for (const gone of [
      'secret',
      'token',
      'password',
      'env',
      'command',
      'args',
      'volume',
      'image',
      'message',
      'podIP',
    ])
      assert.doesNotMatch(kept, new RegExp(gone, 'i'), gone);
  });

  it('keeps what cgroup names and reports need', () => {
    const kept = JSON.stringify(reducePods(full));
    for (const one of [
      'containerd://',
      '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1',
      'Guaranteed',
      'StatefulSet',
      'cart',
    ])
      assert.ok(kept.includes(one), one);
  });

  it('changes nothing the second time', () =>
    assert.deepEqual(reducePods(reducePods(full)), reducePods(full)));

  it('accepts a single pod', () => {
    const one = {
      kind: 'Pod',
      metadata: { uid: 'u', namespace: 'n', name: 'p' },
      spec: { containers: [{ name: 'c', env: [] }] },
    };
    assert.deepEqual(reducePods(one), { ...one, spec: { containers: [{ name: 'c' }] } });
    assert.deepEqual(reading(reducePods(one)), reading(one));
  });

  it('keeps what podsOf reads of any JSON', () => {
    const hole = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('web', '64Mi', 'Always', 'Pod', 'containerd://abc', [], {}, [[{ name: 'web' }]]),
    );
    // Every key that podsOf reads, and some others.
    const keys = [
      ...['kind', 'items', 'metadata', 'spec', 'status', 'uid', 'namespace', 'name', 'labels', 'annotations'],
      ...[
        'ownerReferences',
        'controller',
        'containers',
        'initContainers',
        'ephemeralContainers',
        'restartPolicy',
      ],
      ...[
        'resources',
        'requests',
        'limits',
        'memory',
        'qosClass',
        'containerStatuses',
        'initContainerStatuses',
      ],
      ...['containerID', 'state', 'lastState', 'running', 'terminated', 'env', 'kubernetes.io/config.hash'],
      ...['pod-template-hash', '__proto__', 'constructor'],
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, hole, tie('object'), fc.array(tie('object'), { maxLength: 3 })),
      object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 8 }),
    }));
    const named = { uid: 'u', namespace: 'n', name: 'p' };
    const item = fc
      .record({
        metadata: value,
        spec: fc.record({ containers: value, initContainers: value }),
        status: value,
      })
      .map(({ metadata, ...rest }) => ({ ...rest, metadata: { ...(metadata as object), ...named } }));
    fc.assert(
      fc.property(
        fc.oneof(
          value,
          fc.array(fc.oneof(item, value), { maxLength: 3 }).map((items) => ({ items })),
        ),
        (any) => assert.deepEqual(reading(reducePods(any)), reading(any)),
      ),
      { numRuns: 500 },
    );
  });
});
