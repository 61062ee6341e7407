import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseArcstats } from '../../src/sample/arcstats.ts';
import { bytesOf, faultOf, valueOrFault, withFaults } from '../any-bytes.ts';

const node = fs.readFileSync(
  new URL('../../fixtures/hosts/zfs/root/proc/spl/kstat/zfs/arcstats', import.meta.url),
  'utf8',
);

const parse = (text: string) =>
  withFaults((onFault) => parseArcstats('/proc/arcstats', bytesOf(text), onFault));

describe('parseArcstats', () => {
  it('returns the size of the cache, its minimum and its evictable part', () =>
    assert.deepEqual(parse(node), {
      value: { size: 17_179_869_184, least: 2_080_374_784, evictable: 15_000_000_000 },
      faults: [],
    }));

  it('returns no evictable part if one of its four rows is missing', () =>
    assert.deepEqual(Object.keys(parse(node.replace('mfu_evictable_data', 'other')).value), [
      'size',
      'least',
    ]));

  it('drops only a malformed row, and names it', () => {
    const { value, faults } = parse('size 4 7\nc_min 4 -1\n');
    assert.deepEqual([value, faults.map(({ detail }) => detail.line)], [{ size: 7 }, [2]]);
  });

  for (const text of ['', 'size 4 -1\n', 'size 4 18446744073709551615\n', 'c_min 4 1\n'])
    it(`rejects ${JSON.stringify(text)}`, () =>
      assert.equal(faultOf(() => parse(text)).detail.where, '/proc/arcstats'));

  it('gives values or a located error for any bytes', () =>
    valueOrFault(node, parseArcstats, (value) => Object.values(value)));
});
