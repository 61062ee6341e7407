import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import { container, mebibytes, openView, stateOf } from './opened-view.ts';

const usage = {
  realBytes: mebibytes(300),
  usageBytes: mebibytes(500),
  limitBytes: mebibytes(1_000),
  requestBytes: mebibytes(64),
};
const at = (time: number, real = 300) =>
  stateOf(
    {
      container: [
        container('shop', 'cart-1', 'cart', real, {
          usage: { ...usage, realBytes: mebibytes(real) },
          suggest: { requestBytes: mebibytes(320), limitBytes: mebibytes(400) },
        }),
      ],
    },
    { at: time },
  );

describe('the page of a row', () => {
  it('shows a bar of real, page cache and free memory, and a suggestion', async () => {
    const { screen, show, press } = openView({ size: [50, 24] });
    show(at(0));
    press('return');
    await screen.shows(/suggested/);
    assert.deepEqual(
      screen.lines.slice(0, 10).map((line) => line.trimEnd()),
      [
        'shop/cart-1/cart',
        'REAL 300Mi of 1000Mi (30.00%)   kubectl top -',
        'node node-1',
        `${'█'.repeat(15)}${'░'.repeat(10)}${'·'.repeat(25)}`,
        '█ real 300Mi',
        '░ page cache that the kernel can drop 200Mi',
        '· free up to the limit 500Mi',
        '',
        'The trend of its real memory appears after some seconds.',
        'REQUEST 64Mi, suggested 320Mi',
      ].map((line) => line.slice(0, 50)),
    );
  });

  it('draws what the view has seen in the last ten minutes, a character for ten seconds', async () => {
    const { screen, show, press } = openView();
    for (const [index, real] of [100, 200, 300, 400, 500, 600, 700, 800].entries())
      show(at(index * 10_000, real));
    press('return');
    await screen.shows(/▁▂▃▄▅▆▇█/);
    assert.match(screen.text, /REAL in the last 1 min: 100Mi to 800Mi/);
    show(at(700_000, 800));
    await screen.shows(/^REAL in the last 10 min: 800Mi to 800Mi|appears after/m);
  });

  it('shows the lines of the source instead of its own figures, with the trend after their first paragraph', async () => {
    const { screen, show, press } = openView({
      detail: async (row, columns) => [`explained ${row.target} in ${columns}`, '', 'more'],
    });
    show(at(0));
    press('return');
    await screen.shows(/^explained shop\/cart-1\/cart in 80/m);
    assert.match(screen.text, /explained.*\n\s*\nThe trend.*\n(.*\n)+more/);
  });

  it('says why the source knows no more', async () => {
    const { screen, show, press } = openView({
      detail: () => Promise.reject(new Error('no agent \u001b[2J there')),
    });
    show(at(0));
    press('return');
    await screen.shows(/no agent \\u001b\[2J there/);
  });

  it('says that the row has gone, and keeps its last figures', async () => {
    const { screen, show, press } = openView();
    show(at(0));
    press('return');
    await screen.shows(/REAL 300Mi/);
    show(stateOf({ container: [] }));
    await screen.shows(/not in the latest data/);
    assert.match(screen.text, /REAL 300Mi/);
  });

  it('scrolls a long page, and says how much is below', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}.`);
    const { screen, show, press } = openView({ size: [60, 10], detail: async () => lines });
    show(at(0));
    press('return');
    await screen.shows(/\d+ more lines/);
    press('G');
    await screen.shows(/suggested/);
    press('g');
    await screen.shows(/^line 0\./m);
    press('j');
    await screen.shows((one) => !/^line 0\./m.test(one.text));
    press('q');
  });

  it('quits with q and goes back with Esc', async () => {
    const { show, press, screen, ended } = openView();
    show(at(0));
    press('return', 'escape');
    await screen.shows(/1 container /);
    press('return', 'q');
    await ended;
  });

  it('draws an empty bar for a limit of zero, and no bar without figures', async () => {
    const { screen, show, press } = openView();
    show(
      stateOf({
        container: [container('a', 'b', 'c', 0, { usage: { realBytes: bytes(0), limitBytes: bytes(0) } })],
      }),
    );
    press('return');
    await screen.shows(/REAL 0/);
    show(stateOf({ container: [container('a', 'b', 'c', 0, { usage: {} })] }));
    await screen.shows(/REAL - /);
  });
});
