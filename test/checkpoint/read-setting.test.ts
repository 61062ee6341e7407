/** The setting of a container in a checkpoint: unknown types, heaps of older agents, and impossible sizes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Setting } from '../../src/model/container-key.ts';
import { aggregateOf, changed, dropsWith } from './recorded.ts';

describe('a setting', () => {
  const settingWith = (s: Record<string, unknown>, rules = 2): Setting | undefined =>
    aggregateOf(
      changed((checkpoint, one) => {
        checkpoint['rules'] = rules;
        one['s'] = s;
      }),
    ).setting;

  it('of an unknown type has the type unknown, and of null no sizes', () =>
    assert.deepEqual(settingWith({ type: 'toString', request: null }), { type: 'unknown' }));

  it('keeps a limit of zero and the sizes of the pod', () =>
    assert.deepEqual(settingWith({ type: 'init', limit: 0, pod: { limit: 5 } }), {
      ...{ type: 'init', limit: 0 },
      pod: { limit: 5 },
    }));

  it('keeps the heap of a known runtime, and drops one of an unknown one', () => {
    const heap = { runtime: 'Go', by: 'GOMEMLIMIT', bytes: 5, besideBytes: 1 };
    for (const rules of [1, 2]) assert.deepEqual(settingWith({ type: 'init', heap }, rules)?.heap, heap);
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'Node.js', share: 1 } })?.heap, {
      ...{ runtime: 'Node.js', share: 1 },
    });
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'Node.js' } }, 1)?.heap, {
      runtime: 'unknown',
    });
    assert.deepEqual(settingWith({ type: 'init', heap: { runtime: 'unknown' } })?.heap, {
      runtime: 'unknown',
    });
    assert.equal(settingWith({ type: 'init', heap: { runtime: 'Ruby' } })?.heap, undefined);
  });

  it('with an impossible share, size or text drops its workload', () => {
    for (const s of [
      { heap: { runtime: 'Go', share: 1.1 } },
      { heap: { runtime: 'Go', by: 7 } },
      { heap: 7 },
      { pod: 7 },
      { limit: -1 },
    ])
      assert.match(dropsWith({ s }) ?? '', /^workloads\[0\]: expected /, JSON.stringify(s));
  });
});
