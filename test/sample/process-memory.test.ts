import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseSmapsRollup, parseStatm } from '../../src/sample/process-memory.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const fileOf = (host: string, file: string): string =>
  fs.readFileSync(new URL(`../../fixtures/hosts/${host}/root/proc/${file}`, import.meta.url), 'utf8');

const server = fileOf('docker-v1', '7665/smaps_rollup');

const parsePages = (text: string) => parseStatm('/proc/7/statm', bytesOf(text));
const parsePss = (text: string) => parseSmapsRollup('/proc/7/smaps_rollup', bytesOf(text));

describe('parseStatm', () => {
  it('returns pages: size, resident, shared', () =>
    assert.deepEqual(parsePages('765 441 413 5 0 123 0\n'), {
      sizePages: 765,
      residentPages: 441,
      sharedPages: 413,
    }));

  for (const text of ['', '1 2\n', '1 2 x\n', '1 2 -3\n', `1 2 ${'9'.repeat(400)}\n`, '1  2 3\n'])
    it(`rejects ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(faultOf(() => parsePages(text)).detail.line, 1));

  it('gives values or a located error for any bytes', () =>
    valueOrFault('765 441 413 5 0 123 0\n', parseStatm, (value) => Object.values(value)));

  it('returns the pages of a recorded process', () => {
    const text = fileOf('kubernetes-v2-systemd', '2535/statm');
    const [sizePages, residentPages, sharedPages] = text.split(' ').map(Number);
    assert.deepEqual(parsePages(text), { sizePages, residentPages, sharedPages });
  });

  it('returns 0 pages for a kernel thread, which has no memory', () =>
    assert.deepEqual(parsePages('0 0 0 0 0 0 0\n'), { sizePages: 0, residentPages: 0, sharedPages: 0 }));

  it('accepts three fields, and a file without its final newline', () =>
    assert.deepEqual(parsePages('1 2 3'), { sizePages: 1, residentPages: 2, sharedPages: 3 }));

  it('accepts the largest safe integer and refuses the next', () => {
    assert.equal(parsePages(`${2 ** 53 - 1} 2 3\n`).sizePages, 2 ** 53 - 1);
    assert.equal(faultOf(() => parsePages(`${2 ** 53} 2 3\n`)).detail.line, 1);
  });

  it('refuses a malformed field after the third, a second line, a sign, hexadecimal and a fraction', () => {
    for (const text of [
      '1 2 3 x\n',
      '1 2 3\n4 5 6\n',
      '+1 2 3\n',
      '0x1 2 3\n',
      '1.0 2 3\n',
      '1e3 2 3\n',
      ' 1 2 3\n',
      '1 2 3 \n',
    ])
      assert.equal(faultOf(() => parsePages(text)).detail.where, '/proc/7/statm', text);
  });

  it('quotes the malformed line in its error', () =>
    assert.deepEqual(
      [faultOf(() => parsePages('1 2 x\n')).detail.expected, faultOf(() => parsePages('1 2 x\n')).detail.got],
      ['numbers of pages: size resident shared …', '"1 2 x"'],
    ));
});

describe('parseSmapsRollup', () => {
  it('returns the PSS of a process', () =>
    assert.equal(parsePss('x [rollup]\nRss: 9 kB\nPss:      266 kB\n'), 266 * 1024));

  it('takes no part of the PSS for the whole', () =>
    assert.equal(faultOf(() => parsePss('Pss_Anon: 3 kB\n')).detail.expected, '"Pss: number kB"'));

  it('returns undefined for a process without memory', () => assert.equal(parsePss(''), undefined));

  it('names the malformed line', () => {
    const { detail } = faultOf(() => parsePss('Rss: 9 kB\nPss: many kB\n'));
    assert.deepEqual([detail.line, detail.got], [2, '"Pss: many kB"']);
  });

  it('gives a value or a located error for any bytes', () =>
    valueOrFault(server, parseSmapsRollup, (value) => (value === undefined ? [] : [value])));

  it('returns the PSS of a recorded process', () => {
    const size = Number(/^Pss: +(\d+) kB$/m.exec(server)?.[1]);
    assert.equal(parsePss(server), size * 1024);
  });

  it('returns 0 bytes for a PSS of 0 kB: that is a size, not absence', () =>
    assert.equal(parsePss('Pss: 0 kB\n'), 0));

  it('returns the whole PSS when a part of it precedes it', () =>
    assert.equal(parsePss('Pss_Dirty: 3 kB\nPss: 9 kB\n'), 9 * 1024));

  it('returns the first of two PSS lines', () => assert.equal(parsePss('Pss: 1 kB\nPss: 2 kB\n'), 1024));

  it('refuses a PSS in another unit, negative, without a number, or above the safe integers', () => {
    for (const line of [
      'Pss: 3 MB',
      'Pss: -3 kB',
      'Pss: kB',
      'Pss:3 kB',
      'Pss: 3 kB x',
      `Pss: ${2 ** 43} kB`,
      `Pss: ${'9'.repeat(400)} kB`,
    ])
      assert.equal(faultOf(() => parsePss(`${line}\n`)).detail.line, 1, line);
    assert.equal(parsePss(`Pss: ${2 ** 43 - 1} kB\n`), 2 ** 53 - 1024);
  });

  it('counts the lines of a file without a PSS line, and names no line', () => {
    const { detail } = faultOf(() => parsePss('x [rollup]\nRss: 9 kB\n'));
    assert.deepEqual(
      [detail.where, detail.line, detail.got],
      ['/proc/7/smaps_rollup', undefined, '3 other lines'],
    );
  });
});
