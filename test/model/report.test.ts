import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOwnLimit, verdicts } from '../../src/model/report.ts';

describe('isOwnLimit', () => {
  const pod = '/kubepods/burstable/pod1';
  const container = `${pod}/a`;

  it('is true when the limit is the container’s own', () =>
    assert.equal(isOwnLimit(container, undefined), true));

  it('is true when the limit comes from its pod', () => assert.equal(isOwnLimit(container, pod), true));

  it('is false when the limit comes from a cgroup above its pod', () => {
    for (const from of ['/kubepods/burstable', '/kubepods', '/', ''])
      assert.equal(isOwnLimit(container, from), false, from);
  });

  it('is false when the limit comes from another pod whose path begins alike', () =>
    assert.equal(isOwnLimit(container, `${pod}0`), false));
});

describe('verdicts', () => {
  it('puts what kills a container before what wastes memory, and OK last', () =>
    assert.deepEqual(verdicts, [
      ...['OOMKilled', 'Throttled', 'NearLimit', 'Leaking'],
      ...['Oversized', 'NoLimit', 'Learning', 'OK'],
    ]));
});
