import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytes } from '../../src/model/bytes.ts';
import { renderBars } from '../../src/render/bars.ts';
import type { Part } from '../../src/render/tool-reading.ts';

const part = (name: string, size: number | undefined, real = true): Part => ({
  ...{ name, real, note: 'nobody tells' },
  ...(size !== undefined && { bytes: bytes(size) }),
});

const plain = { columns: 50, colour: false, ascii: true };
const parts = [part('anon', 300), part('shm', 0), part('kernel', undefined), part('cache', 200, false)];

describe('bars', () => {
  it('begin where the one before ends, and the scale ends at the limit', () =>
    assert.equal(
      renderBars(parts, { usage: bytes(500), limit: bytes(1000) }, plain),
      `anon        300   30.0%  ########
shm           0    0.0%
kernel        -       -  unknown: nobody tells
cache       200   20.0%          .....
                                           limit |
`,
    ));

  it('end at the usage if there is no limit or usage is above it', () => {
    const scale = { usage: bytes(500), limit: undefined };
    assert.match(renderBars(parts, scale, plain), /^cache +200 +40\.0% +\.{10}\n +usage, no limit \|\n$/m);
    assert.match(renderBars(parts, { ...scale, limit: bytes(400) }, plain), /^cache +200 +40\.0% /m);
  });

  it('are coloured with the option colour, and each resets its colour', () => {
    const text = renderBars(parts, { usage: bytes(500), limit: undefined }, { ...plain, colour: true });
    assert.ok(text.includes('\u001b[32m########'), text);
    assert.ok(text.includes('....\u001b[0m'), text);
  });

  it('are block characters without the option ascii', () =>
    assert.match(
      renderBars(parts, { usage: bytes(500), limit: undefined }, { ...plain, ascii: false }),
      /█+\n.*░+/s,
    ));

  it('fit any width from 40 to 120 columns, for any parts', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -100, max: 1e6 }), { maxLength: 8, minLength: 1 }),
        fc.option(fc.nat(1e6), { nil: undefined }),
        fc.integer({ min: 40, max: 120 }),
        (sizes, limit, columns) => {
          const usage = sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
          const some = sizes.map((size, index) => part(`p${index}`, size, index % 2 === 0));
          const scale = { usage: bytes(usage), limit: limit === undefined ? undefined : bytes(limit) };
          for (const line of renderBars(some, scale, { ...plain, columns }).split('\n'))
            assert.ok(line.length <= columns, line);
        },
      ),
    ));
});
