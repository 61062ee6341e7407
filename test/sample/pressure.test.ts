import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Pressure, parsePressure, parseStalled } from '../../src/sample/pressure.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const text = `some avg10=1.50 avg60=2.25 avg300=0.75 total=157622151
full avg10=0.00 avg60=0.50 avg300=0.00 total=9283729
`;

const parse = (from: string): Pressure => parsePressure('/a/memory.pressure', bytesOf(from));

describe('parsePressure', () => {
  it('returns the percentages of the last 60 s', () =>
    assert.deepEqual(parse(text), { some: 2.25, full: 0.5 }));

  it('keeps the zeros of an idle cgroup', () =>
    assert.deepEqual(parse(text.replace('avg60=2.25', 'avg60=0.00')), { some: 0, full: 0.5 }));

  it('accepts 100 percent', () =>
    assert.equal(parse('some avg10=100.00 avg60=100.00 avg300=100.00 total=1\n').some, 100));

  it('leaves out a line that is missing', () => {
    assert.deepEqual(parse(text.split('\n')[0] ?? ''), { some: 2.25 });
    assert.deepEqual(parse(''), {});
  });

  const broken = [
    `some avg10=1.50 avg60=${'9'.repeat(400)}.00 avg300=0.75 total=1`,
    'some avg10=1.50 avg60=2.25 avg300=0.75',
    'some avg10=1.50 avg60= avg300=0.75 total=1',
    'some avg10=1.50 avg60=-2.25 avg300=0.75 total=1',
    'some avg10=1.50 avg60=2 avg300=0.75 total=1',
    'some avg10=1.50\tavg60=2.25 avg300=0.75 total=1',
    'some avg10=1.50 avg60=2.25 avg300=0.75 total=1\r',
    'most avg10=1.50 avg60=2.25 avg300=0.75 total=1',
    ' some avg10=1.50 avg60=2.25 avg300=0.75 total=1',
  ];
  for (const line of broken)
    it(`rejects the line ${JSON.stringify(line.slice(0, 60))}`, () => {
      const { detail } = faultOf(() => parse(`${text}${line}\n`));
      assert.equal(detail.where, '/a/memory.pressure');
      assert.equal(detail.line, 3);
      assert.match(detail.got, /avg10/);
    });

  it('gives values or a located error for any bytes', () =>
    valueOrFault(text, parsePressure, (value) => Object.values(value)));
});

describe('parseStalled', () => {
  const stalled = (from: string): number | undefined => parseStalled('/a/memory.pressure', bytesOf(from));

  it('returns the milliseconds in which some task waited', () => assert.equal(stalled(text), 157_622.151));

  it('is undefined without that line', () => assert.equal(stalled(text.split('\n')[1] ?? ''), undefined));
});
