import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { Meminfo } from '../../src/model/meminfo.ts';
import { parseMeminfo } from '../../src/sample/meminfo.ts';
import { bytesOf, faultOf, valueOrFault } from './any-bytes.ts';

const founding = fs.readFileSync(
  new URL('../../fixtures/hosts/founding-document-meminfo/root/proc/meminfo', import.meta.url),
  'utf8',
);

const smallest = 'MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 10 kB\nCached: 200 kB\n';

const parse = (text: string): Meminfo => parseMeminfo('/proc/meminfo', bytesOf(text));

describe('/proc/meminfo', () => {
  it('is the founding document’s, in bytes', () =>
    assert.deepEqual(parse(founding), {
      memTotal: 264_420_684 * 1024,
      memFree: 50_566_436 * 1024,
      buffers: 2_095_356 * 1024,
      cached: 175_732_644 * 1024,
      shmem: 71_822_688 * 1024,
      slabReclaimable: 8_163_096 * 1024,
      swapTotal: 16_777_212 * 1024,
      swapFree: 15_499_248 * 1024,
    }));

  it('leaves absent what the kernel does not give', () => {
    assert.equal('memAvailable' in parse(founding), false);
    assert.deepEqual(Object.keys(parse(smallest)), ['memTotal', 'memFree', 'buffers', 'cached']);
  });

  it('keeps a zero', () => {
    const { swapTotal, shmem } = parse(`${smallest}SwapTotal: 0 kB\nShmem: 0 kB\n`);
    assert.deepEqual([swapTotal, shmem], [0, 0]);
  });

  it('takes MemAvailable of later kernels', () =>
    assert.equal(parse(`${smallest}MemAvailable: 600 kB\n`).memAvailable, 600 * 1024));

  it('passes over lines of later kernels, and those that count pages', () =>
    assert.deepEqual(parse(`${smallest}HugePages_Total:       8\nSecPageTables: 3 kB\n`), parse(smallest)));

  it('is that of a host with five levels of page tables, where addresses go beyond 2^53', () =>
    assert.deepEqual(parse(`${smallest}VmallocTotal:   13743895347199 kB\n`), parse(smallest)));

  it('is a number of bytes where it names no unit', () =>
    assert.equal(parse(`${smallest}Shmem: 5\n`).shmem, 5));

  it('needs no line end at its end, and may be followed by blank lines', () => {
    assert.deepEqual(parse(smallest.trimEnd()), parse(smallest));
    assert.deepEqual(parse(`${smallest}\n\n`), parse(smallest));
  });

  for (const name of ['MemTotal', 'MemFree', 'Buffers', 'Cached'])
    it(`must say ${name}`, () => {
      const { message } = faultOf(() => parse(smallest.replace(name, 'Other')));
      assert.equal(message, `/proc/meminfo: expected a line for ${name}, got 4 other lines`);
    });

  it('names all that is missing at once', () =>
    assert.match(faultOf(() => parse('')).message, /MemTotal, MemFree, Buffers, Cached/));

  it('takes no name for another that it begins or ends with', () =>
    assert.match(faultOf(() => parse(smallest.replace('Cached', 'SwapCached'))).message, /for Cached/));

  const broken = [
    'Shmem:',
    'Shmem 5 kB',
    'Shmem: kB',
    'Shmem: -5 kB',
    'Shmem: 5.5 kB',
    'Shmem: 5 MB',
    'Shmem: 5 kB x',
    'Shmem: 5 kB\r',
    'Shmem:5 kB',
    ': 5 kB',
    'Shmem: 99999999999999999999 kB',
  ];
  for (const line of broken)
    it(`may not have the line ${JSON.stringify(line)}`, () => {
      const { detail } = faultOf(() => parse(`${smallest}${line}\n`));
      assert.deepEqual(detail, {
        where: '/proc/meminfo',
        line: 5,
        expected: '"Name: number kB"',
        got: `"${line}"`,
      });
    });

  it('gives values or a located fault for any bytes', () => {
    valueOrFault(founding, parseMeminfo, (value) => Object.values(value));
    valueOrFault(smallest, parseMeminfo, (value) => Object.values(value));
  });
});
