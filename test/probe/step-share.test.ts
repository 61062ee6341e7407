/** How large the next step is, after steps that were cold, needed, or a mixture. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StepShare } from '../../src/probe/step-share.ts';

const took = 1000;
const cold = { took, back: 0, expected: { least: 0, most: 0 }, isNeeded: false };
const needed = { took, back: took, expected: { least: took, most: took }, isNeeded: true };
const mixed = (back: number) => ({ ...cold, back, expected: { least: back, most: back } });

/** The shares after each of these steps. */
function after(...steps: readonly Parameters<StepShare['judge']>[0][]): readonly number[] {
  const share = new StepShare();
  return steps.map((step) => {
    share.judge(step);
    return Number(share.now.toFixed(4));
  });
}

describe('the share of the next step', () => {
  it('grows while nothing comes back, up to a third', () => {
    assert.equal(new StepShare().now, 1 / 8);
    assert.deepEqual(
      after(cold, cold, cold, cold, cold, cold),
      [0.1563, 0.1953, 0.2441, 0.3052, 0.3333, 0.3333],
    );
  });

  it('is so small after a mixed step that a tenth of the rest comes back from the next', () =>
    assert.deepEqual(after(cold, cold, cold, mixed(333), mixed(400), mixed(800)), [
      ...[0.1563, 0.1953, 0.2441],
      ...[0.3003, 0.25, 0.125],
    ]));

  it('never grows faster because little comes back', () => assert.deepEqual(after(mixed(60)), [0.1563]));

  it('is small while two steps confirm the needed cache', () => {
    const share = new StepShare();
    const seen = [needed, needed, needed].map((step) => {
      share.judge(step);
      return [share.now, share.confirmations, share.isConfirmed];
    });
    assert.deepEqual(seen, [
      [1 / 16, 0, false],
      [1 / 8, 1, false],
      [1 / 8, 2, true],
    ]);
  });

  it('begins anew to confirm after a step that was cold after all', () => {
    const share = new StepShare();
    for (const step of [needed, needed, cold, needed]) share.judge(step);
    assert.deepEqual([share.now, share.confirmations], [1 / 16, 0]);
  });
});
