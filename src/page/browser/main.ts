/** Starts the page with the data in it, or with the data that its server gives. */
import { h, render } from 'preact';
import { printable } from '../../model/text.ts';
import type { PageData } from '../data.ts';
import { unpackPage } from '../pack.ts';
import { App } from './app.ts';
import { applyTheme } from './theme.ts';

/** How often a served page asks again, while someone looks. */
const refreshMs = 15_000;

const root = document.getElementById('app') as HTMLElement;
const embedded = document.getElementById('data')?.textContent ?? '';

let isFirst = true;

applyTheme();
if (embedded !== '') show(unpackPage(JSON.parse(embedded)), undefined);
else void follow();

function show(data: PageData, fault: string | undefined): void {
  document.title = data.name === undefined ? 'realmem' : `realmem – ${data.name}`;
  clear();
  render(h(App, { data, fault, isServed: embedded === '' }), root);
}

/** Takes away what the document shows before there is data. */
function clear(): void {
  if (isFirst) root.replaceChildren();
  isFirst = false;
}

async function follow(): Promise<void> {
  let data: PageData | undefined;
  for (;;) {
    if (document.visibilityState === 'visible')
      try {
        const answer = await fetch('data.json', { cache: 'no-store' });
        if (!answer.ok)
          throw new Error(`The server answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
        data = unpackPage(await answer.json());
        show(data, undefined);
      } catch (error) {
        const fault = printable(error instanceof Error ? error.message : String(error));
        if (data !== undefined) show(data, fault);
        else {
          clear();
          render(h('p', { class: 'fault', role: 'alert' }, `No data: ${fault}`), root);
        }
      }
    await wait();
  }
}

/** Until the next refresh is due, or someone looks at the page again. */
const wait = (): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    const timer = setTimeout(done, refreshMs);
    document.addEventListener('visibilitychange', done);
  });
