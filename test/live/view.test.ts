/** Keys and states in, frames out. test/live/keys.test.ts presses keys on a terminal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { View, type ViewOptions } from '../../src/live/view.ts';
import { keyOf } from './fake-terminal.ts';
import { container, shop, stateOf } from './opened-view.ts';

function viewOf(options: Partial<ViewOptions> = {}): View {
  return new View({
    ...{ by: 'container', sortBy: 'real', colour: false, ascii: true, now: () => 0 },
    detail: async () => undefined,
    changed: () => {},
    ...options,
  });
}

function shopView(...keys: readonly string[]): View {
  const view = viewOf();
  view.show(shop);
  press(view, ...keys);
  return view;
}

const press = (view: View, ...keys: readonly string[]) => keys.map((key) => view.key(keyOf(key)));
const linesOf = (view: View): readonly string[] =>
  view.frame({ lines: 20, columns: 100 }).map(({ text }) => text.trimEnd());
/** What is listed, in which order. */
const status = (view: View): string => linesOf(view)[2] ?? '';
const selected = (view: View): string =>
  view.frame({ lines: 20, columns: 100 }).find(({ base }) => base === '7')?.text ?? '';

describe('the view', () => {
  it('lists nothing before the first state, and still quits, helps and suspends', () => {
    const view = viewOf();
    assert.ok(linesOf(view).includes('Reading …'));
    assert.deepEqual(press(view, 'return', 'escape', 'ctrl-z', 'q'), [
      undefined,
      undefined,
      'suspend',
      'quit',
    ]);
    assert.deepEqual(press(view, '?', 'q'), ['draw', 'quit']);
  });

  it('counts nothing before the first state', () => {
    const view = viewOf();
    assert.equal(view.frame({ lines: 20, columns: 100 })[0]?.text, 'sort real');
  });

  it('says that there are no rows, before the notes of the source', () => {
    const view = viewOf();
    view.show(stateOf({}, { notes: ['May not list.'] }));
    const lines = linesOf(view);
    assert.deepEqual(lines.slice(lines.indexOf('No rows.'), -1), ['No rows.', 'May not list.']);
    assert.equal(view.key(keyOf('return')), undefined);
  });

  for (const [keys, sorted] of [
    [['s'], 'real%'],
    [['S'], 'name'],
    [['S', 'S'], 'ooms'],
    [['S', 's'], 'real'],
  ] as const)
    it(`sorts by ${sorted} after ${keys.join(' ')}`, () =>
      assert.match(status(shopView(...keys)), new RegExp(`sort ${sorted}(?= {3})`)));

  it('cycles through all orders once, never through the second name of real', () => {
    const view = shopView();
    const orders = Array.from({ length: 10 }, () => {
      press(view, 's');
      return /sort (\S+)/.exec(status(view))?.[1];
    });
    assert.deepEqual([new Set(orders).size, orders.at(-1)], [10, 'real']);
    assert.ok(!orders.includes('memory'));
  });

  it('asks for a whole new screen with Ctrl-L, on a page and in the filter too', () => {
    assert.deepEqual(press(shopView(), 'ctrl-l'), ['draw anew']);
    assert.deepEqual(press(shopView('return'), 'ctrl-l'), ['draw anew']);
    assert.deepEqual(press(shopView('/', 'x'), 'ctrl-l', 'ctrl-z', 'ctrl-c'), [
      'draw anew',
      'suspend',
      'quit',
    ]);
  });

  it('shows the help over the page of a row, and goes back step by step', () => {
    const view = shopView('return');
    assert.equal(linesOf(view)[0], 'shop/cart-1/cart');
    press(view, '?');
    assert.equal(linesOf(view)[0], 'Keys');
    press(view, 'escape');
    assert.equal(linesOf(view)[0], 'shop/cart-1/cart');
    press(view, 'escape');
    assert.match(status(view), /^3 containers/);
  });

  it('ignores keys of the list on a page', () => {
    const view = shopView('return');
    assert.deepEqual(press(view, 's', '2', '/', 'tab'), [undefined, undefined, undefined, undefined]);
    press(view, 'escape');
    assert.match(status(view), /^3 containers {3}sort real /);
  });
});

