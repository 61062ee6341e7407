/** How the page looks: phone, laptop and wide, light and dark, with 30, 250 and 5,000 pods. */
import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { madeAt, madePage } from '../page/made-page.ts';
import { openBrowser, openPage } from './chromium.ts';
import { matchesScreenshot } from './goldens.ts';
import { serveData } from './served.ts';
import { textFaults } from './text-faults.ts';

const windows = { phone: [360, 740], laptop: [1280, 800], wide: [1920, 1080] } as const;
const sizes = [30, 250, 5000] as const;
/** Each window, theme and size is in one of them. The repository stays small. */
const kept = new Set([
  'phone-light-30',
  'laptop-dark-250',
  'wide-light-5000',
  'phone-dark-250-sheet',
  'laptop-light-30-sheet',
  'laptop-light-250-suggestions',
]);
/** Outside the repository: what a person looks at. */
const shots = process.env['SCREENSHOTS'] ?? path.join(os.tmpdir(), 'realmem-screenshots');

const views = {
  '': '',
  '-sheet': '#open=SHEET',
  '-suggestions': '#view=suggestions',
} as const;

describe('the page', () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  for (const count of sizes)
    describe(`of ${count} pods`, () => {
      const data = madePage(count);
      const [pod] = data.pods;
      const sheet = `${pod?.namespace}/${pod?.name}/${pod?.containers[0]?.name}`;
      let address = '';
      const ends: (() => Promise<void>)[] = [];
      before(async () => {
        address = await serveData(
          { after: (end) => void ends.push(end as () => Promise<void>) },
          async () => data,
        );
      });
      after(() => Promise.all(ends.map((end) => end())));

      for (const [name, [width, height]] of Object.entries(windows))
        for (const theme of ['light', 'dark'] as const)
          for (const [view, hash] of Object.entries(views))
            it(`has no text over other text at ${width}×${height}, ${theme}${view}`, async () => {
              const look = { width, height, theme, at: madeAt + 30_000 };
              const { page, faults } = await openPage(
                browser,
                `${address}${hash.replace('SHEET', sheet)}`,
                look,
              );
              try {
                assert.deepEqual(await page.evaluate(textFaults), []);
                const shot = `${name}-${theme}-${count}${view}`;
                const screenshot = await page.screenshot();
                if (kept.has(shot)) matchesScreenshot(shot, screenshot, shots);
                if (process.env['SCREENSHOTS'] !== undefined)
                  await page.screenshot({ path: path.join(shots, `${shot}.png`) as `${string}.png` });
                assert.deepEqual(faults, []);
              } finally {
                await page.close();
              }
            });
    });

  it('would be found at fault with text over other text, or with a wide row', async (test) => {
    const address = await serveData(test, async () => madePage(30));
    const look = { width: 1280, height: 800, theme: 'light', at: madeAt } as const;
    const { page } = await openPage(browser, address, look);
    test.after(() => page.close());
    await page.evaluate(() => {
      const over = document.createElement('p');
      over.textContent = 'a sentence over the headline';
      Object.assign(over.style, { position: 'absolute', top: '70px', left: '30px', margin: '0' });
      const wide = document.createElement('div');
      wide.style.width = '1400px';
      wide.textContent = 'wide';
      document.querySelector('main')?.append(over, wide);
    });
    const found = (await page.evaluate(textFaults)).join('\n');
    assert.match(
      found,
      /"a sentence over the headline" and "kubectl top shows" overlap|"kubectl top shows" and "a sentence/,
    );
    assert.match(found, /the page is 14\d\d px wide in a window of 1280 px/);
  });
});
