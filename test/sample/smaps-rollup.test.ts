import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseSmapsRollup } from '../../src/sample/process-memory.ts';
import { bytesOf, faultOf, valueOrFault } from './any-bytes.ts';

const server = fs.readFileSync(
  new URL('../../fixtures/hosts/docker-v1/root/proc/7665/smaps_rollup', import.meta.url),
  'utf8',
);

const parse = (text: string) => parseSmapsRollup('/proc/7/smaps_rollup', bytesOf(text));

describe('parseSmapsRollup', () => {
  it('returns the PSS of a process', () =>
    assert.equal(parse('x [rollup]\nRss: 9 kB\nPss:      266 kB\n'), 266 * 1024));

  it('takes no part of the PSS for the whole', () =>
    assert.equal(faultOf(() => parse('Pss_Anon: 3 kB\n')).detail.expected, '"Pss: number kB"'));

  it('returns undefined for a process without memory', () => assert.equal(parse(''), undefined));

  it('names the malformed line', () => {
    const { detail } = faultOf(() => parse('Rss: 9 kB\nPss: many kB\n'));
    assert.deepEqual([detail.line, detail.got], [2, '"Pss: many kB"']);
  });

  it('gives a value or a located error for any bytes', () =>
    valueOrFault(server, parseSmapsRollup, (value) => (value === undefined ? [] : [value])));
});
