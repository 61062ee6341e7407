/** The watch against a misbehaving API, in simulated time. Tests with a real API are in test/cluster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call, Kube } from '../../src/kube/client.ts';
import { Watch } from '../../src/kube/watch.ts';

const event = (type: string, version: string, name = 'a'): string =>
  JSON.stringify({ type, object: { metadata: { name, resourceVersion: version } } });

type Answer = unknown[] | Error | 'silence' | 'no answer' | 'nothing';

/**
 * Answers calls in the order of the script: items for a list, lines for a watch that the server ends after a minute,
 * 'nothing' for a watch that it ends at once. Stops the watch at the end of the script.
 */
async function played(...script: readonly Answer[]) {
  const calls: URLSearchParams[] = [];
  const said: string[] = [];
  const waits: number[] = [];
  const times: number[] = [];
  const end = new AbortController();
  let time = 0;
  let turn = 0;
  const next = (call: Call): Answer => {
    calls.push(new URL(call.path, 'http://api').searchParams);
    times.push(time);
    const answer = script[turn++];
    if (answer === undefined) {
      end.abort();
      return [];
    }
    return answer;
  };
  /** Waits for simulated time, which the checks of the watch advance. */
  const quiet = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
    const until = time + ms;
    while (time < until && !(signal?.aborted ?? false)) await new Promise((resolve) => setImmediate(resolve));
  };
  const kube: Kube = {
    call: () => assert.fail('a watch lists and follows'),
    async list(call, each) {
      const answer = next(call);
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'string') throw new ApiError(0, 'Timeout', 'no answer');
      for (const item of answer) each(item);
      return { items: [], metadata: { resourceVersion: '10' } };
    },
    async *lines(call) {
      const answer = next(call);
      if (answer instanceof Error) throw answer;
      if (answer !== 'no answer') call.accepted?.();
      if (answer === 'silence' || answer === 'no answer') {
        await new Promise((_, reject) => {
          call.signal?.addEventListener('abort', () => reject(new ApiError(0, 'AbortError', 'aborted')));
        });
        return;
      }
      if (answer === 'nothing') return;
      for (const line of answer) {
        if (line instanceof Error) throw line;
        if (typeof line === 'number') await quiet(line, call.signal);
        if (call.signal?.aborted) throw new ApiError(0, 'AbortError', 'aborted');
        if (typeof line !== 'number') yield line as string;
      }
      time += 60_000;
    },
    close() {},
  };
  const watch = new Watch(
    kube,
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn',
    {
      list() {
        let count = 0;
        return {
          add: () => count++,
          large: ({ metadata }) => said.push(`large ${metadata.name}`),
          cut: (why) => said.push(`cut: ${why}`),
          done: () => said.push(`list of ${count}`),
        };
      },
      largeChange: (type, { metadata }) => said.push(`${type} large ${metadata.name}`),
      change: (type, object) =>
        said.push(`${type} ${(object as { metadata: { name: string } }).metadata.name}`),
      inStep: () => {},
      outOfStep: (fault, wait) => {
        said.push(`${fault.status} ${fault.reason}`);
        waits.push(wait);
      },
    },
    {
      now: () => time,
      random: () => 1,
      async sleep(ms, signal) {
        // Time advances only after all pending work.
        await new Promise((resolve) => setImmediate(resolve));
        if (!signal.aborted) time += ms;
      },
    },
  );
  await watch.run(end.signal);
  return { calls, said, waits, times };
}

