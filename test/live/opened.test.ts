import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Opened, openedLines } from '../../src/live/opened.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { BarOptions } from '../../src/render/bars.ts';
import type { Row } from '../../src/render/row.ts';
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

describe('the lines of an opened row', () => {
  const row = (usage: Row['usage'], more: Partial<Row> = {}): Row => ({
    ...{ labels: {}, target: 'shop/cart-1/cart', usage },
    ...more,
  });
  const linesOf = (opened: Partial<Opened>, options: Partial<BarOptions> = {}): readonly string[] =>
    openedLines(
      { row: row({}), isGone: false, seen: [], lines: undefined, fault: undefined, ...opened },
      { colour: false, ascii: true, columns: 80, ...options },
    );
  const figuresOf = (usage: Row['usage'], more: Partial<Row> = {}, columns = 120): readonly string[] => {
    const lines = linesOf({ row: row(usage, more) }, { columns });
    return lines.slice(1, lines.indexOf(''));
  };
  const Mi = mebibytes;

  it('have no limit and no bar without figures', () =>
    assert.deepEqual(figuresOf({}), ['REAL -   no limit   kubectl top -']));

  it('have every figure of the row that is known', () =>
    assert.equal(
      figuresOf(
        { realBytes: Mi(64), limitBytes: Mi(256), peakRealBytes: Mi(80), oomKills: 0 },
        { kubectlTop: Mi(100), pods: 3, node: 'node\u001b' },
      )[0],
      'REAL 64Mi of 256Mi (25.00%)   PEAK 80Mi   kubectl top 100Mi   OOM kills: 0   pods: 3   node node\\u001b',
    ));

  it('break between figures only', () =>
    assert.deepEqual(figuresOf({ limitBytes: Mi(256), peakRealBytes: Mi(80) }, {}, 24), [
      'REAL - of 256Mi',
      'PEAK 80Mi',
      'kubectl top -',
    ]));

  for (const [what, real, usage, limit, bar] of [
    ['real, page cache and free memory', 20, 50, 100, '##..._____'],
    ['a cell for each part that is not empty', 1 / 1024, 2 / 1024, 1, '#.________'],
    ['no room for page cache where real fills the bar', 99, 100, undefined, '##########'],
    ['no free memory where usage is above the limit', 50, 100, 80, '#####.....'],
    ['real and free memory where usage is not known', 30, undefined, 60, '#####_____'],
    ['real alone without a limit', 30, undefined, undefined, '##########'],
    ['nothing where all is 0', 0, 0, undefined, '__________'],
  ] as const)
    it(`have a bar with ${what}`, () => {
      const lines = figuresOf(
        {
          realBytes: Mi(real),
          ...(usage !== undefined && { usageBytes: Mi(usage) }),
          ...(limit !== undefined && { limitBytes: Mi(limit) }),
        },
        {},
        10,
      );
      assert.ok(lines.includes(bar), lines.join('\n'));
    });

  it('have a bar of 100 cells at most', () => {
    const lines = figuresOf({ realBytes: Mi(30) }, {}, 500);
    assert.ok(lines.includes('#'.repeat(100)), lines.join('\n'));
  });

  it('name only parts that are known', () => {
    assert.deepEqual(figuresOf({ realBytes: Mi(30) }).slice(2), ['# real 30Mi']);
    assert.deepEqual(figuresOf({ realBytes: Mi(30), limitBytes: Mi(20) }).slice(2), [
      '# real 30Mi   _ free up to the limit 0',
    ]);
  });

  it('have a trend from the second window on, and say where it has gaps', () => {
    const trendOf = (...seen: Opened['seen']): readonly string[] => linesOf({ seen }).slice(3);
    const none = ['The trend of its real memory appears after some seconds.'];
    assert.deepEqual(trendOf(), none);
    assert.deepEqual(trendOf(Mi(1), undefined), none);
    assert.deepEqual(trendOf(Mi(100), Mi(200)), ['REAL in the last 20 s: 100Mi to 200Mi', '_#']);
    assert.deepEqual(trendOf(Mi(100), undefined, Mi(200)), [
      'REAL in the last 30 s: 100Mi to 200Mi (gaps: no reading)',
      '_ #',
    ]);
  });

  it('have a suggestion for the request, the limit, both or none', () => {
    const of = (suggest: Row['suggest']): readonly string[] =>
      linesOf({ row: row({ requestBytes: Mi(64) }, { suggest }) }).slice(4);
    assert.deepEqual(of({ requestBytes: Mi(32) }), ['REQUEST 64Mi, suggested 32Mi']);
    assert.deepEqual(of({ limitBytes: Mi(80) }), ['LIMIT -, suggested 80Mi']);
    assert.deepEqual(of({ requestBytes: Mi(32), limitBytes: Mi(80) }), [
      'REQUEST 64Mi, suggested 32Mi   LIMIT -, suggested 80Mi',
    ]);
    assert.deepEqual(of({}), []);
    assert.deepEqual(of(undefined), []);
  });

  it('end with what fails, cut to 1,000 characters and wrapped', () => {
    const lines = linesOf(
      { fault: 'no agent '.repeat(500), isGone: true, lines: ['summary'] },
      { columns: 40 },
    );
    assert.equal(lines[0], 'summary');
    const fault = lines.slice(lines.indexOf('It is not in the latest data any more.') + 2);
    assert.ok(
      fault.every((line) => line.length <= 40),
      fault.join('\n'),
    );
    const { length } = fault.join(' ');
    assert.ok(length > 990 && length <= 1_000, `${length}`);
  });
});
