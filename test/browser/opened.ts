/** One browser for all tests of a file, and a page of made data for each test. */
import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import type { PageData } from '../../src/page/data.ts';
import { madeAt } from '../page/made-page.ts';
import { type Look, openBrowser, openPage, type Watched } from './chromium.ts';
import { serveData } from './served.ts';

export interface Opened extends Watched {
  readonly address: string;
  readonly browser: Browser;
}

export type Open = (
  test: TestContext,
  data: PageData | (() => Promise<PageData>),
  how?: Partial<Look> & { readonly hash?: string },
) => Promise<Opened>;

/** Call it in a suite. After each test: no fault, unless the test expects one. */
export function pages(): Open {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());
  return async (test, data, { hash = '', ...look } = {}) => {
    const address = await serveData(test, typeof data === 'function' ? data : async () => data);
    const usual: Look = { width: 1280, height: 800, theme: 'light', at: madeAt + 30_000 };
    const watched = await openPage(browser, `${address}${hash}`, { ...usual, ...look });
    test.after(() => watched.page.close());
    test.after(() => assert.deepEqual(watched.faults, [], 'faults of the page'));
    return { ...watched, address, browser };
  };
}

export const byTestId = (id: string): string => `[data-testid="${id}"]`;

export const hashOf = (page: Page): Promise<string> => page.evaluate(() => decodeURIComponent(location.hash));

/** Texts of one column in the rows that the page shows, from the top. */
export const column = (page: Page, heading: string): Promise<readonly string[]> =>
  page.evaluate((wanted) => {
    const heads = [...document.querySelectorAll('.thead [role="columnheader"]')];
    const index = heads.findIndex((head) => head.textContent?.replace(/[▾▴]/, '') === wanted);
    return [...document.querySelectorAll<HTMLElement>('.tbody [role="row"]')]
      .toSorted((a, b) => Number(a.dataset['index']) - Number(b.dataset['index']))
      .map((row) => row.children[index]?.textContent ?? '');
  }, heading);

export const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? '');

/** Waits until the text of an element matches. */
export async function untilText(page: Page, selector: string, pattern: RegExp): Promise<void> {
  await page.waitForFunction(
    (wanted, source, flags) =>
      new RegExp(source, flags).test(document.querySelector(wanted)?.textContent ?? ''),
    {},
    ...([selector, pattern.source, pattern.flags] as const),
  );
}