describe('Watch', () => {
  it('lists from the cache of the server, then watches from that version with selector and bookmarks', async () => {
    const { calls, said } = await played([{}, {}], [event('ADDED', '11'), event('DELETED', '12')]);
    assert.deepEqual(said, ['list of 2', 'ADDED a', 'DELETED a']);
    assert.equal(calls[0]?.get('resourceVersion'), '0');
    assert.equal(calls[1]?.get('resourceVersion'), '10');
    assert.equal(calls[1]?.get('allowWatchBookmarks'), 'true');
    const seconds = Number(calls[1]?.get('timeoutSeconds'));
    assert.ok(seconds >= 240 && seconds <= 480);
    for (const call of calls) assert.equal(call.get('fieldSelector'), 'spec.nodeName=n');
  });

  it('continues from the last bookmark when the server ends the watch', async () => {
    const { calls, said } = await played([], [event('ADDED', '11'), event('BOOKMARK', '15')], []);
    assert.deepEqual(said, ['list of 0', 'ADDED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '15');
  });

  it('continues from the last event after a broken connection', async () => {
    const cut = new ApiError(0, 'ECONNRESET', 'cut');
    const { calls, said } = await played([], [event('ADDED', '11'), cut], [event('MODIFIED', '12')]);
    assert.deepEqual(said, ['list of 0', 'ADDED a', '0 ECONNRESET', 'MODIFIED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '11');
  });

  it('lists again after 410 Expired', async () => {
    const gone = JSON.stringify({
      type: 'ERROR',
      object: { code: 410, reason: 'Expired', message: 'too old' },
    });
    const { calls, said } = await played([], [gone], [{}], [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', '410 Expired', 'list of 1', 'ADDED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '0');
  });

  it('lists again after a line that it cannot parse', async () => {
    for (const garbage of [
      '{"type":',
      'null',
      '{"type":"ADDED","object":{}}',
      '{"type":"NEWS","object":{"metadata":{"resourceVersion":"1"}}}',
    ]) {
      const { said } = await played([], [garbage], [{}]);
      assert.deepEqual(said, ['list of 0', '0 NotUnderstood', 'list of 1']);
    }
  });

  it('reports an object that is too large by name and continues after it', async () => {
    const metadata = { name: 'long', uid: 'u', resourceVersion: '11' };
    const long = { type: 'ADDED', metadata, why: 'too long' };
    const deep = `{"type":"MODIFIED","object":{"metadata":{"name":"deep","resourceVersion":"12"},"x":${'['.repeat(1_000_000)}`;
    const { said, calls } = await played([], [long, deep], []);
    assert.deepEqual(said, ['list of 0', 'ADDED large long', 'MODIFIED large deep']);
    assert.equal(calls[2]?.get('resourceVersion'), '12');
  });

  it('lists again after an object that is too large and shows no version or type', async () => {
    for (const large of [
      { type: 'ADDED', metadata: { name: 'long' }, why: 'too long' },
      { metadata: { resourceVersion: '11' }, why: 'too long' },
    ]) {
      const { said } = await played([], [large], [{}]);
      assert.deepEqual(said, ['list of 0', '0 NotUnderstood', 'list of 1']);
    }
  });

  it('lists again after an event with a version of 10,000 characters', async () => {
    const { said } = await played([], [event('ADDED', '1'.repeat(10_000))], [{}]);
    assert.deepEqual(said, ['list of 0', '0 NotUnderstood', 'list of 1']);
  });

  it('waits 7 s and a quarter more by chance after a Retry-After of 7 s', async () => {
    const { waits } = await played(new ApiError(429, 'TooManyRequests', 'later', 7_000), []);
    assert.deepEqual(waits, [8_750]);
  });

  it('doubles its back-off from 1 s to 30 s, and resets it after an answer', async () => {
    const broken = new ApiError(500, 'InternalError', 'broken');
    const { waits } = await played(
      ...Array.from({ length: 7 }, () => broken),
      [],
      [event('ADDED', '11'), broken],
    );
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000]);
  });

  it('reports 403 Forbidden and retries', async () => {
    const { said } = await played(new ApiError(403, 'Forbidden', 'no'), [{}]);
    assert.deepEqual(said, ['403 Forbidden', 'list of 1']);
  });

  it('waits 1 s after a Retry-After of 0', async () => {
    const { waits } = await played(new ApiError(429, 'TooManyRequests', 'later', 0), []);
    assert.deepEqual(waits, [1_000]);
  });

  it('treats a watch that ends at once as a failure and backs off', async () => {
    const { said, waits, calls } = await played([], 'nothing', 'nothing', 'nothing', [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', '0 Short', '0 Short', '0 Short', 'ADDED a']);
    assert.deepEqual(waits, [1_000, 2_000, 4_000]);
    assert.equal(calls[4]?.get('resourceVersion'), '10');
  });

  it('starts a new watch after two silent minutes without reporting a failure', async () => {
    const { said, times, calls } = await played([], 'silence', [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', 'ADDED a']);
    assert.equal(Number(times[2]) - Number(times[1]), 120_000);
    assert.equal(calls[2]?.get('resourceVersion'), '10');
  });

  it('reports Silent when the server does not accept a watch within 30 s, and retries', async () => {
    const { said, times } = await played([], 'no answer', [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', '0 Silent', 'ADDED a']);
    assert.equal(Number(times[2]) - Number(times[1]), 30_000 + 1_000);
  });

  it('keeps a watch with one bookmark a minute to its end', async () => {
    const minutely = ['12', '13', '14', '15'].flatMap((version) => [60_000, event('BOOKMARK', version)]);
    const { said, times } = await played([], minutely, []);
    assert.deepEqual(said, ['list of 0']);
    assert.equal(Number(times[2]) - Number(times[1]), 5 * 60_000);
  });

  it('ends a watch that the server continues beyond its timeout', async () => {
    const lines = Array.from({ length: 20 }, (_, at) => [60_000, event('BOOKMARK', String(20 + at))]).flat();
    const { times, calls } = await played([], lines, []);
    assert.equal(Number(times[2]) - Number(times[1]), 510_000);
    assert.equal(calls[2]?.get('resourceVersion'), '27');
  });

  it('lists again after ten minutes of silent watches', async () => {
    const { said } = await played([], ...Array(5).fill('silence'), [{}]);
    assert.deepEqual(
      said.filter((line) => line.startsWith('list')),
      ['list of 0', 'list of 1'],
    );
  });
});
