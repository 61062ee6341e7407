/** Real commands and a real agent's site, opened by a reader who knows nothing about realmem. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { Health } from '../../src/agent/health.ts';
import { tickOnce } from '../../src/agent/replay.ts';
import { reportSite } from '../../src/agent/serve.ts';
import { openNode } from '../../src/agent/source.ts';
import { listen } from '../../src/http/listener.ts';
import { historiesOf } from '../cli/page/histories.ts';
import { run, start } from '../cli/run.ts';
import { tempDir } from '../temp.ts';
import { openBrowser, openPage } from './chromium.ts';
import { byTestId, textOf, untilText } from './opened.ts';

const fixtures = new URL('../../fixtures/', import.meta.url).pathname;
const root = `${fixtures}hosts/kubernetes-v2-systemd/root`;
const look = { width: 1280, height: 800, theme: 'light', at: Date.parse('2026-11-26T00:28:00Z') } as const;

describe('a page that someone opens', () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  async function opened(test: TestContext, address: string): Promise<Page> {
    const { page, faults, asked } = await openPage(browser, address, look);
    test.after(() => page.close());
    test.after(() => {
      assert.deepEqual(faults, []);
      if (address.startsWith('file:')) assert.deepEqual(asked, [address], 'a file asks for nothing');
    });
    return page;
  }

  /** Writes the output of a command to a file, as a shell does. */
  async function written(test: TestContext, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stderr], [0, '']);
    const file = path.join(tempDir(test), 'page.html');
    fs.writeFileSync(file, stdout);
    return pathToFileURL(file).href;
  }

  /** What a newcomer wants to know of a pod: why kubectl top shows more, and how near the limit is. */
  async function readReader(page: Page): Promise<void> {
    await page.type(byTestId('filter'), 'reader');
    await untilText(page, byTestId('count'), /^1 pod of \d+$/);
    await page.click('.tbody [data-index="0"]');
    await page.waitForSelector(byTestId('picture'));
    assert.match(await textOf(page, byTestId('sheet')), /Really uses 22Mi, 9% of its limit 256Mi/);
    assert.match(await textOf(page, byTestId('picture')), /kubectl top.*82Mi/);
  }

  it('as a file of top -o html, which says why kubectl top shows more', async (test) => {
    const page = await opened(test, await written(test, 'top', '--root', root, '-o', 'html'));
    assert.match(await page.title(), /realmem/);
    await readReader(page);
  });

  it('from realmem ui, over a recording, with every tool and its formula on demand', async (test) => {
    const running = start(['ui', '--port', '0', '--root', root]);
    const [address = ''] = await running.prints(/http:\S+/);
    test.after(async () => {
      running.kill('SIGTERM');
      await running.ended;
    });
    const page = await opened(test, address);
    await readReader(page);
    await page.click(byTestId('every-tool'));
    await untilText(page, '.every-tool', /docker stats.*memory\.current − inactive_file/);
  });

  it('from an agent at /ui, over its last report', async (test) => {
    const node = openNode({ root }, []);
    const health = new Health(5_000, 0);
    health.ticked(await tickOnce(node, look.at), 0, 10);
    node.host.close();
    const listener = await listen({ host: '127.0.0.1', port: 0 }, reportSite(health));
    test.after(() => listener.close());
    await readReader(await opened(test, `http://${listener.address}/ui`));
  });

  it('as a file of suggest -o html: the total, what to set, why, and the command', async (test) => {
    const histories = historiesOf(test, 'Deployment/cart');
    const page = await opened(test, await written(test, 'suggest', '--history', histories, '-o', 'html'));
    await untilText(page, 'h1', /Suggested:/);
    await page.click('.tbody [data-index="0"]');
    await page.waitForSelector(byTestId('suggestion'));
    assert.match(await textOf(page, byTestId('suggestion')), /Request.*→.*p95 of the 5-minute peaks/s);
    assert.match(
      await textOf(page, byTestId('history')),
      /^Largest real of each day, [0-9-]+ to [0-9-]+: \d+Mi.*suggested limit \d+Mi$/,
    );
  });

  it('as a file of a host whose cgroups nobody could read: it says that there are no figures', async (test) => {
    const host = `${fixtures}hosts/article-meminfo/root`;
    const page = await opened(test, await written(test, 'top', '--root', host, '-o', 'html'));
    assert.match(await textOf(page, 'main'), /No figures here/);
  });
});
