import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import type { Explanation, KnownProbe } from '../../src/inspect/explanation.ts';
import { renderShort, type ShortOptions } from '../../src/inspect/short.ts';
import { widthOf } from '../../src/layout/width.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';
import type { ToolReading } from '../../src/render/tool-reading.ts';
import { anyText } from '../model/any-text.ts';

const mebibyte = 2 ** 20;
const mi = (n: number) => bytes(n * mebibyte);

const kubectl: ToolReading = {
  ...{ tool: 'kubectl top --containers', version: '1.30', writing: 'kubectl', formula: 'a', value: mi(90) },
  ...{ why: 'long', brief: { label: 'kubectl top', why: 'keeps active page cache' } },
};
const docker: ToolReading = {
  ...{ ...kubectl, tool: 'docker stats', writing: 'binary', whole: mi(128) },
  brief: { label: 'docker stats', why: 'keeps active page cache' },
};
const processes: ToolReading = {
  ...{ tool: 'top, RES', version: '4', writing: 'KiB', formula: 'b', missing: 'no processes here' },
  ...{ why: 'long', brief: { label: 'top: RSS', why: 'counts twice' } },
};
const unusual: ToolReading = { tool: 'coroot', version: '1', writing: 'bytes', why: 'long', value: 5 };

const usual: MemoryUsage = {
  ...{ usageBytes: mi(100), realBytes: mi(64), workingSetBytes: mi(90), limitBytes: mi(128) },
};

const explained = (usage: MemoryUsage = usual, more: Partial<Explanation> = {}): Explanation => ({
  ...{ name: 'shop/cart/cart', cgroup: '/kubepods/a/b', where: 'cgroup v2   Linux 6.1', parts: [] },
  ...{ usage, lru: 'classic', faults: [], tools: [docker, kubectl, unusual, processes] },
  ...more,
});

const screen = { columns: 80, colour: false, ascii: false };
const render = (one = explained(), options: Partial<ShortOptions> = {}): readonly string[] =>
  renderShort(one, { ...screen, ...options }).split('\n');

