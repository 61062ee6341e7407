import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseLimits, parseSeries, resample } from '../../src/backtest/series.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { anyText } from '../model/any-text.ts';
import { MiB, seriesOf } from './any-series.ts';

const read = (text: string, step?: number) => parseSeries('a.csv', text, { unit: 'MiB', step });

describe('parseSeries', () => {
  it('makes a series of each column, and a gap of each empty cell', () => {
    const [a, b] = read('t,a,b\n60,1,\n120,2,0.5\n180,,NaN\n');
    assert.deepEqual(
      [a?.name, [...(a?.times ?? [])], [...(a?.values ?? [])]],
      ['a', [60, 120], [MiB, 2 * MiB]],
    );
    assert.deepEqual([b?.name, [...(b?.times ?? [])], [...(b?.values ?? [])]], ['b', [120], [MiB / 2]]);
  });

  it('sorts rows by time, and takes the larger of two values at the same time', () => {
    const [a] = read('t,a\n120,2\n60,1\n120,5\n60,0\n');
    assert.deepEqual(
      [[...(a?.times ?? [])], [...(a?.values ?? [])]],
      [
        [60, 120],
        [MiB, 5 * MiB],
      ],
    );
  });

  it('counts times by the step if the file has no times', () => {
    const [a] = read('a\n1\n2\n', 30);
    assert.deepEqual([[...(a?.times ?? [])], a?.stepSeconds], [[0, 30], 30]);
  });

  it('reads the same series from seconds, milliseconds, microseconds, nanoseconds, and dates', () => {
    const at = (times: readonly (string | number)[]) =>
      read(`Time,a\n${times.map((time, index) => `${time},${index}\n`).join('')}`)[0];
    const expected = at([1714521600, 1714525200.5]);
    assert.deepEqual([...(expected?.times ?? [])], [1714521600, 1714525200.5]);
    for (const times of [
      [1714521600000, 1714525200500],
      [1714521600000000, 1714525200500000],
      ['1714521600000000000', '1714525200500000000'],
      ['1.7145216e12', '1.7145252005e12'],
      ['2024-05-01T00:00:00Z', '2024-05-01T01:00:00.5Z'],
      ['2024-05-01 00:00:00', '2024-05-01 01:00:00.500'],
      ['2024-05-01', '2024-05-01T03:00:00.5+02:00'],
      ['2024-04-30T19:00-0500', '2024-04-30T20:00:00.5-05:00'],
    ])
      assert.deepEqual(at(times), expected, String(times));
  });

  it('reads the same series from a file in milliseconds as from one in seconds', () => {
    const [seconds, milliseconds] = ['seconds', 'milliseconds'].map((name) =>
      read(fs.readFileSync(new URL(`../../fixtures/series/${name}.csv`, import.meta.url), 'utf8')),
    );
    assert.equal(seconds?.length, 2);
    assert.deepEqual(milliseconds, seconds);
  });

  it('reads a Grafana export: quoted labels that contain commas and quotes', () => {
    const [a, b] = read(
      '"Time","{container=""app"", pod=""web-1""}","{container=""app"", pod=""web-2""}"\r\n2024-05-01 00:00:00,1,2\r\n',
    );
    assert.deepEqual(
      [a?.name, b?.name, [...(b?.values ?? [])]],
      ['{container="app", pod="web-1"}', '{container="app", pod="web-2"}', [2 * MiB]],
    );
  });

  it('reads semicolons, tabs, and the `sep=` line of spreadsheets', () => {
    const expected = read('t,"a,b",c\n60,1,2\n');
    for (const text of ['t;a,b;c\n60;1;2\n', 't\ta,b\tc\n60\t1\t2\n', 'sep=;\nt;"a,b";c\n60;"1";2\n'])
      assert.deepEqual(read(text), expected, text);
  });

  it('reads all 10 series of a recorded trace', () => {
    const text = fs.readFileSync(
      new URL('../../fixtures/traces/online-boutique.csv', import.meta.url),
      'utf8',
    );
    const series = read(text);
    assert.equal(series.length, 10);
    for (const { times, stepSeconds } of series) {
      assert.equal(stepSeconds, 60);
      assert.equal(times.length, 1209);
    }
  });

  for (const [what, text, says] of [
    ['a word instead of a number', 't,a\n1,x\n', /^a\.csv:2: expected a number for a, got x$/],
    ['a negative number', 't,a\n1,-1\n', /^a\.csv:2: expected a of at least 0, got -1$/],
    ['a row that is too short', 't,a,b\n1,2\n', /^a\.csv:2: expected 3 columns as in the first line, got 2$/],
    [
      'an empty time',
      't,a\n,1\n',
      /^a\.csv:2: expected a time in seconds or milliseconds since 1970, or .*, got nothing$/,
    ],
    ['a column twice', 't,a,a\n1,2,3\n', /^a\.csv:1: expected each column once, got a twice$/],
    [
      'more than 50,000 columns',
      `t,${Array.from({ length: 200_000 }, (_, at) => `c${at}`).join(',')}\n`,
      /^a\.csv:1: expected at most 50000 series, got 200000; remove columns$/,
    ],
    [
      'a time after 2100',
      't,a\n1e300,1\n',
      /^a\.csv:2: expected a time before 2100 in seconds or milliseconds since 1970, or .*, got 1e\+300$/,
    ],
    [
      'a value above 2^53 bytes',
      't,a\n1,1e300\n',
      /^a\.csv:2: expected a of at most 2\^53 bytes, got 1e\+300$/,
    ],
    [
      'a date that does not exist',
      't,a\n2026-02-30,1\n',
      /:2: expected a time in .*milliseconds.*, got 2026-02-30$/,
    ],
    [
      'a date after a number of seconds',
      't,a\n60,1\n2026-05-01,2\n',
      /:3: expected a number, like the times before it, got/,
    ],
    [
      'seconds and milliseconds in one file',
      't,a\n1714521600,1\n1714525200000,2\n',
      /:3: expected at most 10 years from the first time to the last, got 54\.3 years; .*milliseconds$/,
    ],
    [
      'milliseconds that begin at 0',
      't,a\n0,1\n3600000,2\n7200000,3\n',
      /^a\.csv: expected at most one day between rows, got 3600000 s; .*milliseconds/,
    ],
    [
      'a quote that is not closed',
      't,"a\n1,2\n',
      /^a\.csv:1: expected a quote that closes the cell before the next comma, got "a$/,
    ],
    [
      'text after a closing quote',
      't,a\n1,"2"3\n',
      /^a\.csv:2: expected a quote that closes the cell before the next comma, got "2"3$/,
    ],
    ['no text', '', /^a\.csv: expected a header and at least one row of numbers, got no rows$/],
    [
      'no time column and no step',
      'when,a\n1,2\n',
      /^a\.csv:1: expected t or time as the first column, got "when"; pass --step SECONDS/,
    ],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => read(text), { message: says }));

  it('returns sorted series or an error that names the file, for any text', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          anyText({ maxLength: 60 }),
          fc
            .array(
              fc.array(fc.oneof(fc.integer(), anyText({ maxLength: 4 }), fc.constant('t')), { maxLength: 4 }),
              { maxLength: 5 },
            )
            .map((rows) => rows.map((row) => row.join(',')).join('\n')),
        ),
        (text) => {
          try {
            for (const { times, values } of read(text, 60)) {
              assert.equal(times.length, values.length);
              assert.ok(values.every((value) => value >= 0));
              assert.ok(times.every((at, index) => index === 0 || at > (times[index - 1] ?? at)));
            }
          } catch (error) {
            assert.ok(error instanceof LocatedError && /^a\.csv/.test(error.message), String(error));
          }
        },
      ),
    ));
});

it('parseLimits finds the limit column among others, and refuses a file without one', () => {
  const text = 'day,pod,samples,limit_min_mib,limit_median_mib\nx,a,1,5,7\nx,b,1,5,\n';
  assert.deepEqual([...parseLimits('l.csv', text, 'MiB')], [['a', 7 * MiB]]);
  assert.throws(
    () => parseLimits('l.csv', 'a,b\n1,2\n', 'MiB'),
    /l\.csv:1: expected a column series and a column limit/,
  );
});

it('resample takes the maximum of each window, and never makes a series finer', () => {
  const fine = seriesOf([1, 5, 2, 3], 60, 0);
  const coarse = resample(fine, 120);
  assert.deepEqual(
    [[...coarse.times], [...coarse.values].map((value) => value / MiB)],
    [
      [0, 120],
      [5, 3],
    ],
  );
  assert.equal(resample(fine, 60), fine);
});
