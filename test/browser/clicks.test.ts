/** What a reader does with mouse and keyboard. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madePage } from '../page/made-page.ts';
import { byTestId, column, hashOf, pages, textOf, untilText } from './opened.ts';

const row = (index: number): string => `.tbody [data-index="${index}"]`;
const data = madePage(250);

describe('with the mouse', () => {
  const open = pages();

  it('goes from the cluster to a namespace, a workload, a pod and a container, and back by the path', async (test) => {
    const { page } = await open(test, data);
    await page.click(byTestId('by-namespace'));
    await page.click(row(0));
    await untilText(page, byTestId('path'), /^Cluster\w+$/);
    await page.click(row(0));
    await page.waitForSelector(byTestId('sort-POD'));
    assert.match(await hashOf(page), /namespace=\w+&workload=\w+\/\w+/);
    await page.click(row(0));
    await page.waitForSelector(`${byTestId('sheet')}, ${byTestId('sort-CONTAINER')}`);
    if ((await page.$(byTestId('sheet'))) === null) await page.click(row(0));
    await page.waitForSelector(byTestId('picture'));
    assert.match(await textOf(page, byTestId('picture')), /kubectl top/);
    await page.click(byTestId('back'));
    await page.waitForSelector(byTestId('path'));
    await page.click(`${byTestId('path')} button`);
    await untilText(page, byTestId('count'), /^250 pods$/);
    assert.equal(await hashOf(page), '');
  });

  it('filters by name, by a figure and by a namespace', async (test) => {
    const { page } = await open(test, data);
    await page.type(byTestId('filter'), 'real%>80');
    await untilText(page, byTestId('count'), /^\d+ pods of 250$/);
    const shares = await column(page, 'REAL%');
    assert.ok(shares.length > 0 && shares.every((share) => Number.parseFloat(share) > 80), shares.join(' '));
    await page.type(byTestId('filter'), ' ns:shop');
    await page.waitForFunction(() => location.hash.includes('shop'));
    for (const name of await column(page, 'POD')) assert.match(name, /shop ·/);
    await page.type(byTestId('filter'), ' nothing-is-called-so');
    await untilText(page, byTestId('table'), /Nothing matches/);
    await page.click(`${byTestId('table')} .empty button`);
    await untilText(page, byTestId('count'), /^250 pods$/);
  });

  it('sorts by a column, and the other way at the second click', async (test) => {
    const { page } = await open(test, data);
    for (const direction of ['descending', 'ascending']) {
      await page.click(byTestId('sort-OOMS'));
      await page.waitForSelector(`[aria-sort="${direction}"] ${byTestId('sort-OOMS')}`);
      const ooms = (await column(page, 'OOMS')).map(Number);
      assert.deepEqual(
        ooms,
        ooms.toSorted((a, b) => (direction === 'descending' ? b - a : a - b)),
      );
    }
    assert.equal(await hashOf(page), '#sort=OOMS');
  });

  it('copies the command of a suggestion, as the page shows it', async (test) => {
    const { page, address, browser } = await open(test, data, { hash: '#view=suggestions' });
    await browser.defaultBrowserContext().setPermission(address, {
      permission: { name: 'clipboard-read' },
      state: 'granted',
    });
    await page.click(row(0));
    await page.waitForSelector(byTestId('suggestion'));
    await page.click(`${byTestId('suggestion')} ${byTestId('copy')}`);
    await untilText(page, `${byTestId('suggestion')} [role="status"]`, /^Copied$/);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const command = await page.$eval(`${byTestId('suggestion')} pre`, ({ textContent }) => textContent);
    assert.ok(copied.startsWith('kubectl '), copied);
    assert.equal(copied.trim(), command?.trim());
  });

  it('changes the theme, and keeps it over a reload', async (test) => {
    const { page } = await open(test, data);
    const back = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await back();
    // Auto, light, dark.
    await page.click(byTestId('theme'));
    await page.click(byTestId('theme'));
    const dark = await back();
    assert.notEqual(dark, light);
    await page.reload();
    await page.waitForSelector('main');
    assert.equal(await back(), dark);
  });

  it('restores rows, sorting, filter and an open container from the address, and with Back and Forward', async (test) => {
    const { page } = await open(test, data, { hash: '#by=container&filter=kafka&sort=-OOMS' });
    await page.waitForSelector(`[aria-sort="descending"] ${byTestId('sort-OOMS')}`);
    const before = await column(page, 'CONTAINER');
    assert.ok(before.length > 0 && before.every((name) => name.includes('kafka')), before.join());
    await page.click(row(1));
    await page.waitForSelector(byTestId('sheet'));
    const title = await textOf(page, 'h1');
    await page.goBack();
    await page.waitForSelector(row(0));
    assert.deepEqual(await column(page, 'CONTAINER'), before);
    await page.goForward();
    await page.waitForSelector(byTestId('sheet'));
    assert.equal(await textOf(page, 'h1'), title);
    await page.reload();
    await page.waitForSelector(byTestId('sheet'));
    assert.equal(await textOf(page, 'h1'), title);
  });
});

describe('with the keyboard', () => {
  const open = pages();
  const focused = (page: Parameters<typeof hashOf>[0]) =>
    page.evaluate(
      () => (document.activeElement as HTMLElement).dataset['index'] ?? document.activeElement?.tagName,
    );

  it('filters with /, opens a row with Enter, and Escape leads back to that row', async (test) => {
    const { page } = await open(test, data);
    await page.keyboard.press('/');
    await page.keyboard.type('kafka');
    await untilText(page, byTestId('count'), /^\d+ pods of 250$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '1');
    await page.keyboard.press('Enter');
    await page.waitForSelector(byTestId('sheet'));
    assert.equal(await focused(page), 'H1');
    await page.keyboard.press('Escape');
    await page.waitForSelector(byTestId('table'));
    assert.equal(await focused(page), '1');
  });

  it('moves by rows, pages, and to both ends of 5,000 rows', async (test) => {
    const { page } = await open(test, madePage(5000));
    await page.focus(row(0));
    const press = async (key: 'End' | 'Home' | 'PageDown' | 'ArrowUp', index: string): Promise<void> => {
      await page.keyboard.press(key);
      await page.waitForFunction(
        (wanted) => document.activeElement?.getAttribute('data-index') === wanted,
        {},
        index,
      );
    };
    await press('End', '4999');
    await press('ArrowUp', '4998');
    await press('Home', '0');
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() => Number(document.activeElement?.getAttribute('data-index')) > 5);
    const inDocument = (await page.$$('.tbody [role="row"]')).length;
    assert.ok(inDocument < 120, `${inDocument} rows are elements`);
  });

  it('reaches every control with Tab, and shows where the focus is', async (test) => {
    const { page } = await open(test, data);
    const seen = new Set<string>();
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        const isVisible = outlineStyle !== 'none' || boxShadow !== 'none';
        return { id: element.dataset['testid'] ?? element.tagName, isVisible };
      });
      assert.ok(at.isVisible || at.id === 'BODY', `${at.id} shows no focus`);
      seen.add(at.id);
      if (at.id === 'BODY' && seen.size > 1) break;
    }
    for (const id of ['view-suggestions', 'theme', 'by-node', 'filter', 'sort-REAL'])
      assert.ok(seen.has(id), id);
  });
});

describe('a served page', () => {
  const open = pages();

  it('shows new data, and keeps the last data with the words of the server when a refresh fails', async (test) => {
    let answers = 0;
    const answer = async () => {
      answers++;
      if (answers > 2) throw new Error('the API server does not answer');
      return answers === 1 ? data : { ...data, pods: data.pods.slice(0, 7) };
    };
    const { page, faults } = await open(test, answer);
    // Someone looks at the tab again: it refreshes at once.
    const look = (): Promise<boolean> =>
      page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await look();
    await untilText(page, byTestId('count'), /^7 pods$/);
    await look();
    await untilText(page, byTestId('status'), /Refresh fails/);
    await page.click(`${byTestId('status')} summary`);
    await untilText(page, byTestId('status'), /the API server does not answer/);
    assert.equal(await textOf(page, byTestId('count')), '7 pods');
    // Chromium logs the status 502 itself.
    assert.ok(
      faults.every((fault) => fault.includes('502')),
      faults.join('\n'),
    );
    (faults as string[]).length = 0;
  });
});
