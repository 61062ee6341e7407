import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import type { Sink } from '../../src/model/sink.ts';
import { inBackground } from '../../src/publish/guarded-sink.ts';
import { reportOf } from './contract.ts';

/** A sink whose writes end when the test says so. */
function slow() {
  const writes: { readonly name: string; readonly end: () => void; readonly fail: (error: Error) => void }[] =
    [];
  const sink: Sink & { closed: number } = {
    name: 'slow',
    closed: 0,
    write({ metadata }: NodeReport) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      writes.push({ name: metadata.name, end: resolve, fail: reject });
      return promise;
    },
    async close() {
      this.closed++;
    },
  };
  return { writes, sink };
}

/** What was left to itself has its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('does not wait for a write', async () => {
  const { writes, sink } = slow();
  await inBackground(sink).write(reportOf('a'));
  assert.deepEqual(
    writes.map(({ name }) => name),
    ['a'],
  );
});

it('begins when it is its turn', async () => {
  const { writes, sink } = slow();
  const itsTurn = Promise.withResolvers<void>();
  const background = inBackground(sink, () => itsTurn.promise);
  await background.write(reportOf('a'));
  await background.write(reportOf('b'));
  assert.equal(writes.length, 0);
  itsTurn.resolve();
  await turn();
  assert.deepEqual(
    writes.map(({ name }) => name),
    ['a'],
  );
});

it('lets reports pass by while a write goes on, and takes the next after it', async () => {
  const { writes, sink } = slow();
  const background = inBackground(sink);
  for (const name of ['a', 'b', 'c']) await background.write(reportOf(name));
  assert.equal(writes.length, 1);
  writes[0]?.end();
  await turn();
  await background.write(reportOf('d'));
  assert.deepEqual(
    writes.map(({ name }) => name),
    ['a', 'd'],
  );
});

it('tells at the next report what became of the last, once, and begins a write all the same', async () => {
  const { writes, sink } = slow();
  const background = inBackground(sink);
  await background.write(reportOf('a'));
  writes[0]?.fail(new Error('no answer'));
  await turn();
  await assert.rejects(background.write(reportOf('b')), /no answer/);
  assert.equal(writes.length, 2);
  await background.write(reportOf('c'));
});

it('goes on after a sink that throws at once', async () => {
  let count = 0;
  const background = inBackground({
    name: 'rude',
    write() {
      count++;
      throw new Error('thrown');
    },
    async close() {},
  });
  await background.write(reportOf('a'));
  await turn();
  await assert.rejects(background.write(reportOf('b')), /thrown/);
  assert.equal(count, 2);
});

it('has the name of its sink, and closes it', async () => {
  const { sink } = slow();
  const background = inBackground(sink);
  await background.close();
  assert.deepEqual([background.name, sink.closed], ['slow', 1]);
});
