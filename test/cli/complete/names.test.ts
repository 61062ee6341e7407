import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type CompletionSource, nodes } from '../../../src/cli/complete/names.ts';
import type { Kube } from '../../../src/kube/client.ts';

const unexpected = (): never => assert.fail('unexpected call');

/** An API server with one page of two nodes. The second page fails after `onSecond`. */
function twoPages(signal: AbortSignal, onSecond: () => void): CompletionSource {
  let pages = 0;
  const list: Kube['list'] = async (_, each) => {
    if (++pages === 2) {
      onSecond();
      throw new Error('no second page');
    }
    for (const name of ['node-1', 'node-2']) each({ metadata: { name } });
    return { metadata: { continue: 'more' } };
  };
  return { kube: { list, call: unexpected, lines: unexpected, close: unexpected }, signal };
}

it('the names that arrived before the deadline are completions', async () => {
  const deadline = new AbortController();
  assert.deepEqual(
    await nodes(
      twoPages(deadline.signal, () => deadline.abort()),
      '',
    ),
    ['node-1', 'node-2'],
  );
});

it('a failure before the deadline is an error', async () => {
  const { signal } = new AbortController();
  await assert.rejects(
    nodes(
      twoPages(signal, () => {}),
      '',
    ),
    /no second page/,
  );
});