describe('renderShort', () => {
  it('says in five lines what is left, what other tools show and what to type next', () => {
    const lines = render();
    assert.deepEqual(lines.toSpliced(3, 1).slice(0, 5), [
      'shop/cart/cart   cgroup v2   Linux 6.1',
      'REAL 64Mi of 128Mi (50.00%)   64Mi left until the OOM killer',
      'kubectl top 90Mi, docker stats 90MiB: + 26Mi page cache that the kernel can drop',
      'Next: add --all for every tool, or realmem ps shop/cart/cart',
      '',
    ]);
  });

  it('draws real and page cache on the scale of the limit', () => {
    const [, , , bar = ''] = render();
    const cells = (char: string): number => bar.split('▕')[0]?.split(char).length ?? 0;
    // 64, 36 and 28 of 128 on 45 characters.
    assert.deepEqual([cells('█') - 1, cells('░') - 1, cells(' ') - 1], [23, 12, 10]);
    assert.match(bar, /▕ limit 128Mi {3}█ real ░ page cache$/);
    assert.match(render(explained({ ...usual, realBytes: mi(0) }))[3] ?? '', /^░/);
    assert.match(render(explained(), { ascii: true })[3] ?? '', /^#+\.+ +\| limit 128Mi {3}# real/);
  });

  describe('with a probe', () => {
    const probe = {
      ...{ at: Date.UTC(2026, 10, 30) / 1000, neededCacheBytes: 9 * mebibyte, coldCacheBytes: 0 },
      ...{ errorBytes: 0, watchedSeconds: 60 },
    };
    const shown = (more: Partial<KnownProbe>, usage = usual, options: Partial<ShortOptions> = {}) =>
      render(explained(usage, { probe: { ...probe, ...more } }), { columns: 120, ...options });

    it('says how much of the page cache of now is needed and how much is cold', () => {
      assert.equal(shown({})[3], 'PAGE CACHE 36Mi = 9Mi needed + 27Mi cold (probe on 2026-11-30)');
      assert.equal(
        shown({ pod: 'cart-2', old: 'roll-out', isAtMost: true })[3],
        'PAGE CACHE 36Mi = at most 9Mi needed + 27Mi cold (old probe of cart-2 on 2026-11-30: before the last roll-out)',
      );
      assert.equal(
        shown({ neededCacheBytes: 2 ** 40 })[3],
        'PAGE CACHE 36Mi = 36Mi needed + 0 cold (probe on 2026-11-30)',
      );
    });

    it('draws the needed cache apart', () => {
      const bar = shown({})[4] ?? '';
      const cells = (char: string): number => (bar.split('▕')[0]?.split(char).length ?? 1) - 1;
      assert.ok(cells('█') > 2 * cells('░') && cells('░') > 2 * cells('▒') && cells('▒') > 0, bar);
      assert.match(bar, /█ real ▒ needed ░ cold page cache$/);
      assert.match(shown({}, usual, { ascii: true })[4] ?? '', /^#+:+\.+ +\| limit 128Mi/);
      assert.doesNotMatch(shown({ neededCacheBytes: 0 })[4]?.split('▕')[0] ?? '', /▒/);
    });

    it('shows nothing of it where usage is unknown', () =>
      assert.doesNotMatch(shown({}, {}).join('\n'), /PAGE CACHE/));
  });

  it('points to the probe where one is possible and a tenth of usage is page cache', () => {
    const next = (usage: MemoryUsage, more: Partial<Explanation> = { mayProbe: true }) =>
      render(explained(usage, more), { columns: 160 }).join(' ');
    assert.match(
      next(usual),
      /, realmem probe shop\/cart\/cart for the page cache that it needs, or realmem ps/,
    );
    assert.doesNotMatch(next({ ...usual, realBytes: mi(90) }), /probe/);
    assert.doesNotMatch(next(usual, {}), /probe/);
  });

  for (const [what, usage, says] of [
    ['no limit', { limitBytes: undefined }, /^REAL 64Mi {3}no limit: the OOM killer acts when/],
    ['real at 90 % of its limit', { limitBytes: mi(70) }, /NEAR ITS LIMIT: 6Mi left until the OOM killer$/],
    ['real above its limit', { limitBytes: mi(32) }, /NEAR ITS LIMIT: 0 left until the OOM killer$/],
    ["an ancestor's limit", { limitFrom: '/kubepods' }, /at most 64Mi left until the OOM killer$/],
    [
      'memory.high',
      { highBytes: mi(80) },
      /^REAL 64Mi of 80Mi .* {3}16Mi left until memory\.high throttles it$/,
    ],
    [
      'memory.high with waiting processes',
      { highBytes: mi(80), highEvents: 7, psiSomeAvg60: 50 },
      /THROTTLED: the kernel slows it at memory\.high$/,
    ],
    ['OOM kills', { oomKills: 3 }, /OOM killer {3}OOM kills: 3$/],
    ['unknown real', { realBytes: undefined }, /^REAL unknown of 128Mi$/],
  ] as const)
    it(`says what follows from ${what}`, () => {
      const { limitBytes, realBytes, ...rest } = { ...usual, ...usage };
      const given = { ...rest, ...(limitBytes && { limitBytes }), ...(realBytes && { realBytes }) };
      assert.match(render(explained(given))[1] ?? '', says);
    });

  it('names the ancestor whose limit it is', () =>
    assert.match(
      render(explained({ ...usual, limitFrom: '/kubepods/pod1' })).join('\n'),
      /^The limit is that of \/kubepods\/pod1: all cgroups below it share it\.$/m,
    ));

  it('says so if other tools show the same as real, or less', () => {
    assert.match(render(explained({ ...usual, workingSetBytes: mi(64) }))[2] ?? '', /: = real: /);
    assert.match(render(explained({ ...usual, workingSetBytes: mi(60) }))[2] ?? '', /: − 4Mi: /);
    const { workingSetBytes: _, ...unknown } = usual;
    assert.equal(render(explained(unknown, { tools: [] }))[2], 'kubectl top unknown');
  });

  it('lists the tools that most people know, with one reason for those that agree', () => {
    const at = render().findIndex((line) => line.startsWith('TOOL'));
    assert.deepEqual(
      render()
        .slice(at, at + 7)
        .map((line) => line.replaceAll(/ {3,}/g, '   ')),
      [
        'TOOL   SHOWS   VS REAL',
        'kubectl top   90Mi   +26Mi',
        'docker stats   90MiB / 128MiB  70.31%   +26Mi',
        '  keeps active page cache',
        'top: RSS   -   -',
        '  unknown: no processes here',
        '',
      ],
    );
  });

  it('offers a TARGET that a shell takes as one word, and the call that the reader used', () => {
    const next = (target: string): string =>
      render(explained(usual, { target }), { program: 'kubectl realmem' })[4] ?? '';
    assert.match(next('web'), /or kubectl realmem ps web$/);
    assert.match(next("/a b's"), /ps '\/a b'\\''s'$/);
    assert.match(next('x'.repeat(70)), /ps TARGET$/);
  });

  const owner = { namespace: 'shop', workload: 'Deployment/cart' };
  const inCluster = { program: 'kubectl realmem', suggests: true };
  const nextOf = (usage: MemoryUsage, more: Partial<Explanation>, options: Partial<ShortOptions> = {}) =>
    render(explained(usage, more), { columns: 300, ...inCluster, ...options }).find((line) =>
      line.startsWith('Next: '),
    );

  it('offers suggest first for a container near its limit or killed, in a cluster', () => {
    const suggest = 'kubectl realmem suggest -n shop Deployment/cart';
    const whole = `Next: ${suggest}, add --all for every tool, or kubectl realmem ps shop/cart/cart`;
    assert.equal(nextOf({ ...usual, limitBytes: mi(66) }, { owner }), whole);
    assert.equal(nextOf({ ...usual, oomKills: 1 }, { owner }), whole);
    const without = 'Next: add --all for every tool, or kubectl realmem ps shop/cart/cart';
    assert.equal(nextOf(usual, { owner }), without);
    assert.equal(nextOf({ ...usual, oomKills: 1 }, {}), without);
    assert.equal(nextOf({ ...usual, oomKills: 1 }, { owner }, { suggests: false }), without);
  });

  it('does not offer ps where the processes are hidden', () => {
    assert.equal(nextOf(usual, { owner, hidesProcesses: true }), 'Next: add --all for every tool');
    assert.equal(
      nextOf({ ...usual, oomKills: 1 }, { owner, hidesProcesses: true }),
      'Next: kubectl realmem suggest -n shop Deployment/cart, or add --all for every tool',
    );
  });

  it('leaves the last line of the five to a screen with keys of its own', () => {
    assert.equal(render(explained(), { next: 'p processes' })[4], 'p processes');
    assert.equal(render(explained(), { next: '' })[4], '');
  });

  /** Every text of others in one explanation. */
  const foreign = (text: string): Explanation =>
    explained(
      { ...usual, limitFrom: `/${text}` },
      { name: text, cgroup: `/${text}`, where: text, target: text, faults: [text] },
    );

  const assertFits = (one: Explanation, columns: number, colour: boolean): void => {
    for (const line of render(one, { columns, colour })) {
      const plain = stripVTControlCharacters(line);
      assert.ok(widthOf(plain) <= columns, line);
      assert.doesNotMatch(plain, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }
  };

  for (const columns of [40, 60, 80, 120, 200])
    it(`is never wider than ${columns} characters, whatever the length of names`, () => {
      for (const length of [1, 39, 78, 300])
        for (const colour of [false, true]) assertFits(foreign('x'.repeat(length)), columns, colour);
    });

  it('escapes the text of others, and is not wider for it', () =>
    fc.assert(
      fc.property(
        anyText({ maxLength: 60 }),
        fc.integer({ min: 40, max: 200 }),
        fc.boolean(),
        (text, columns, colour) => assertFits(foreign(text), columns, colour),
      ),
    ));
});
