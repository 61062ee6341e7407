import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEveryKey } from '../../src/sample/every-key.ts';
import { bytesOf, faultOf, valueOrFault } from './any-bytes.ts';

const text = 'cache 5\ntotal_cache 7\nhierarchical_memory_limit 9223372036854771712\n';

describe('every key of a file', () => {
  it('has its number', () =>
    assert.deepEqual([...parseEveryKey('/a/memory.stat', bytesOf(text))].slice(0, 2), [
      ['cache', 5],
      ['total_cache', 7],
    ]));

  for (const line of ['cache', 'cache -1', 'cache 1 2', ' cache 1', `cache ${'9'.repeat(400)}`])
    it(`may not stand in the line ${JSON.stringify(line.slice(0, 20))}`, () =>
      assert.equal(
        faultOf(() => parseEveryKey('/a/memory.stat', bytesOf(`${text}${line}\n`))).detail.line,
        4,
      ));

  it('gives values or a located fault for any bytes', () =>
    valueOrFault(text, parseEveryKey, (values) => [...values.values()]));
});
