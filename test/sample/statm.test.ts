import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStatm } from '../../src/sample/process-memory.ts';
import { bytesOf, faultOf, valueOrFault } from './any-bytes.ts';

const parse = (text: string) => parseStatm('/proc/7/statm', bytesOf(text));

describe('parseStatm', () => {
  it('returns pages: size, resident, shared', () =>
    assert.deepEqual(parse('765 441 413 5 0 123 0\n'), {
      sizePages: 765,
      residentPages: 441,
      sharedPages: 413,
    }));

  for (const text of ['', '1 2\n', '1 2 x\n', '1 2 -3\n', `1 2 ${'9'.repeat(400)}\n`, '1  2 3\n'])
    it(`rejects ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.equal(faultOf(() => parse(text)).detail.line, 1));

  it('gives values or a located error for any bytes', () =>
    valueOrFault('765 441 413 5 0 123 0\n', parseStatm, (value) => Object.values(value)));
});
