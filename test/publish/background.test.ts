import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import type { Sink } from '../../src/model/sink.ts';
import { inBackground } from '../../src/publish/guarded-sink.ts';
import { reportOf } from './contract.ts';

/** A sink whose writes end when the test ends them. */
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

/** Lets pending promises continue. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('inBackground resolves without waiting for the write', async () => {
  const { writes, sink } = slow();
  await inBackground(sink).write(reportOf('a'));
  assert.deepEqual(
    writes.map(({ name }) => name),
    ['a'],
  );
});

it('inBackground begins to write when its turn resolves', async () => {
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

it('inBackground skips reports while a write runs, and writes the next report after it', async () => {
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

it('inBackground throws the last error once, at the next report, and writes that report too', async () => {
  const { writes, sink } = slow();
  const background = inBackground(sink);
  await background.write(reportOf('a'));
  writes[0]?.fail(new Error('no answer'));
  await turn();
  await assert.rejects(background.write(reportOf('b')), /no answer/);
  assert.equal(writes.length, 2);
  await background.write(reportOf('c'));
});

it('inBackground continues after a sink that throws synchronously', async () => {
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

it('inBackground has the name of its sink, and closes it', async () => {
  const { sink } = slow();
  const background = inBackground(sink);
  await background.close();
  assert.deepEqual([background.name, sink.closed], ['slow', 1]);
});
