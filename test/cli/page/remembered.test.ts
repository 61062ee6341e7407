import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { remembered } from '../../../src/cli/page/remembered.ts';

/** @param takesMs how long each read takes */
function counted(takesMs = 0) {
  let [at, reads] = [0, 0];
  const get = remembered(
    async () => {
      at += takesMs;
      if (++reads === 3) throw new Error('no luck');
      return reads;
    },
    100,
    () => at,
  );
  return { get, pass: (ms: number) => (at += ms), reads: () => reads };
}

describe('remembered', () => {
  it('reads once for requests at the same time, and again when the value is as old as it may be', async () => {
    const { get, pass } = counted();
    assert.deepEqual(await Promise.all([get(), get(), get()]), [1, 1, 1]);
    pass(99);
    assert.equal(await get(), 1);
    pass(1);
    assert.equal(await get(), 2);
  });

  it('rests ten times as long as a slow read took', async () => {
    const { get, pass } = counted(50);
    await get();
    pass(499);
    assert.equal(await get(), 1);
    pass(1);
    assert.equal(await get(), 2);
  });

  it('asks the value how long it stays', async () => {
    let [at, reads] = [0, 0];
    const get = remembered(
      async () => ++reads,
      (value) => (value === 1 ? 10 : 100),
      () => at,
    );
    const seen: number[] = [];
    for (at of [0, 9, 10, 109, 110]) seen.push(await get());
    assert.deepEqual(seen, [1, 1, 2, 2, 3]);
  });

  it('rejects all waiting requests with a failed read, and reads again for the next one', async () => {
    const { get, pass, reads } = counted();
    await get();
    pass(100);
    await get();
    pass(100);
    const both = await Promise.allSettled([get(), get()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await get(), 4);
    assert.equal(reads(), 4);
  });
});
