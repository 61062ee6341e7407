import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, openView, shop, stateOf } from './opened-view.ts';

const rows = shop.rows('container');

describe('the live view on a screen', () => {
  for (const [columns, lines, row, keys] of [
    [80, 24, /cart-1 {5}cart {8}300Mi/, true],
    [40, 8, /cart-1.*300Mi/, true],
    [10, 3, /cart/, true],
    [200, 60, /cart-1 {5}cart {8}300Mi/, true],
    [20, 2, /cart/, false],
    [5, 1, /car/, false],
    [1, 1, /^[^ ]/, false],
  ] as const)
    it(`of ${columns}×${lines} has a selected row, and ${keys ? '' : 'no '}keys`, async () => {
      const { screen, show } = openView({ size: [columns, lines] });
      show(shop);
      await screen.shows(({ selected }) => row.test(selected ?? ''));
      assert.equal(/^q quit/m.test(screen.text), keys);
      assert.equal(screen.lines.length, lines);
    });

  it('follows the window to each size, also while a frame is being written', async () => {
    const { screen, show, resize, press } = openView();
    show(shop);
    resize(40, 8);
    press('j');
    resize(100, 30);
    resize(10, 3);
    show(shop);
    resize(60, 12);
    await screen.shows(
      ({ selected, lines }) => /ledger-1/.test(selected ?? '') && /^q quit/.test(lines[11] ?? ''),
    );
    assert.equal(screen.lines.filter((line) => line.includes('cart-1')).length, 1);
  });

  it('has a size of 80×24 where the terminal does not tell one', async () => {
    const { screen, show } = openView({ size: [80, 24], hidesSize: true });
    show(shop);
    await screen.shows(/cart-1/);
    assert.match(screen.lines[23] ?? '', /^q quit/);
  });

  it('shows the page and the help in one line, too', async () => {
    const { screen, show, press } = openView({ size: [30, 1] });
    show(shop);
    await screen.shows(/cart/);
    press('?');
    await screen.shows(/^Keys/);
    press('escape', 'return');
    await screen.shows(/^shop\/cart-1\/cart/);
  });

  it('keeps columns where they are while the reader scrolls', async () => {
    const long = container('shop', 'a-pod-with-a-long-name', 'main', 900);
    const { screen, show, press } = openView({ size: [80, 6] });
    show(stateOf({ container: [long, ...rows] }));
    await screen.shows(/long-name/);
    const before = screen.lines.find((line) => line.startsWith('NAMESPACE'));
    press('G');
    await screen.shows((one) => !one.text.includes('long-name'));
    assert.equal(
      screen.lines.find((line) => line.startsWith('NAMESPACE')),
      before,
    );
  });
});

describe('names that users chose', () => {
  const names = [
    ['an escape sequence', '\u001b[2Jevil', /\\u001b\[2Jevil/],
    ['a title of the window', '\u001b]0;evil\u0007', /\\u001b\]0;evil\\u0007/],
    ['a line break', 'two\nlines', /two\\u000alines/],
    ['right-to-left marks', 'a\u202eb', /a\\u202eb/],
    ['Hebrew', 'שלום', /שלום/],
    ['wide characters', '数据库服务', /数据库服务/],
    ['a combining mark', 'cafe\u0301', /cafe\u0301/],
  ] as const;

  for (const [what, name, shown] of names)
    it(`with ${what} show as they are or escaped, in the list, the filter and the page`, async () => {
      const { screen, show, press } = openView({ size: [100, 20] });
      show(stateOf({ container: [container('shop', name, 'main', 100)] }, { title: [name], notes: [name] }));
      await screen.shows(/100Mi/);
      for (const line of [screen.lines[0], screen.selected, screen.lines.at(-2)])
        assert.match(line ?? '', shown);
      assert.match(screen.selected ?? '', /main +100Mi/);
      press('return');
      await screen.shows(/trend/);
      assert.match(screen.lines[0] ?? '', shown);
    });

  it('of a thousand characters leave room for the figures', async () => {
    const { screen, show } = openView();
    show(stateOf({ container: [container('n'.repeat(1_000), 'p'.repeat(1_000), '界'.repeat(1_000), 100)] }));
    await screen.shows(({ selected }) =>
      /n….*p….*界….*100Mi/.test((selected ?? '').replace(/([np界])+/g, '$1')),
    );
    assert.equal(screen.lines.filter((line) => line.includes('100Mi')).length, 1);
  });
});

describe('what the live view says', () => {
  it('is that it reads, until the first state comes', async () => {
    const { screen } = openView();
    await screen.shows(/Reading …/);
  });

  it('has the age of data that is not new', async () => {
    let time = 0;
    const { screen, show, second } = openView({ now: () => time });
    show(shop);
    await screen.shows(/00:00:00Z$|00:00:00Z +$/m);
    time = 75_000;
    second();
    await screen.shows(/00:00:00Z, 1 min ago/);
  });

  it('has the notes of the source, wrapped', async () => {
    const { screen, show } = openView({ size: [40, 20] });
    show({ ...shop, notes: ['Not updated: dial tcp 10.0.0.1:443: connection refused, and nothing else.'] });
    await screen.shows(/Not updated: dial tcp 10\.0\.0\.1:443:\s+connection refused/);
    assert.match(screen.text, /cart-1/);
  });

  it('has colours for a row that needs attention, and a mark', async () => {
    const { screen, show } = openView({ colour: true });
    show(stateOf({ container: [...rows, container('a', 'b', 'c', 1, { verdict: 'OOMKilled' })] }));
    await screen.shows(/● +a/);
    assert.ok(screen.written.includes('\u001b[0;1;31m●'));
  });

  it('has a mark of ASCII where the locale has no UTF-8', async () => {
    const { screen, show } = openView({ ascii: true });
    show(stateOf({ container: [...rows, container('a', 'b', 'c', 1, { verdict: 'OOMKilled' })] }));
    await screen.shows(/! +a/);
  });
});

describe('the live view ends', () => {
  it('with the error of its source', async () => {
    const { ended, fail, show } = openView();
    show(shop);
    fail(new Error('the host has gone'));
    await assert.rejects(ended, /the host has gone/);
  });

  it('with an error of its own, also in a handler of keys', async () => {
    const { ended, show, press } = openView();
    const broken = Object.defineProperty(container('a', 'b', 'c', 1), 'node', {
      get() {
        throw new Error('no node');
      },
    });
    show({ ...shop, rows: (by) => (by === 'container' ? [...rows, broken] : []) });
    press('/', 'x');
    await assert.rejects(ended, /no node/);
  });

  it('when the terminal goes', async () => {
    const { ended, hangUp } = openView();
    hangUp();
    await ended;
  });

  it('with a signal', async () => {
    const signal = Promise.withResolvers<string>();
    const { ended } = openView({ until: signal.promise });
    signal.resolve('SIGTERM');
    await ended;
  });
});
