/** The watch against an API that misbehaves; the real one is in test/cluster. Time is made to pass, not waited for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Call, Kube } from '../../src/edges/kube.ts';
import { KubeFault } from '../../src/edges/kube-fault.ts';
import { Watch } from '../../src/edges/watch.ts';

const event = (type: string, version: string, name = 'a'): string =>
  JSON.stringify({ type, object: { metadata: { name, resourceVersion: version } } });

type Answer = unknown[] | Error | 'silence';

/** Answers calls in turn: a list of items to a list, lines to a watch. At the end of the script the watch is ended. */
async function played(...script: readonly Answer[]) {
  const calls: URLSearchParams[] = [];
  const said: string[] = [];
  const waits: number[] = [];
  const end = new AbortController();
  let time = 0;
  let turn = 0;
  const next = (call: Call): Answer => {
    calls.push(new URL(call.path, 'http://api').searchParams);
    const answer = script[turn++];
    if (answer === undefined) {
      end.abort();
      return [];
    }
    return answer;
  };
  const kube: Kube = {
    async call(call) {
      const answer = next(call);
      if (answer instanceof Error) throw answer;
      if (answer === 'silence') throw new KubeFault(0, 'Timeout', 'no answer');
      return { items: answer, metadata: { resourceVersion: '10' } };
    },
    async *lines(call) {
      const answer = next(call);
      if (answer instanceof Error) throw answer;
      if (answer === 'silence') {
        await new Promise((_, reject) => {
          call.signal?.addEventListener('abort', () => reject(new KubeFault(0, 'AbortError', 'aborted')));
        });
        return;
      }
      for (const line of answer) {
        if (line instanceof Error) throw line;
        yield String(line);
      }
    },
    close() {},
  };
  const watch = new Watch(
    kube,
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn',
    {
      replace: (items) => said.push(`list of ${items.length}`),
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
        // The silence limit is minutes: it passes when everything else has come to rest.
        await new Promise((resolve) => setImmediate(resolve));
        if (!signal.aborted) time += ms;
      },
    },
  );
  await watch.run(end.signal);
  return { calls, said, waits };
}

describe('a watch', () => {
  it('lists from the memory of the server, then watches from there, with its selector and bookmarks', async () => {
    const { calls, said } = await played([{}, {}], [event('ADDED', '11'), event('DELETED', '12')]);
    assert.deepEqual(said, ['list of 2', 'ADDED a', 'DELETED a']);
    assert.equal(calls[0]?.get('resourceVersion'), '0');
    assert.equal(calls[1]?.get('resourceVersion'), '10');
    assert.equal(calls[1]?.get('allowWatchBookmarks'), 'true');
    const seconds = Number(calls[1]?.get('timeoutSeconds'));
    assert.ok(seconds >= 240 && seconds <= 480);
    for (const call of calls) assert.equal(call.get('fieldSelector'), 'spec.nodeName=n');
  });

  it('goes on where it was when the server ends it, bookmarks counted', async () => {
    const { calls, said } = await played([], [event('ADDED', '11'), event('BOOKMARK', '15')], []);
    assert.deepEqual(said, ['list of 0', 'ADDED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '15');
  });

  it('goes on where it was when it is cut', async () => {
    const cut = new KubeFault(0, 'ECONNRESET', 'cut');
    const { calls, said } = await played([], [event('ADDED', '11'), cut], [event('MODIFIED', '12')]);
    assert.deepEqual(said, ['list of 0', 'ADDED a', '0 ECONNRESET', 'MODIFIED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '11');
  });

  it('begins anew where the server no longer remembers', async () => {
    const gone = JSON.stringify({
      type: 'ERROR',
      object: { code: 410, reason: 'Expired', message: 'too old' },
    });
    const { calls, said } = await played([], [gone], [{}], [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', '410 Expired', 'list of 1', 'ADDED a']);
    assert.equal(calls[2]?.get('resourceVersion'), '0');
  });

  it('begins anew after what it cannot understand', async () => {
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

  it('waits as long as it is told', async () => {
    const { waits } = await played(new KubeFault(429, 'TooManyRequests', 'later', 7_000), []);
    assert.deepEqual(waits, [7_000]);
  });

  it('waits longer each time, up to half a minute, and begins small again after an answer', async () => {
    const broken = new KubeFault(500, 'InternalError', 'broken');
    const { waits } = await played(
      ...Array.from({ length: 7 }, () => broken),
      [],
      [event('ADDED', '11'), broken],
    );
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000]);
  });

  it('says that it may not, and asks again', async () => {
    const { said } = await played(new KubeFault(403, 'Forbidden', 'no'), [{}]);
    assert.deepEqual(said, ['403 Forbidden', 'list of 1']);
  });

  it('gives up on a connection that says nothing beyond its time, and goes on', async () => {
    const { said } = await played([], 'silence', [event('ADDED', '11')]);
    assert.deepEqual(said, ['list of 0', '0 Silent', 'ADDED a']);
  });

  it('lists again every ten minutes, whatever the watch says', async () => {
    const { said } = await played([], 'silence', 'silence', [{}]);
    assert.equal(said.filter((line) => line.startsWith('list')).length, 2);
  });
});
