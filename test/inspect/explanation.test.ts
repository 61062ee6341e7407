/** The texts of one tool's reading: its formula, how far it is from real, and why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formulaOf, offOf, whyOf } from '../../src/inspect/explanation.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { ToolReading } from '../../src/render/tool-reading.ts';

const MiB = 2 ** 20;
const real = { realBytes: bytes(10 * MiB) };
const reading = (more: Partial<ToolReading>): ToolReading => ({
  ...{ tool: 'free', version: '1', writing: 'bytes', why: 'counts page cache', formula: 'usage' },
  ...more,
});

describe('the formula of a reading', () => {
  it('has its numbers behind it, but not a single one that is the figure itself', () => {
    assert.equal(
      formulaOf(reading({ formula: 'usage − cache', numbers: '5 − 2', value: 3 })),
      'usage − cache = 5 − 2',
    );
    assert.equal(formulaOf(reading({ numbers: '3', value: 3 })), 'usage');
    assert.equal(formulaOf(reading({})), 'usage');
  });

  it('is empty for a tool without one', () => {
    const { formula: _, ...none } = reading({});
    assert.equal(formulaOf(none), '');
  });
});

describe('the distance from real', () => {
  it('has a sign, and is = for the same figure', () => {
    for (const [value, off, why] of [
      [12 * MiB, '+2Mi', '2Mi more than real: counts page cache'],
      [7 * MiB, '−3Mi', '3Mi less than real: counts page cache'],
      [10 * MiB, '=', 'counts page cache'],
    ] as const) {
      assert.equal(offOf(reading({ value }), real), off);
      assert.equal(whyOf(reading({ value }), real), why);
    }
  });

  it('is empty for a figure that is not the memory of the container, and where a figure is unknown', () => {
    for (const [one, usage] of [
      [reading({ value: MiB, aside: true }), real],
      [reading({ value: MiB }), {}],
      [reading({}), real],
    ] as const) {
      assert.equal(offOf(one, usage), '');
      assert.equal(whyOf(one, usage), 'counts page cache');
    }
  });

  it('counts a figure of zero', () => assert.equal(offOf(reading({ value: 0 }), real), '−10Mi'));

  it('gives the missing input as the reason', () =>
    assert.equal(
      whyOf(reading({ missing: 'no memory.stat' }), real),
      'unknown (no memory.stat): counts page cache',
    ));
});
