/** 5,000 pods: filtering and sorting keep every task of the page short. Chromium's own trace says how long they take. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { madePage } from '../page/made-page.ts';
import { byTestId, pages, untilText } from './opened.ts';

/** A reader notices a longer pause. */
const longestMs = 200;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: on the clock, and on the processor. Other load on the machine makes only the first one longer. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

interface Tasks {
  readonly count: number;
  /** Milliseconds. */
  readonly longest: number;
}

/** The tasks of the page's main thread while `act` runs. */
async function tasksDuring(page: Page, act: () => Promise<void>): Promise<Tasks> {
  await page.tracing.start({
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  await act();
  const trace = await page.tracing.stop();
  const { traceEvents } = JSON.parse(Buffer.from(trace ?? []).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const times = traceEvents
    .filter(
      ({ name, ph, pid, tid }) => /(^|::)RunTask$/.test(name) && ph === 'X' && main.has(`${pid} ${tid}`),
    )
    .map(({ dur = 0, tdur = dur }) => tdur / 1000);
  return { count: times.length, longest: Math.max(...times) };
}

describe('5,000 pods', () => {
  const open = pages();
  const data = madePage(5000);
  const actions: Readonly<Record<string, (page: Page) => Promise<void>>> = {
    'filtering letter by letter': async (page) => {
      await page.type(byTestId('filter'), 'elastic real%>50');
      await untilText(page, byTestId('count'), /pods of 5,000$/);
    },
    'taking the filter away': async (page) => {
      await page.click(byTestId('filter'), { count: 3 });
      await page.keyboard.press('Backspace');
      await untilText(page, byTestId('count'), /^5,000 pods$/);
    },
    'sorting by four columns': async (page) => {
      for (const heading of ['POD', 'LIMIT', 'REAL%', 'OOMS']) {
        await page.click(byTestId(`sort-${heading}`));
        await page.waitForSelector(`[aria-sort]:not([aria-sort="none"]) ${byTestId(`sort-${heading}`)}`);
      }
    },
    'listing containers instead': async (page) => {
      await page.click(byTestId('by-container'));
      await page.waitForSelector(byTestId('sort-CONTAINER'));
    },
    'scrolling to the end': async (page) => {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForFunction(
        () => Number(document.querySelector<HTMLElement>('.tbody [role="row"]')?.dataset['index']) > 4000,
      );
    },
  };

  it(`have no task of more than ${longestMs} ms while one filters, sorts and scrolls`, async (test) => {
    const { page } = await open(test, data);
    await untilText(page, byTestId('count'), /^5,000 pods$/);
    for (const [action, act] of Object.entries(actions)) {
      const { count, longest } = await tasksDuring(page, () => act(page));
      test.diagnostic(`${action}: longest of ${count} tasks ${longest.toFixed(0)} ms`);
      assert.ok(count > 0, `${action}: the trace has no task`);
      assert.ok(longest <= longestMs, `${action}: a task takes ${longest.toFixed(0)} ms`);
    }
  });

  it('would be found slow if a task took longer', async (test) => {
    const { page } = await open(test, data);
    const { longest } = await tasksDuring(page, () =>
      page.evaluate(() => {
        let sum = 0;
        for (let step = 0; step < 2e8; step++) sum = Math.sqrt(sum + step);
      }),
    );
    assert.ok(longest > longestMs, `${longest} ms`);
  });
});
