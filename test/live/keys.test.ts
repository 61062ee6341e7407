import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { widthOf } from '../../src/layout/width.ts';
import { helpLines } from '../../src/live/keys.ts';
import { manyContainers } from './many.ts';
import { container, type OpenedView, openView, shop, stateOf } from './opened-view.ts';

async function opened(...keys: readonly string[]): Promise<OpenedView> {
  const view = openView();
  view.show(shop);
  await view.screen.shows(/cart-1/);
  view.press(...keys);
  return view;
}

const selects = (name: RegExp) => (screen: OpenedView['screen']) => name.test(screen.selected ?? '');

describe('the list of the live view', () => {
  it('shows the title, what is listed, a table with the first row selected, and the keys', async () => {
    const { screen } = await opened();
    assert.deepEqual(
      screen.lines.slice(0, 7).map((line) => line.trimEnd()),
      [
        'CLUSTER 2 nodes',
        'REAL 3Gi of 8Gi (38%)',
        '3 containers   sort real   00:00:00Z',
        'NAMESPACE   POD        CONTAINER    REAL   LIMIT   REAL%   NODE',
        'shop        cart-1     cart        300Mi       -       -   node-1',
        'bank        ledger-1   ledger      200Mi       -       -   node-2',
        'shop        cart-2     cart        100Mi       -       -   node-1',
      ],
    );
    assert.match(screen.lines.at(-1) ?? '', /^q quit {3}\? help {3}\/ filter/);
    assert.match(screen.selected ?? '', /cart-1/);
  });

  for (const [keys, row] of [
    [['j'], /ledger-1/],
    [['down', 'down'], /cart-2/],
    [['down', 'down', 'down', 'down'], /cart-2/],
    [['j', 'j', 'k'], /ledger-1/],
    [['G'], /cart-2/],
    [['end', 'up'], /ledger-1/],
    [['G', 'g'], /cart-1/],
    [['G', 'home'], /cart-1/],
    [['ctrl-n'], /ledger-1/],
  ] as const)
    it(`selects ${row.source} after ${keys.join(' ')}`, async () => {
      const { screen } = await opened(...keys);
      await screen.shows(selects(row));
    });

  it('scrolls by a page, and shows the selected row always', async () => {
    const view = openView({ size: [80, 10] });
    view.show(manyContainers(100));
    await view.screen.shows(/100 containers/);
    for (const key of ['pagedown', 'pagedown', ' ', 'pageup', 'G', 'k', 'ctrl-b', 'ctrl-f', 'g']) {
      const before = view.screen.selected;
      view.press(key);
      await view.screen.shows(({ selected }) => selected !== undefined && selected !== before);
    }
  });

  it('filters names while the reader types, whatever their case, and keeps the filter after Enter', async () => {
    const view = await opened('/', 'L', 'E', 'D');
    await view.screen.shows(/1 of 3 containers {3}filter LED/);
    assert.doesNotMatch(view.screen.text, /cart/);
    assert.match(view.screen.lines.at(-1) ?? '', /^\/LED {4}Enter keep {3}Esc clear/);
    view.press('return');
    await view.screen.shows(/^q quit/m);
    assert.match(view.screen.text, /filter LED/);
    view.press('escape');
    await view.screen.shows(/^3 containers/m);
  });

  it('types q and s into the filter, and takes characters back', async () => {
    const { screen, press } = await opened('/', 'q', 's', 'backspace', 'backspace', 'c', 'a');
    await screen.shows(/2 of 3 containers {3}filter ca/);
    press('escape');
    await screen.shows(/^3 containers {3}sort/m);
    press('/', 'x', 'ctrl-u', 'backspace');
    await screen.shows(/^q quit/m);
  });

  it('says so when no name contains the filter', async () => {
    const { screen } = await opened('/', 'x', 'y', 'z');
    await screen.shows(/No name contains the filter/);
  });

  it('finds rows by the name of their node', async () => {
    const { screen } = await opened('/', 'n', 'o', 'd', 'e', '-', '2');
    await screen.shows(/1 of 3 containers/);
    assert.match(screen.text, /ledger/);
  });

  it('sorts by the next column with s and by the one before with S, and shows which', async () => {
    const { screen, press } = await opened('s');
    await screen.shows(/sort real%/);
    press('S', 'S');
    await screen.shows(/sort name/);
    assert.match(screen.lines[4] ?? '', /ledger/);
    press('s');
    await screen.shows(/sort real /);
  });

  it('lists pods, workloads, namespaces, nodes and containers with 1 to 5, and with Tab', async () => {
    const { screen, press } = await opened();
    for (const [key, line] of [
      ['2', /^3 pods/m],
      ['3', /^2 workloads/m],
      ['4', /^2 namespaces/m],
      ['5', /^2 nodes/m],
      ['1', /^3 containers/m],
      ['tab', /^3 pods/m],
      ['shift-tab', /^3 containers/m],
      ['shift-tab', /^2 nodes/m],
    ] as const) {
      press(key);
      await screen.shows(line);
    }
  });

  for (const [keys, listed] of [
    [['4', 'return'], /^2 pods {3}of namespace shop/m],
    [['4', 'return', 'return'], /^1 container {3}of pod shop\/cart-1/m],
    [['3', 'j', 'return'], /^1 pod {3}of workload bank\/Deployment\/ledger/m],
    [['5', 'right'], /^2 pods {3}of node node-1/m],
    [['2', 'return'], /^1 container {3}of pod shop\/cart-1/m],
  ] as const)
    it(`lists what belongs to the row: ${keys.join(' ')}`, async () => {
      const { screen } = await opened(...keys);
      await screen.shows(listed);
    });

  it('goes back to the row that was opened', async () => {
    const { screen, press } = await opened('4', 'j', 'return');
    await screen.shows(/of namespace bank/);
    press('escape');
    await screen.shows(/^2 namespaces/m);
    assert.match(screen.selected ?? '', /bank/);
  });

  it('shows the keys with ? and goes back with Esc', async () => {
    const { screen, press } = await opened('?');
    await screen.shows(/Ctrl-Z/);
    press('escape');
    await screen.shows(/cart-1/);
  });

  for (const columns of [20, 40, 60, 80, 200])
    it(`wraps the help to ${columns} columns, and explains marks and verdicts`, () => {
      const lines = helpLines(columns, false);
      for (const line of lines) assert.ok(widthOf(line) <= columns, line);
      const text = lines.join(' ').replaceAll(/\s+/g, ' ');
      assert.match(text, /● act now: OOM killed, or near the limit/);
      assert.match(text, /Learning less than a day of history/);
    });

  it('leaves out the column of the namespace where all pods are of one', async () => {
    const view = openView({ oneNamespace: true });
    view.show(shop);
    await view.screen.shows(/cart-1/);
    assert.doesNotMatch(view.screen.text, /NAMESPACE/);
    view.press('4');
    await view.screen.shows(/^NAMESPACE /m);
  });

  for (const key of ['q', 'ctrl-c'])
    it(`ends with ${key}`, async () => {
      const { ended } = await opened(key);
      await ended;
    });

  it('ends with Ctrl-C while the reader types a filter', async () => {
    const { ended } = await opened('/', 'ctrl-c');
    await ended;
  });

  it('suspends with Ctrl-Z', async () => {
    const { suspended } = await opened('ctrl-z');
    assert.equal(suspended(), 1);
  });

  it('draws everything anew with Ctrl-L', async () => {
    const { screen, press } = await opened();
    const before = screen.written.length;
    press('ctrl-l');
    await screen.shows(({ written }) => written.slice(before).includes('cart-1'));
  });

  it('ignores other keys', async () => {
    const { screen, press, second } = await opened();
    const before = screen.written;
    press('x', '9', '0', 'f12', '', 'ctrl-x', 'backspace', 'escape');
    second();
    press('2');
    await screen.shows(/3 pods/);
    assert.equal(screen.written.slice(0, before.length), before);
  });

  it('follows the selected row to its new place', async () => {
    const { screen, show } = await opened('j');
    await screen.shows(selects(/ledger/));
    show(stateOf({ container: [...shop.rows('container'), container('a', 'b', 'c', 5_000)] }));
    await screen.shows(/5000Mi|4\.9Gi/);
    assert.match(screen.selected ?? '', /ledger/);
  });

  it('keeps the first place selected when a larger row comes', async () => {
    const { screen, show } = await opened();
    show(stateOf({ container: [...shop.rows('container'), container('a', 'b', 'c', 5_000)] }));
    await screen.shows(selects(/4\.9Gi/));
  });
});