describe('the way back', () => {
  it('clears the filter first, then returns to the row that was opened, with the filter of that time', () => {
    const view = shopView('2', '/', 'c', 'a', 'r', 't', 'return', 'j', 'return', '/', 'c', 'return');
    assert.match(status(view), /^1 container {3}of pod shop\/cart-2 {3}filter c /);
    press(view, 'escape');
    assert.match(status(view), /^1 container {3}of pod shop\/cart-2 {3}sort/);
    press(view, 'escape');
    assert.match(status(view), /^2 of 3 pods {3}filter cart/);
    assert.match(selected(view), /cart-2/);
    press(view, 'escape');
    assert.match(status(view), /^3 pods {3}sort/);
    assert.equal(view.key(keyOf('escape')), undefined);
  });

  it('goes through two opened rows', () => {
    const view = shopView('4', 'return', 'return');
    assert.match(status(view), /of pod shop\/cart-1/);
    press(view, 'left');
    assert.match(status(view), /^2 pods {3}of namespace shop/);
    press(view, 'left');
    assert.match(status(view), /^2 namespaces/);
  });

  for (const key of ['2', 'tab'])
    it(`is forgotten when ${key} lists other rows, and the scope with it`, () => {
      const view = shopView('4', 'return', key);
      assert.doesNotMatch(status(view), /of namespace/);
      assert.equal(view.key(keyOf('escape')), undefined);
    });
});

describe('the line of the filter', () => {
  it('moves the selected row with the arrows', () => {
    const view = shopView('/', 'down');
    assert.match(selected(view), /ledger-1/);
    press(view, 'up');
    assert.match(selected(view), /cart-1/);
  });

  it('takes back a whole character', () => {
    const view = shopView('/', '😀', '界');
    assert.match(status(view), /filter 😀界/);
    press(view, 'backspace');
    assert.match(status(view), /filter 😀 /);
    press(view, 'backspace');
    assert.doesNotMatch(status(view), /filter/);
    // Still open: the next Backspace closes it.
    press(view, 'q', 'backspace', 'backspace');
    assert.deepEqual(press(view, 'q'), ['quit']);
  });

  it('takes 100 characters, and ignores more and keys that type nothing', () => {
    const view = shopView('/', ...Array.from({ length: 100 }, () => 'a'));
    assert.deepEqual(press(view, 'b', 'f12', 'ctrl-x'), [undefined, undefined, undefined]);
    press(view, 'backspace', 'b');
    press(view, 'return');
    assert.match(view.frame({ lines: 20, columns: 200 })[2]?.text ?? '', /filter a{99}b {3}/);
  });

  it('is empty after Ctrl-U, and stays open', () => {
    const view = shopView('/', 'l', 'e', 'd', 'ctrl-u', 'b', 'a', 'n', 'k');
    assert.match(status(view), /^1 of 3 containers {3}filter bank/);
  });

  it('says how to clear a filter that no name contains, and still shows the notes', () => {
    const view = viewOf({ filter: 'xyz' });
    view.show({ ...shop, notes: ['May not list.'] });
    const lines = linesOf(view);
    const at = lines.indexOf('No name contains the filter. Esc clears it.');
    assert.equal(lines[at + 1], 'May not list.');
    press(view, 'escape');
    assert.match(status(view), /^3 containers/);
  });

  it('keeps matching rows of new states', () => {
    const view = shopView('/', 'c', 'a', 'r', 't', 'return');
    view.show(stateOf({ container: [container('shop', 'cart-9', 'cart', 5), container('a', 'b', 'c', 9)] }));
    assert.match(status(view), /^1 of 2 containers/);
  });
});
