/** One pass of samples into the history: which LRU and page size it is read with, and when the LRU is read again. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openNode } from '../../src/agent/source.ts';
import type { Host } from '../../src/edges/host.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { Pod } from '../../src/model/pod.ts';
import { type Sampled, sample } from '../../src/sample/host.ts';
import { History } from '../../src/usage/history.ts';
import { observe } from '../../src/usage/observe.ts';
import { MiB, monday } from './made/played.ts';

const at = monday * 1000;

function hostOf(test: TestContext, name: string): Host {
  const root = fileURLToPath(new URL(`../../fixtures/hosts/${name}/root`, import.meta.url));
  const { host } = openNode({ root }, []);
  test.after(() => host.close());
  return host;
}

const text = (mask: string) => ({ file: 'enabled', text: new TextEncoder().encode(`${mask}\n`) });

/** A recorded host with another answer about its LRU. */
const withLru = (host: Host, lruGen: Host['lruGen'], more: Partial<Host> = {}): Host => ({
  ...{ ...host, lruGen },
  ...more,
});

const service: Observation = {
  role: { kind: 'other', type: 'service', name: 'db' },
  sample: {
    id: { path: '/system.slice/db.service', inode: 1 },
    ...{ version: 2, faults: [], usage: bytes(9 * MiB) },
    stat: { activeFile: bytes(MiB), inactiveFile: bytes(2 * MiB), refaultFile: 10 },
  },
};
const sampled: Sampled = { observations: [service], skipped: [], faults: [{ cgroup: '/x', why: 'other' }] };

describe('a pass of a recorded host', () => {
  for (const [name, lru] of [
    ['lru-classic', 'classic'],
    ['lru-multi-generational', 'multi-generational'],
  ] as const)
    it(`of ${name} is read with the LRU ${lru}, and keeps the real of its cgroups`, (test) => {
      const host = hostOf(test, name);
      const history = new History();
      const found = sample(host, true);
      assert.equal(observe(history, found, host, [], at, true), found);
      assert.equal(history.lru, lru);
      const peaks = found.observations.map(({ sample: { id } }) => history.peakOf(id) ?? 0);
      assert.ok(Math.max(...peaks) > 0);
    });
});

describe('the LRU', () => {
  it('is read in the first pass, even in one that is not detailed', (test) => {
    const host = hostOf(test, 'lru-multi-generational');
    const history = new History();
    observe(history, sampled, host, [], at, false);
    assert.equal(history.lru, 'multi-generational');
  });

  it('is read again in detailed passes alone, because it can be switched while the kernel runs', (test) => {
    let [reads, mask] = [0, '0x0000'];
    const host = withLru(hostOf(test, 'lru-classic'), () => {
      reads++;
      return text(mask);
    });
    const history = new History();
    const pass = (detailed: boolean): unknown => observe(history, sampled, host, [], at, detailed);
    pass(true);
    mask = '0x0007';
    pass(false);
    assert.deepEqual([reads, history.lru], [1, 'classic']);
    pass(true);
    assert.deepEqual([reads, history.lru], [2, 'multi-generational']);
  });

  it('is unknown where it cannot be read, and a detailed pass names the fault before all others', (test) => {
    const host = withLru(hostOf(test, 'lru-classic'), () => text('perhaps'));
    const history = new History();
    const found = observe(history, sampled, host, [], at, true);
    assert.equal(history.lru, 'unknown');
    assert.equal(found.faults.length, 2);
    assert.equal(found.faults[0]?.cgroup, '/');
    assert.match(found.faults[0]?.why ?? '', /^enabled:1: expected a mask such as 0x0007, got /);
    assert.deepEqual(found.faults[1], sampled.faults[0]);
    assert.equal(found.observations, sampled.observations);
    assert.equal(history.peakOf(service.sample.id), 6 * MiB, 'the samples count without it');
  });

  it('that cannot be read is no news in a pass that is not detailed', (test) => {
    const host = withLru(hostOf(test, 'lru-classic'), () => text('perhaps'));
    assert.equal(observe(new History(), sampled, host, [], at, false), sampled);
  });

  it('decides whether active file cache counts as read again', (test) => {
    for (const [mask, expected] of [
      ['0x0000', { cacheLeast: MiB, unsortedLeast: undefined }],
      ['0x0007', { cacheLeast: undefined, unsortedLeast: 3 * MiB }],
    ] as const) {
      const { cacheLeast, unsortedLeast } = stateAfter(
        withLru(hostOf(test, 'lru-classic'), () => text(mask)),
      );
      assert.deepEqual({ cacheLeast, unsortedLeast }, expected);
    }
  });
});

/** The state of the service after a pass that named it. */
function stateAfter(host: Host) {
  const history = new History();
  observe(history, sampled, host, [], at, true);
  history.accounted([{ ...service, usage: {} }], at);
  const [state] = history.kept().lifetimes;
  assert.ok(state !== undefined);
  return state;
}

describe('refaulted pages', () => {
  it('count in the page size of the host, and in 4 KiB where it is unknown', (test) => {
    const host = hostOf(test, 'lru-classic');
    const { machine: _, ...unknown } = host;
    assert.equal(stateAfter({ ...host, machine: { pageBytes: 65_536, cpus: 1 } }).refaulted, 655_360);
    assert.equal(stateAfter(unknown).refaulted, 40_960);
  });
});

describe('a pass', () => {
  it('without a known time keeps the peak and no start', (test) => {
    const history = new History();
    observe(history, sampled, hostOf(test, 'lru-classic'), [], undefined, true);
    assert.equal(history.peakOf(service.sample.id), 6 * MiB);
    assert.equal(history.sinceOf(service.sample.id), undefined);
  });

  it('gives the pods of the API to the history, with the OOM kills that they report', (test) => {
    const pod: Pod = {
      ...{ uid: 'u', namespace: 'shop', name: 'cart-1', labels: {} },
      containers: [
        {
          ...{ name: 'web', type: 'container', ids: [], running: true },
          oomKilled: [{ id: 'a', at: '2026-11-23T09:00:00Z' }],
        },
      ],
    };
    const history = new History();
    observe(history, sampled, hostOf(test, 'lru-classic'), [pod], at, false);
    assert.equal(history.killsOf('u', 'web'), 1);
  });
});
