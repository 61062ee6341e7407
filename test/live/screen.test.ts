import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paint } from '../../src/layout/look.ts';
import type { ScreenLine } from '../../src/live/cells.ts';
import { Screen } from '../../src/live/screen.ts';
import { Emulator } from './terminal.ts';

const size = { columns: 12, lines: 3 };
const lines = (...texts: readonly string[]): readonly ScreenLine[] => texts.map((text) => ({ text }));

/** What the terminal shows after these frames. */
async function shown(frames: readonly (readonly ScreenLine[])[]): Promise<string> {
  const screen = new Screen();
  const terminal = new Emulator(size.columns, size.lines);
  for (const frame of frames) await terminal.write(screen.update(frame, size));
  return terminal.styled;
}

describe('a frame on the screen', () => {
  it('is not sent again without a change', () => {
    const screen = new Screen();
    assert.notEqual(screen.update(lines('a', paint('b', 'bad')), size), '');
    assert.equal(screen.update(lines('a', paint('b', 'bad')), size), '');
  });

  it('sends only the cells that change, each run of them after one movement of the cursor', () => {
    const screen = new Screen();
    screen.update(lines('real 100Mi', 'same'), size);
    assert.equal(
      screen.update(lines('real 128Mi', 'same'), size),
      '\u001b[?2026h\u001b[1;7H28\u001b[0m\u001b[?2026l',
    );
  });

  it('is sent completely after the screen forgot it, and for another size', () => {
    const screen = new Screen();
    const all = screen.update(lines('a'), size);
    screen.forget();
    assert.equal(screen.update(lines('a'), size), all);
    assert.match(screen.update(lines('a'), { columns: 5, lines: 1 }), /\[2J.*a/);
  });

  it('has no character beyond the edges', async () => {
    const text = await shown([lines('0123456789abcdef', 'x', 'y', 'z')]);
    assert.deepEqual(
      text.split('\n').map((line) => line.replace(/\{.*?\}/g, '').trimEnd()),
      ['0123456789ab', 'x', 'y'],
    );
  });

  it('cuts a wide character that has room for its first half only', async () => {
    assert.match(await shown([lines('0123456789a界')]), /^0123456789a \n/);
  });

  it('replaces wide characters by narrow ones and back', async () => {
    for (const [first, then] of [
      ['界界界', 'abcdef'],
      ['a界b', '界ab'],
      ['界', 'x'],
      [' 界', '界'],
    ] as const)
      assert.equal(
        await shown([lines(first), lines(then)]),
        await shown([lines(then)]),
        `${first} → ${then}`,
      );
  });

  it('joins combining marks to their letter, some of a thousand', async () => {
    assert.match(await shown([lines(`e\u0301x`)]), /^e\u0301x/);
    assert.match(await shown([lines(`e${'\u0301'.repeat(1_000)}x`)]), /^e\u0301{1,4}x/);
  });

  it('obeys nothing but colours', async () => {
    const text = await shown([lines('a\u001b[2Jb\u001b]0;t\u0007c\r\n')]);
    assert.match(text, /^a\ufffd\[2Jb\ufffd\]0;/);
  });

  it('is the same whatever was shown before', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.record({
              text: fc
                .array(
                  fc.constantFrom(
                    'a',
                    'b',
                    ' ',
                    '界',
                    'é',
                    'e\u0301',
                    '…',
                    paint('c', 'bad'),
                    paint('界', 'warn'),
                  ),
                  { maxLength: 16 },
                )
                .map((parts) => parts.join('')),
              base: fc.constantFrom('', '7', '2'),
            }),
            { maxLength: 4 },
          ),
          { minLength: 2, maxLength: 4 },
        ),
        async (frames) => assert.equal(await shown(frames), await shown(frames.slice(-1))),
      ),
      { numRuns: 60 },
    ));
});
