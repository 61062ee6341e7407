import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseStatus } from '../../src/sample/status.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const server = fs.readFileSync(
  new URL('../../fixtures/hosts/docker-v1/root/proc/7665/status', import.meta.url),
  'utf8',
);

const parse = (text: string) => parseStatus('/proc/7/status', bytesOf(text));

describe('parseStatus', () => {
  it('returns the memory of a process, in bytes', () =>
    assert.deepEqual(parse(server), {
      name: 'server',
      size: 90_412 * 1024,
      rss: 87_304 * 1024,
      anon: 72_448 * 1024,
      file: 14_856 * 1024,
      shmem: 0,
      swap: 0,
    }));

  it('leaves out what older kernels do not split', () =>
    assert.deepEqual(parse('Name:\ta\nVmSize:\t8 kB\nVmRSS:\t4 kB\n'), { name: 'a', size: 8192, rss: 4096 }));

  it('returns no memory for a kernel thread or a zombie', () =>
    assert.deepEqual(parse('Name:\tkworker/0:1\nState:\tI (idle)\n'), { name: 'kworker/0:1' }));

  it('takes no part of a name for a field', () =>
    assert.deepEqual(parse('Name:\tVmRSS: 5 kB\n'), { name: 'VmRSS: 5 kB' }));

  for (const line of [
    'VmRSS',
    'VmRSS:\t-4 kB',
    'VmRSS:\t4',
    'VmRSS:\t4 MB',
    `VmRSS:\t${'9'.repeat(20)} kB`,
    ': 4 kB',
  ])
    it(`rejects the line ${JSON.stringify(line)}`, () => {
      const { detail } = faultOf(() => parse(`Name:\ta\n${line}\n`));
      assert.deepEqual([detail.where, detail.line], ['/proc/7/status', 2]);
    });

  it('gives values or a located error for any bytes', () =>
    valueOrFault(server, parseStatus, ({ name: _, ...sizes }) => Object.values(sizes)));
});
