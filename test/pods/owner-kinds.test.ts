import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isName, ownerKindOf, splitWorkload } from '../../src/pods/owner-kinds.ts';

describe('ownerKindOf', () => {
  it('patches kinds of Kubernetes by a strategic merge, and custom resources by a JSON patch', () => {
    const patches = ['Deployment', 'CronJob', 'Rollout', 'StatefulSet.apps.kruise.io'].map(
      (kind) => ownerKindOf(kind)?.patch,
    );
    assert.deepEqual(patches, ['strategic', 'strategic', 'json', 'json']);
  });

  it('finds the pod spec of a CronJob in its job template', () =>
    assert.equal(ownerKindOf('CronJob')?.template.join('.'), 'spec.jobTemplate.spec.template.spec'));

  it('returns undefined for a kind without a template, and for inherited properties', () => {
    assert.equal(ownerKindOf('Job'), undefined);
    assert.equal(ownerKindOf('constructor'), undefined);
  });
});

describe('splitWorkload', () => {
  it('splits at the first slash', () =>
    assert.deepEqual(splitWorkload('JobSet/train/worker'), ['JobSet', 'train/worker']));
});

describe('isName', () => {
  it('accepts names of Kubernetes, and nothing that a shell would interpret', () => {
    const texts = ['cart', 'a.b-1', '', '-a', 'a b', 'a;b', '$(x)', 'A', 'a'.repeat(254)];
    assert.deepEqual(texts.map(isName), [true, true, false, false, false, false, false, false, false]);
  });
});
