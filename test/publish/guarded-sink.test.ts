import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { NodeReport, Sink } from '../../src/model/report.ts';
import { inBackground, publish, withDeadline } from '../../src/publish/guarded-sink.ts';
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

it('inBackground forgets an error when it has thrown it, even while the next write runs', async () => {
  const { writes, sink } = slow();
  const background = inBackground(sink);
  await background.write(reportOf('a'));
  writes[0]?.fail(new Error('no answer'));
  await turn();
  await assert.rejects(background.write(reportOf('b')), /no answer/);
  await background.write(reportOf('c'));
  assert.equal(writes.length, 2);
});

it('inBackground throws the error of its turn at the next report, and then takes a new turn', async () => {
  const { writes, sink } = slow();
  let turns = 0;
  const background = inBackground(sink, async () => {
    if (++turns === 1) throw new Error('no turn');
  });
  await background.write(reportOf('a'));
  await turn();
  await assert.rejects(background.write(reportOf('b')), /no turn/);
  await turn();
  assert.deepEqual([turns, writes.map(({ name }) => name)], [2, ['b']]);
});

it('inBackground throws undefined if a write rejects with undefined', async () => {
  const background = inBackground({ name: 'odd', write: () => Promise.reject(), async close() {} });
  await background.write(reportOf('a'));
  await turn();
  assert.equal(await background.write(reportOf('b')).catch((error: unknown) => error ?? 'thrown'), 'thrown');
});

it('withDeadline fails two seconds after a write began, and skips reports until it ends', async (test) => {
  test.mock.timers.enable({ apis: ['setTimeout'] });
  const { writes, sink } = slow();
  const guarded = withDeadline(sink);
  const late = guarded.write(reportOf('a'));
  let failed = false;
  late.catch(() => {
    failed = true;
  });
  test.mock.timers.tick(1_999);
  await turn();
  assert.equal(failed, false);
  test.mock.timers.tick(1);
  await assert.rejects(late, /^Error: slow: not written within 2 s$/);
  await assert.rejects(
    guarded.write(reportOf('b')),
    /^Error: slow: the last report is still being written, so the agent skipped this one$/,
  );
  writes[0]?.end();
  await turn();
  const next = guarded.write(reportOf('c'));
  writes[1]?.end();
  await next;
  assert.deepEqual(
    writes.map(({ name }) => name),
    ['a', 'c'],
  );
});

it('withDeadline passes an error on, and writes the next report', async () => {
  const { writes, sink } = slow();
  const guarded = withDeadline(sink);
  const failing = guarded.write(reportOf('a'));
  writes[0]?.fail(new Error('disk full'));
  await assert.rejects(failing, /^Error: disk full$/);
  const next = guarded.write(reportOf('b'));
  writes[1]?.end();
  await next;
});

it('withDeadline ignores an error that comes after the deadline', async (test) => {
  test.mock.timers.enable({ apis: ['setTimeout'] });
  const { writes, sink } = slow();
  const late = withDeadline(sink).write(reportOf('a'));
  test.mock.timers.tick(2_000);
  await assert.rejects(late, /not written/);
  writes[0]?.fail(new Error('unheard'));
  await turn();
});

it('withDeadline has the name of its sink, and closes it', async () => {
  const { sink } = slow();
  const guarded = withDeadline(sink);
  await guarded.close();
  assert.deepEqual([guarded.name, sink.closed], ['slow', 1]);
});

it('write returns the failures of sinks by name, in their order, after all have written', async () => {
  const [good, bad, worse] = [slow(), slow(), slow()];
  const sinks = [bad.sink, good.sink, worse.sink].map((sink, index) => ({ ...sink, name: `sink ${index}` }));
  const work = publish(reportOf('a'), sinks);
  worse.writes[0]?.fail(new Error('2'));
  bad.writes[0]?.fail(new Error('0'));
  let done = false;
  void work.then(() => {
    done = true;
  });
  await turn();
  assert.equal(done, false);
  good.writes[0]?.end();
  assert.deepEqual(await work, [
    { sink: 'sink 0', error: new Error('0') },
    { sink: 'sink 2', error: new Error('2') },
  ]);
});

it('write to no sink has no failures', async () => assert.deepEqual(await publish(reportOf('a'), []), []));
