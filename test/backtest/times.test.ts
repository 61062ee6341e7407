import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isTimeColumn, Times } from '../../src/backtest/times.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { anyText } from '../model/any-text.ts';

function secondsOf(...cells: readonly string[]): readonly number[] {
  const times = new Times('a.csv');
  for (const [index, cell] of cells.entries()) times.add(index + 2, cell);
  return times.seconds();
}

const may = 1_777_593_600;

describe('isTimeColumn', () => {
  it('accepts the names that recorders use, in any case', () => {
    for (const name of ['t', 'T', 'time', '_time', 'Time', 'timestamp', 'date', 'datetime', 'DateTime'])
      assert.ok(isTimeColumn(name), name);
  });

  it('refuses names that only contain one of them, no name and no column', () => {
    for (const name of ['times', 'uptime', 'time ', 'date_time', '_t', '', undefined])
      assert.ok(!isTimeColumn(name), String(name));
  });
});

describe('Times, for numbers', () => {
  it('returns nothing without rows', () => assert.deepEqual(secondsOf(), []));

  it('keeps the order of the rows, and equal times', () =>
    assert.deepEqual(secondsOf('180', '60', '60', ' 120 '), [180, 60, 60, 120]));

  it('accepts a sign, a fraction and an exponent', () =>
    assert.deepEqual(secondsOf('+1', '-1', '.5', '1.', '1.5e1', '2E+1'), [1, -1, 0.5, 1, 15, 20]));

  it('reads the latest time of a unit as that unit, and the next as the finer one', () => {
    assert.deepEqual(secondsOf('4102444800'), [4_102_444_800]);
    assert.deepEqual(secondsOf('4102444801'), [4_102_444.801]);
    assert.deepEqual(secondsOf('4102444800000'), [4_102_444_800]);
    assert.deepEqual(secondsOf('4102444800001'), [4_102_444.800001]);
    assert.deepEqual(secondsOf('4102444800000000'), [4_102_444_800]);
    assert.deepEqual(secondsOf('4102444800000000000'), [4_102_444_800]);
  });

  it('picks the unit by the time farthest from 1970, on both sides', () => {
    assert.deepEqual(secondsOf('-5000000000', '1000'), [-5_000_000, 1]);
    assert.deepEqual(secondsOf('0', '5000000000'), [0, 5_000_000]);
  });

  it('refuses a time that is after 2100 even in nanoseconds, with its line', () => {
    for (const cell of ['4102444800000001000', '1e400', '-1e400'])
      assert.throws(
        () => secondsOf('1', cell, '2'),
        /^.*a\.csv:3: expected a time before 2100 in seconds or/,
        cell,
      );
  });

  it('accepts 10 years of 365.25 days from first to last, and refuses a second more', () => {
    assert.equal(secondsOf('0', '315576000').length, 2);
    assert.throws(
      () => secondsOf('315576001', '0'),
      /a\.csv:2: expected at most 10 years from the first time to the last, got 10\.0 years; write all times/,
    );
  });

  it('refuses text that is not a number in decimal digits', () => {
    for (const cell of ['NaN', 'Infinity', '0x10', '1_000', '1,5', '--1', 'e5', '.'])
      assert.throws(
        () => secondsOf(cell),
        /a\.csv:2: expected a time in seconds or milliseconds since 1970/,
        cell,
      );
  });

  it('says that an empty cell contains nothing', () =>
    assert.throws(() => secondsOf('1', ' '), /a\.csv:3: expected a time in .*, got nothing$/));
});

describe('Times, for dates', () => {
  it('reads a date without a time as midnight UTC', () => assert.deepEqual(secondsOf('2026-05-01'), [may]));

  it('reads hours and minutes, seconds, and a fraction after a point or a comma', () =>
    assert.deepEqual(
      secondsOf(
        '2026-05-01T01:02',
        '2026-05-01 01:02:03',
        '2026-05-01T01:02:03.25',
        '2026-05-01t01:02:03,25z',
      ),
      [may + 3720, may + 3723, may + 3723.25, may + 3723.25],
    ));

  it('subtracts the offset of a zone, with and without a colon, a space and a sign', () =>
    assert.deepEqual(
      secondsOf(
        '2026-05-01T02:30+02:30',
        '2026-05-01T02:30:00 +0230',
        '2026-04-30T19:00:00-05:00',
        '2026-05-01T00:00:00 UTC',
        '2026-05-01T00:00:00Z',
      ),
      new Array(5).fill(may),
    ));

  it('reads 24:00 as the next midnight, and second 60 as the next minute', () =>
    assert.deepEqual(secondsOf('2026-04-30T24:00:00', '2026-04-30T23:59:60'), [may, may]));

  it('reads 29 February of a leap year, and refuses it in another year', () => {
    assert.deepEqual(secondsOf('2028-02-29'), [1_835_395_200]);
    assert.throws(() => secondsOf('2026-02-29'), /expected a time in .*, got 2026-02-29$/);
  });

  for (const cell of [
    '2026-13-01',
    '2026-00-01',
    '2026-04-31',
    '2026-05-01T25:00',
    '2026-05-01T24:30',
    '2026-05-01T24:00:01',
    '2026-05-01T00:60',
    '2026-05-01T00:00:61',
    '2026-05-01T00:00:00+24:00',
    '2026-05-01T00:00:00+02:60',
    '2026-5-1',
    '01.05.2026',
    '2026-05-01T',
    '2026-05-01T00:00:00 CET',
    '2026-05-01T00:00:00.1234567890',
  ])
    it(`refuses ${cell}`, () =>
      assert.throws(() => secondsOf(cell), /a\.csv:2: expected a time in seconds or milliseconds/));

  it('refuses a date after 2100, and accepts its first midnight', () => {
    assert.deepEqual(secondsOf('2100-01-01'), [4_102_444_800]);
    assert.throws(() => secondsOf('2100-01-02'), /a\.csv:2: expected a time before 2100/);
  });

  it('refuses a number among dates, and a date among numbers', () => {
    assert.throws(
      () => secondsOf('2026-05-01', '5'),
      /a\.csv:3: expected a date, like the times before it, got 5$/,
    );
    assert.throws(
      () => secondsOf('5', '2026-05-01'),
      /a\.csv:3: expected a number, like the times before it/,
    );
  });
});

describe('Times, for any text', () => {
  it('returns one finite time per row, or an error that names the file', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            anyText({ maxLength: 30 }),
            fc.double().map(String),
            fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
          ),
          { maxLength: 4 },
        ),
        (cells) => {
          try {
            const seconds = secondsOf(...cells);
            assert.equal(seconds.length, cells.length);
            assert.ok(seconds.every((at) => Math.abs(at) <= 4_102_444_800));
          } catch (error) {
            assert.ok(error instanceof LocatedError && /^a\.csv/.test(error.message), String(error));
          }
        },
      ),
    ));

  it('reads each date of a decade as what Date makes of it', () =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        (date) => {
          const [at = Number.NaN] = secondsOf(date.toISOString());
          assert.ok(Math.abs(at - date.getTime() / 1000) < 1e-6);
        },
      ),
    ));
});
