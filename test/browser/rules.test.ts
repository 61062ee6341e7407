/** What every view keeps to: accessibility by axe, the policy, hostile names, and paper. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import axe from 'axe-core';
import type { Page } from 'puppeteer-core';
import type { PageData } from '../../src/page/data.ts';
import { madePage } from '../page/made-page.ts';
import { byTestId, pages, textOf, untilText } from './opened.ts';

/** One line for each violation that axe calls serious or critical. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    const { run } = Reflect.get(globalThis, 'axe') as {
      run: () => Promise<{ violations: readonly Violation[] }>;
    };
    const found = await run();
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => {
        const [first] = nodes;
        return `${impact}: ${id}, ${nodes.length} times: ${first?.html} ${first?.failureSummary}`;
      });
  });
}

const data = madePage(250);
const [pod] = data.pods;
const sheet = `${pod?.namespace}/${pod?.name}/${pod?.containers[0]?.name}`;
const views = {
  'the list of pods': '',
  'the list of nodes': '#by=node',
  'one namespace': '#namespace=shop&by=workload',
  'a filter without a match': '#filter=nothing-is-called-so',
  'a container': `#open=${sheet}`,
  suggestions: '#view=suggestions',
} as const;

describe('axe', () => {
  const open = pages();
  for (const theme of ['light', 'dark'] as const)
    for (const [view, hash] of Object.entries(views))
      it(`finds nothing serious in ${view}, ${theme}`, async (test) => {
        const { page } = await open(test, data, { hash, theme });
        assert.deepEqual(await violations(page), []);
      });

  it('finds nothing serious at phone width', async (test) => {
    const { page } = await open(test, data, { width: 360, height: 740 });
    assert.deepEqual(await violations(page), []);
  });

  it('finds nothing serious in a report of suggestions alone, and on an empty page', async (test) => {
    const { suggestions = [], patches = [], at = 0, version } = data;
    const bare: PageData = { scope: 'cluster', at, version, nodes: [], pods: [] };
    const alone = await open(test, { ...bare, suggestions, patches });
    assert.deepEqual(await violations(alone.page), []);
    const empty = await open(test, bare);
    assert.deepEqual(await violations(empty.page), []);
  });

  it('finds a text without contrast and an input without a name, so it does run', async (test) => {
    const { page } = await open(test, data);
    await page.evaluate(() => {
      const text = document.createElement('p');
      text.textContent = 'hardly to be seen';
      text.style.color = '#eee';
      text.style.background = '#fff';
      document.querySelector('main')?.prepend(text, document.createElement('input'));
    });
    const found = (await violations(page)).join('\n');
    assert.match(found, /color-contrast/);
    assert.match(found, /label/);
  });
});

describe('requests and the policy', () => {
  const open = pages();

  it('ask for nothing but the document and its data', async (test) => {
    const { page, address, asked } = await open(test, data);
    await page.click(byTestId('view-suggestions'));
    await page.click('.tbody [data-index="0"]');
    await page.waitForSelector(byTestId('suggestion'));
    assert.deepEqual([...new Set(asked)], [address, `${address}data.json`]);
  });

  it('run no script, apply no style and load no image that someone else puts into the page', async (test) => {
    const { page, faults } = await open(test, data);
    const didRun = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.didRun = true';
      const image = document.createElement('img');
      image.src = 'http://127.0.0.1:9/pixel.png';
      const style = document.createElement('style');
      style.textContent = 'body { visibility: hidden }';
      const violation = new Promise((resolve) => image.addEventListener('error', resolve));
      document.body.append(script, style, image);
      await violation;
      return Reflect.has(globalThis, 'didRun') || getComputedStyle(document.body).visibility === 'hidden';
    });
    assert.equal(didRun, false);
    const refused = faults.join('\n');
    for (const directive of ['script-src', 'style-src', 'img-src'])
      assert.match(refused, new RegExp(directive));
    (faults as string[]).length = 0;
  });

  it('show names that are markup as text, and escape what is invisible', async (test) => {
    const evil = '</script><img src=x onerror=alert(1)>\u2028\u202e"\'`';
    const [first, ...others] = data.pods;
    assert.ok(first !== undefined);
    const containers = first.containers.map((one) => ({ ...one, name: `${one.name}${evil}` }));
    const hostile = {
      ...data,
      name: evil,
      notes: [evil],
      missing: [evil],
      pods: [
        { ...first, namespace: evil, name: evil, workload: `Deployment/${evil}`, containers },
        ...others,
      ],
      suggestions:
        data.suggestions?.map((one) => ({
          ...one,
          workload: `Deployment/${evil}`,
          because: [evil],
          doubt: evil,
        })) ?? [],
      patches: [{ namespace: evil, workload: `Deployment/${evil}`, command: evil }],
    };
    const { page } = await open(test, hostile, { hash: '#filter=onerror' });
    page.on('dialog', (dialog) => assert.fail(`a dialog opened: ${dialog.message()}`));
    await untilText(page, byTestId('count'), /^1 pod of 250$/);
    const raw = (): Promise<readonly (number | boolean)[]> =>
      page.evaluate(() => [
        document.querySelectorAll('img').length,
        /[\u2028\u202e]/.test(document.body.textContent ?? ''),
      ]);
    assert.match(await textOf(page, '.tbody'), /<\/script><img src=x onerror=alert\(1\)>\\u2028\\u202e/);
    assert.deepEqual(await raw(), [0, false]);
    await page.click('.tbody [data-index="0"]');
    await page.waitForSelector(byTestId('sheet'));
    assert.deepEqual(await raw(), [0, false]);
    await page.click(byTestId('view-suggestions'));
    await page.click('.tbody [data-index="0"]');
    await page.waitForSelector(byTestId('suggestion'));
    assert.deepEqual(await raw(), [0, false]);
  });
});

describe('on paper', () => {
  const open = pages();

  it('has all rows, and none of the controls', async (test) => {
    const { page } = await open(test, data);
    await page.emulateMediaType('print');
    await page.waitForFunction(() => document.querySelectorAll('.tbody [role="row"]').length === 250);
    const shown = await page.evaluate(() =>
      ['.search', '.levels', '.theme', '.top nav'].filter((one) =>
        document.querySelector(one)?.checkVisibility(),
      ),
    );
    assert.deepEqual(shown, []);
    const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(back, 'rgb(255, 255, 255)');
  });

  it('is white also for a reader of the dark page, and has several sheets that hold every pod', async (test) => {
    const { page } = await open(test, data, { theme: 'dark' });
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    const sheets = [
      ...Buffer.from(pdf)
        .toString('latin1')
        .matchAll(/\/Type\s*\/Page\b/g),
    ].length;
    // 250 rows of 44 px do not fit on fewer, and would not need more than this.
    assert.ok(sheets >= 8 && sheets <= 20, `${sheets} sheets`);
  });
});
