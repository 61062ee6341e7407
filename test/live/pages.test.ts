/** Pages over the list, with a source whose answers the tests control. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pages } from '../../src/live/pages.ts';
import { Seen } from '../../src/live/seen.ts';
import type { Row } from '../../src/render/row.ts';
import { container } from './opened-view.ts';

const row = container('shop', 'cart-1', 'cart', 64);

interface Asked {
  readonly row: Row;
  readonly columns: number;
  readonly answer: PromiseWithResolvers<readonly string[] | undefined>;
}

function pagesWith(): { readonly pages: Pages; readonly asked: readonly Asked[]; changes: () => number } {
  const asked: Asked[] = [];
  let changes = 0;
  const pages = new Pages({
    detail: (of, columns) => {
      const answer = Promise.withResolvers<readonly string[] | undefined>();
      asked.push({ row: of, columns, answer });
      return answer.promise;
    },
    changed: () => {
      changes++;
    },
  });
  return { pages, asked, changes: () => changes };
}

const linesOf = (pages: Pages, lines = 10, columns = 80): readonly string[] =>
  pages
    .frame(lines, () => ({ text: 'F' }), new Seen(), { colour: false, ascii: true, columns })
    .map(({ text }) => text);

/** The steps between an answer and its effect have run when this resolves. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${index}`);

describe('the page of a row', () => {
  it('asks the source once for the row and the width, and shows the answer when it comes', async () => {
    const { pages, asked, changes } = pagesWith();
    pages.open('container', row, 70);
    assert.deepEqual(
      asked.map((one) => [one.row.target, one.columns]),
      [['shop/cart-1/cart', 70]],
    );
    assert.deepEqual([linesOf(pages)[0], changes()], ['shop/cart-1/cart', 0]);
    asked[0]?.answer.resolve(['summary', '', 'details']);
    await settled();
    assert.deepEqual([linesOf(pages)[0], changes()], ['summary', 1]);
  });

  it('has an error until the next answer, and keeps older lines beside it', async () => {
    const { pages, asked, changes } = pagesWith();
    const rowsBy = (): readonly Row[] => [row];
    pages.open('container', row, 80);
    asked[0]?.answer.resolve(['summary']);
    await settled();
    pages.show(rowsBy, 80);
    asked[1]?.answer.reject(new Error('no agent'));
    await settled();
    const text = linesOf(pages).join('\n');
    assert.match(text, /^summary\n[\s\S]*no agent/);
    pages.show(rowsBy, 80);
    asked[2]?.answer.resolve(['other']);
    await settled();
    assert.doesNotMatch(linesOf(pages).join('\n'), /no agent|summary/);
    assert.equal(changes(), 3);
  });

  it('follows its row in the grouping in which it was opened, and asks nothing for a row that is gone', async () => {
    const { pages, asked } = pagesWith();
    pages.open('container', row, 80);
    asked[0]?.answer.resolve(undefined);
    await settled();
    const grown = container('shop', 'cart-1', 'cart', 128);
    pages.show((by) => (by === 'container' ? [container('a', 'b', 'c', 1), grown] : []), 60);
    assert.deepEqual([asked.at(-1)?.row, asked.at(-1)?.columns], [grown, 60]);
    assert.match(linesOf(pages).join('\n'), /REAL 128Mi/);
    pages.show(() => [], 60);
    assert.equal(asked.length, 2);
    assert.match(linesOf(pages).join('\n'), /REAL 128Mi[\s\S]*not in the latest data/);
    pages.show(() => [row], 60);
    assert.doesNotMatch(linesOf(pages).join('\n'), /not in the latest data/);
  });

  it('asks again only after an answer, once for all states that came meanwhile, so answers keep their order', async () => {
    const { pages, asked } = pagesWith();
    pages.open('container', row, 80);
    for (let state = 0; state < 3; state++) pages.show(() => [row], 80);
    assert.equal(asked.length, 1);
    asked[0]?.answer.resolve(['old']);
    await settled();
    assert.deepEqual([asked.length, linesOf(pages)[0]], [2, 'old']);
    asked[1]?.answer.resolve(['new']);
    await settled();
    assert.deepEqual([asked.length, linesOf(pages)[0]], [2, 'new']);
  });

  it('scrolls by lines and by pages, and no further than its first and last line', async () => {
    const { pages, asked } = pagesWith();
    pages.open('container', row, 80);
    asked[0]?.answer.resolve(['summary', '', ...numbered(30)]);
    await settled();
    linesOf(pages, 6);
    const firstAfter = (...actions: readonly Parameters<Pages['turn']>[0][]): string | undefined => {
      for (const action of actions) assert.equal(pages.turn(action), true);
      return linesOf(pages, 6)[0];
    };
    // The summary, an empty line, the trend, an empty line, and 30 lines: 34 lines, 5 at a time.
    assert.equal(firstAfter({ kind: 'last' }), '25');
    assert.equal(firstAfter({ kind: 'move', lines: 5 }), '25');
    assert.equal(firstAfter({ kind: 'page', pages: -1 }), '21');
    assert.equal(firstAfter({ kind: 'move', lines: -1 }), '20');
    assert.equal(firstAfter({ kind: 'first' }, { kind: 'page', pages: 2 }), '4');
    assert.equal(firstAfter({ kind: 'first' }, { kind: 'move', lines: -1 }), 'summary');
  });
});

describe('the pages', () => {
  it('are a stack: back shows the page below', () => {
    const { pages } = pagesWith();
    assert.deepEqual([pages.isOpen, pages.isHelp, linesOf(pages)], [false, false, []]);
    pages.open('container', row, 80);
    pages.help();
    assert.deepEqual([pages.isOpen, pages.isHelp], [true, true]);
    assert.equal(pages.turn({ kind: 'back' }), true);
    assert.deepEqual([pages.isOpen, pages.isHelp], [true, false]);
    assert.equal(pages.turn({ kind: 'back' }), true);
    assert.deepEqual([pages.isOpen, pages.turn({ kind: 'back' })], [false, false]);
  });

  it('close the help with its own key, and leave that key of a row to the view', () => {
    const { pages } = pagesWith();
    pages.open('container', row, 80);
    assert.equal(pages.turn({ kind: 'help' }), false);
    pages.help();
    assert.equal(pages.turn({ kind: 'help' }), true);
    assert.equal(pages.isHelp, false);
  });

  it('leave keys of the list and of the view alone', () => {
    const { pages } = pagesWith();
    pages.help();
    for (const kind of ['open', 'filter', 'quit', 'redraw', 'suspend'] as const)
      assert.equal(pages.turn({ kind }), false, kind);
    assert.equal(pages.turn({ kind: 'sort', step: 1 }), false);
    assert.equal(pages.turn({ kind: 'group', by: 'pod' }), false);
    assert.equal(pages.isHelp, true);
  });

  it('update the page of a row below the help too', async () => {
    const { pages, asked } = pagesWith();
    pages.open('container', row, 80);
    asked[0]?.answer.resolve(undefined);
    await settled();
    pages.help();
    pages.show(() => [row], 80);
    assert.equal(asked.length, 2);
  });
});
