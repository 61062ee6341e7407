import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { matchesGolden } from '../golden.ts';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const traces = new URL('../../fixtures/traces/', import.meta.url).pathname;
const boutique = path.join(traces, 'online-boutique.csv');
const limits = path.join(traces, 'limits/online-boutique.csv');
const golden = (name: string): URL => new URL(`goldens/${name}`, import.meta.url);

describe('realmem backtest', () => {
  it('prints the golden comparison of a recorded trace', async () => {
    const { code, stdout } = await run(['backtest', boutique, '--update', 'hourly', '--limits', limits]);
    assert.equal(code, 0);
    matchesGolden(golden('backtest.txt'), stdout);
  });

  it('draws the golden frontiers with -o svg', async () => {
    // The default margins and some lower ones draw dots and frontiers as all 45 do, which the table replays.
    const few = ['--margins', '0.3,0.6,1,1.1,1.125,1.15,3', '--resamples', '0'];
    const { stdout } = await run(['backtest', boutique, '--update', 'hourly', '-o', 'svg', ...few]);
    matchesGolden(golden('backtest.svg'), stdout);
  });

  it('prints an entry per policy and margin with -o json', async () => {
    const args = ['--update', 'hourly', '--policy', 'krr,vpa', '--margins', '1,1.15', '-o', 'json'];
    const { stdout } = await run(['backtest', boutique, ...args]);
    const found = JSON.parse(stdout) as readonly Record<string, unknown>[];
    assert.deepEqual(
      found.map(({ policy, margin }) => [policy, margin]),
      [
        ['vpa', 1],
        ['vpa', 1.15],
        ['krr', 1],
        ['krr', 1.15],
      ],
    );
    for (const one of found)
      assert.deepEqual(Object.keys(one), [
        ...['policy', 'margin', 'slack', 'oomPerDay', 'oomFreeDaysPct', 'changesPerDay', 'series', 'days'],
        'slackByteSeconds',
      ]);
  });

  it('lists the margins of --margins, even without the default one', async () => {
    const args = ['--update', 'hourly', '--policy', 'krr', '--margins', '1,1.5', '--resamples', '0'];
    const { stdout } = await run(['backtest', boutique, ...args]);
    assert.match(stdout, /^10 series, 6 container-days\. Each policy at the margins of --margins:\n/);
    assert.match(stdout, /^krr +1 /m);
    assert.match(stdout, /^krr +1\.5 /m);
  });

  it('reads gzip files, and separates columns of the same name by their files', async (test) => {
    const directory = tempDir(test);
    const files = ['a', 'b'].map((name) => path.join(directory, `${name}.csv.gz`));
    const rows = Array.from({ length: 600 }, (_, index) => `${index * 60},${index % 50}\n`);
    for (const file of files) fs.writeFileSync(file, gzipSync(`t,used\n${rows.join('')}`));
    const args = ['--update', 'hourly', '--warm-up', '1', '--policy', 'krr', '-o', 'json', '--margins', '1'];
    const { stdout } = await run(['backtest', ...files, ...args]);
    assert.equal((JSON.parse(stdout) as [{ series: number }])[0].series, 2);
  });

  for (const [args, says] of [
    [[], /FILE is required: realmem backtest FILE/],
    [
      [boutique],
      /expected a series longer than the warm-up of 168 h, got 10 shorter ones; pass a shorter --warm-up/,
    ],
    [[boutique, '--policy', 'vpa,kr'], /--policy: expected one of realmem, vpa, krr, .*, got "kr"/],
    [[boutique, '--margins', 'x'], /--margins: expected a number of at least -100, got "x"/],
    [[boutique, '--unit', 'MB'], /--unit: expected one of B, KiB, MiB, ratio, got "MB"/],
    [['/nowhere.csv'], /\/nowhere\.csv: expected a readable file, got ENOENT/],
  ] as const)
    it(`exits with 2 and a reason: ${args.slice(1).join(' ') || args[0] || 'without a file'}`, async () => {
      const { code, stderr } = await run(['backtest', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
});
