import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEveryKey } from '../../src/sample/every-key.ts';
import { bytesOf, faultOf, valueOrFault } from '../any-bytes.ts';

const text = 'cache 5\ntotal_cache 7\nhierarchical_memory_limit 9223372036854771712\n';

describe('parseEveryKey', () => {
  it('returns every key with its number', () =>
    assert.deepEqual([...parseEveryKey('/a/memory.stat', bytesOf(text))].slice(0, 2), [
      ['cache', 5],
      ['total_cache', 7],
    ]));

  for (const figure of ['', '-1', '1 2', 'x', '18446744073709547520', '9'.repeat(400)])
    it(`drops only a key with the value ${JSON.stringify(figure.slice(0, 20))}`, () => {
      const found = parseEveryKey('/a/memory.stat', bytesOf(`${text}cache ${figure}\n`));
      assert.deepEqual([...found.keys()], ['total_cache', 'hierarchical_memory_limit']);
    });

  it('drops a part that exceeds its whole by more than the lag', () => {
    const found = parseEveryKey('/a/memory.stat', bytesOf(`${text}total_shmem ${2 ** 30}\n`));
    assert.equal(found.has('total_shmem'), false);
  });

  it('names the line if nothing is usable', () =>
    assert.equal(faultOf(() => parseEveryKey('/a/memory.stat', bytesOf('cache\n'))).detail.line, 1));

  it('gives values or a located error for any bytes', () =>
    valueOrFault(text, parseEveryKey, (values) => [...values.values()]));
});
