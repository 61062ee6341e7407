import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { Meminfo } from '../../src/model/meminfo.ts';
import { quoted } from '../../src/model/text.ts';
import { parseMeminfo } from '../../src/sample/meminfo.ts';
import { bytesOf, faultOf, valueOrFault, withFaults } from '../any-bytes.ts';

const article = fs.readFileSync(
  new URL('../../fixtures/hosts/article-meminfo/root/proc/meminfo', import.meta.url),
  'utf8',
);

const smallest = 'MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 10 kB\nCached: 200 kB\n';

const parseWithFaults = (text: string) =>
  withFaults((onFault) => parseMeminfo('/proc/meminfo', bytesOf(text), onFault));

/** Parses a file that must give no error. */
function parse(text: string): Meminfo {
  const { value, faults } = parseWithFaults(text);
  assert.deepEqual(faults, []);
  return value;
}

describe('/proc/meminfo', () => {
  it('parses the meminfo of the article’s host into bytes', () =>
    assert.deepEqual(parse(article), {
      memTotal: 264_420_684 * 1024,
      memFree: 50_566_436 * 1024,
      buffers: 2_095_356 * 1024,
      cached: 175_732_644 * 1024,
      shmem: 71_822_688 * 1024,
      slabReclaimable: 8_163_096 * 1024,
      swapTotal: 16_777_212 * 1024,
      swapFree: 15_499_248 * 1024,
      ...{ hugePages: 0, hugePagesFree: 0, hugePageSize: 2048 * 1024 },
    }));

  it('leaves absent what the kernel does not give', () => {
    assert.equal('memAvailable' in parse(article), false);
    assert.deepEqual(Object.keys(parse(smallest)), ['memTotal', 'memFree', 'buffers', 'cached']);
  });

  it('keeps a zero', () => {
    const { swapTotal, shmem } = parse(`${smallest}SwapTotal: 0 kB\nShmem: 0 kB\n`);
    assert.deepEqual([swapTotal, shmem], [0, 0]);
  });

  it('parses MemAvailable of later kernels', () =>
    assert.equal(parse(`${smallest}MemAvailable: 600 kB\n`).memAvailable, 600 * 1024));

  it('ignores unknown lines of later kernels', () =>
    assert.deepEqual(parse(`${smallest}ShadowCallStack:  8 kB\nSecPageTables: 3 kB\n`), parse(smallest)));

  it('parses huge pages: the count of the default size, that size, and all sizes in bytes', () => {
    const pages = 'HugePages_Total:  8\nHugePages_Free: 3\nHugepagesize: 20 kB\nHugetlb: 160 kB\n';
    const { hugePages, hugePagesFree, hugePageSize, hugetlb } = parse(`${smallest}${pages}`);
    assert.deepEqual([hugePages, hugePagesFree, hugePageSize, hugetlb], [8, 3, 20_480, 163_840]);
  });

  it('parses a host with 5-level page tables, where address ranges exceed 2^53', () =>
    assert.deepEqual(parse(`${smallest}VmallocTotal:   13743895347199 kB\n`), parse(smallest)));

  it('limits Shmem to Cached if it exceeds that by some pages', () =>
    assert.equal(parse(`${smallest}Shmem: 203 kB\n`).shmem, 200 * 1024));

  it('reads a number without a unit as bytes', () => assert.equal(parse(`${smallest}Shmem: 5\n`).shmem, 5));

  it('parses a file without a final newline, or with blank lines', () => {
    assert.deepEqual(parse(smallest.trimEnd()), parse(smallest));
    assert.deepEqual(parse(`${smallest}\n\n`), parse(smallest));
  });

  it('needs MemTotal, and no other line', () => {
    const { message } = faultOf(() => parse(smallest.replace('MemTotal', 'Other')));
    assert.equal(message, '/proc/meminfo: expected a line for MemTotal, got other lines');
    assert.deepEqual(parse('MemTotal: 5 kB\n'), { memTotal: 5120 });
  });

  it('rejects a MemTotal of 0', () => {
    const { detail } = faultOf(() => parse(smallest.replace('1000', '0')));
    assert.deepEqual([detail.line, detail.got], [1, '"MemTotal: 0 kB"']);
  });

  it('rejects a malformed MemTotal', () => {
    const { detail } = faultOf(() => parse(smallest.replace('1000 kB', '-1000 kB')));
    assert.deepEqual([detail.line, detail.got], [1, '"MemTotal: -1000 kB"']);
  });

  it('takes no prefix or suffix of a name for the name', () =>
    assert.equal('cached' in parse(smallest.replace('Cached', 'SwapCached')), false));

  const broken = [
    'Shmem:',
    'Shmem: kB',
    'Shmem: -5 kB',
    'Shmem: 5.5 kB',
    'Shmem: 5 MB',
    'Shmem: 5 kB x',
    'Shmem: 5 kB\r',
    'Shmem:5 kB',
    'Shmem: 99999999999999999999 kB',
    'Shmem: 18446744073709551615 kB',
  ];
  for (const line of broken)
    it(`drops only Shmem for the line ${JSON.stringify(line)}, and names it`, () => {
      const { value, faults } = parseWithFaults(`${smallest}${line}\nSwapTotal: 7 kB\n`);
      assert.deepEqual(value, { ...parse(smallest), swapTotal: 7168 });
      assert.deepEqual(
        faults.map(({ detail }) => detail),
        [{ where: '/proc/meminfo', line: 5, expected: '"Name: number kB"', got: quoted(line) }],
      );
    });

  for (const line of ['Shmem 5 kB', ': 5 kB', 'nothing', 'Balloon: -5 kB'])
    it(`ignores the line ${JSON.stringify(line)}`, () =>
      assert.deepEqual(parse(`${smallest}${line}\n`), parse(smallest)));

  it('reports at most three faults', () =>
    assert.equal(
      parseWithFaults(`${smallest}Shmem: x\nSwapTotal: x\nSwapFree: x\nMemAvailable: x\n`).faults.length,
      3,
    ));

  for (const [what, lines, lost] of [
    ['free swap above all swap', 'SwapTotal: 5 kB\nSwapFree: 6 kB\n', 'SwapFree: 6 kB'],
    ['free swap where there is none', 'SwapTotal: 0 kB\nSwapFree: 1 kB\n', 'SwapFree: 1 kB'],
    ['shared memory above Cached', 'Shmem: 204 kB\n', 'Shmem: 204 kB'],
    ['more available than there is', 'MemAvailable: 1001 kB\n', 'MemAvailable: 1001 kB'],
    ['more free than there is', 'MemFree: 1001 kB\n', 'MemFree: 1001 kB'],
    ['more page cache than is used', 'Cached: 591 kB\n', 'Cached: 591 kB'],
    ['more buffers than is used', 'Buffers: 601 kB\n', 'Buffers: 601 kB'],
    ['huge pages of another machine', 'Hugetlb: 601 kB\n', 'Hugetlb: 601 kB'],
    ['more free huge pages than there are', 'HugePages_Total: 2\nHugePages_Free: 3\n', 'HugePages_Free: 3'],
  ] as const)
    it(`drops only the part that exceeds its whole: ${what}`, () => {
      const { value, faults } = parseWithFaults(`${smallest}${lines}`);
      assert.deepEqual(
        faults.map(({ detail }) => detail.got),
        [quoted(lost)],
      );
      const others = lines.split('\n').filter((line) => line !== '' && line !== lost);
      const name = lost.split(':')[0] as string;
      const without = smallest.split('\n').filter((line) => !line.startsWith(`${name}:`));
      assert.deepEqual(value, parse([...without, ...others].join('\n')));
    });

  it('gives values or a located fault for any bytes', () => {
    valueOrFault(article, parseMeminfo, (value) => Object.values(value));
    valueOrFault(smallest, parseMeminfo, (value) => Object.values(value));
  });
});
