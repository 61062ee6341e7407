import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { receivedExplanation, receivedPs } from '../../src/cluster/inspect.ts';

const explanation = {
  ...{ name: 'shop/cart-1/cart', cgroup: '/kubepods/x', where: 'cgroup v2', lru: 'classic', faults: [] },
  usage: { usageBytes: 100, realBytes: 60, limitFrom: '/kubepods' },
  parts: [{ name: 'anon', bytes: 60, real: true, note: 'heap' }],
  tools: [
    { tool: 'top', version: '1', writing: 'KiB', why: 'x', value: 60, brief: { label: 'top', why: 'x' } },
  ],
};
const ps = {
  ...{
    name: 'shop/cart-1/cart',
    cgroup: '/kubepods/x',
    where: 'cgroup v2',
    usage: {},
    sums: { rssBytes: 5 },
  },
  processes: { processes: [{ pid: 1, command: 'sh', rssBytes: 5 }], gone: 0, unseen: 0, faults: [] },
};

describe('an inspection from an agent', () => {
  it('is accepted as it is, also with fields of a newer agent', () => {
    assert.deepEqual(receivedExplanation(explanation), explanation);
    assert.deepEqual(receivedPs(ps), ps);
    assert.ok(receivedExplanation({ ...explanation, more: [1] }));
  });

  it('may have what a probe found', () => {
    const probe = {
      ...{ at: 1.7e9 + 1e7, neededCacheBytes: 1, coldCacheBytes: 2, errorBytes: 3, watchedSeconds: 4 },
      ...{ isAtMost: true, pod: 'cart-2', old: 'age' },
    };
    const probed = { ...explanation, probe, mayProbe: true };
    assert.deepEqual(receivedExplanation(probed), probed);
    for (const wrong of [{ at: 1e18 }, { neededCacheBytes: '1' }, { old: 'young' }, { pod: 1 }])
      assert.equal(receivedExplanation({ ...explanation, probe: { ...probe, ...wrong } }), undefined);
  });

  it('has its texts escaped: a pod can pose as an agent', () => {
    const hostile = { ...explanation, name: '\u001b[2J', faults: ['\u202e'] };
    const { name, faults } = receivedExplanation(hostile) ?? {};
    assert.deepEqual([name, faults], ['\\u001b[2J', ['\\u202e']]);
  });

  for (const [what, changed] of [
    ['nothing', undefined],
    ['a list', []],
    ['a name that is a number', { ...explanation, name: 1 }],
    ['no usage', { ...explanation, usage: undefined }],
    ['a size that is a text', { ...explanation, usage: { usageBytes: '1' } }],
    ['an unknown LRU', { ...explanation, lru: 'new' }],
    [
      'a format that is unknown',
      { ...explanation, tools: [{ ...explanation.tools[0], writing: 'toString' }] },
    ],
    ['a broken part', { ...explanation, parts: [null] }],
    ['a broken label', { ...explanation, tools: [{ ...explanation.tools[0], brief: 'x' }] }],
  ] as const)
    it(`is refused as an explanation with ${what}`, () => {
      assert.equal(receivedExplanation(changed), undefined);
    });

  it('is refused as a list of processes with a broken process', () => {
    assert.equal(receivedPs({ ...ps, processes: { ...ps.processes, processes: [{ pid: '1' }] } }), undefined);
    assert.equal(receivedPs(explanation), undefined);
  });
});
