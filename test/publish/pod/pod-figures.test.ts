/** Which verdicts an annotation shows. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isShownVerdict } from '../../../src/publish/pod-figures.ts';

it('an annotation shows the verdicts that ask for an action, and no other', () => {
  for (const verdict of ['OOMKilled', 'Throttled', 'NearLimit', 'Leaking', 'Oversized'] as const)
    assert.equal(isShownVerdict(verdict), true, verdict);
  for (const verdict of ['OK', 'Learning', 'NoLimit', undefined] as const)
    assert.equal(isShownVerdict(verdict), false, `${verdict}`);
});
