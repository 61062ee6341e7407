import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMaps } from '../../src/sample/maps.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const text = `5606000-5608000 r-xp 00000000 fe:00 1 /bin/server
5608000-5609000 rw-p 00002000 fe:00 1 /bin/server
7f00000-7f04000 rw-s 00000000 00:19 2 /dev/shm/a b
7ffd000-7ffe000 rw-p 00000000 00:00 0 [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
`;

const parse = (maps: string) => parseMaps('/proc/7/maps', bytesOf(maps));

describe('parseMaps', () => {
  it('adds up sizes like pmap -d', () =>
    assert.deepEqual(parse(text), { mapped: 0x9000, writablePrivate: 0x2000, shared: 0x4000 }));

  it('returns undefined for a process without memory', () => assert.equal(parse(''), undefined));

  for (const line of [
    'nonsense',
    '2000-1000 rw-p 0 0 0',
    '1000-2000 wr-p 0 0 0',
    '0-ffffffffffffffff rw-p 0 0 0',
  ])
    it(`rejects the line ${line}`, () =>
      assert.equal(faultOf(() => parse(`${text}${line}\n`)).detail.line, 6));

  it('gives values or a located error for any bytes', () =>
    valueOrFault(text, parseMaps, (value) => Object.values(value ?? {})));
});
