import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { usageOf } from '../../src/account/memory.ts';
import { type ToolInputs, toolsOf } from '../../src/inspect/tools.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupSample } from '../../src/model/cgroup.ts';
import type { ToolReading } from '../../src/render/tool-reading.ts';

const stat2 = {
  ...{ anon: 100, file: 500, file_mapped: 60, active_file: 300, inactive_file: 150, slab_reclaimable: 20 },
  ...{ active_anon: 90, inactive_anon: 55, unevictable: 5 },
};
const stat1 = {
  ...{ total_rss: 100, total_cache: 500, total_mapped_file: 60, total_swap: 7 },
  ...{ total_active_file: 300, total_inactive_file: 150 },
  ...{ total_active_anon: 90, total_inactive_anon: 55, total_unevictable: 5 },
};
const node = {
  MemTotal: 9000,
  MemFree: 1000,
  Buffers: 100,
  Cached: 2000,
  SReclaimable: 50,
  MemAvailable: 3000,
};
const v1 = {
  ...{ 'memory.usage_in_bytes': 700, 'memory.memsw.usage_in_bytes': 710, 'memory.kmem.usage_in_bytes': 90 },
  ...{ 'memory.kmem.tcp.usage_in_bytes': 0, 'memory.max_usage_in_bytes': 800, 'memory.failcnt': 3 },
  ...{ 'root memory.usage_in_bytes': 5000, 'root total_inactive_file': 1200, 'Σ VmRSS': 250 },
  ...{ 'Σ writeable/private': 400, ...stat1, ...node },
};
const v2 = {
  ...{ 'memory.current': 700, 'memory.swap.current': 10, 'memory.peak': 800 },
  ...{ 'root anon': 2000, 'root file': 3000, 'root inactive_file': 1200, 'Σ VmRSS': 250 },
  ...{ 'Σ writeable/private': 400, ...stat2, ...node },
};

const seen = (version: 1 | 2, figures: object, more: Partial<ToolInputs> = {}): readonly ToolReading[] =>
  toolsOf({
    version,
    lru: 'classic',
    figures: new Map(Object.entries(figures)),
    absent: (name) => `no ${name}`,
    summands: () => [200, 50],
    ownLimit: bytes(1000),
    memTotal: bytes(9000),
    ...more,
  });

const valuesOf = (tools: readonly ToolReading[]): Record<string, number | undefined> =>
  Object.fromEntries(tools.map(({ tool, version, value }) => [`${tool}, ${version}`, value]));

describe('toolsOf', () => {
  it('computes each figure by the formula of its tool on v1', () =>
    assert.deepEqual(valuesOf(seen(1, v1)), {
      'realmem, real': 250,
      'realmem, unreclaimable': undefined,
      'asPublished, a misprint': 150,
      'docker stats, 1.13 to 17.05': 700,
      'docker stats, 17.06 to 19.03': 200,
      'docker stats, from 20.10': 550,
      'crictl stats, cri-dockerd, 0.3': 700,
      'kubectl top --containers, 1.30': 550,
      'metrics-server, 0.7': 550,
      'kubelet workingSetBytes, 1.30': 550,
      'crictl stats, 1.30': 550,
      'container_memory_usage_bytes, cAdvisor 0.49': 700,
      'container_memory_working_set_bytes, cAdvisor 0.49': 550,
      'container_memory_rss, cAdvisor 0.49': 100,
      'container_memory_cache, cAdvisor 0.49': 500,
      'container_memory_mapped_file, cAdvisor 0.49': 60,
      'container_memory_swap, cAdvisor 0.49': 7,
      'container_memory_max_usage_bytes, cAdvisor 0.49': 800,
      'container_memory_kernel_usage, cAdvisor 0.49': 90,
      'container_memory_failcnt, cAdvisor 0.49': 3,
      'libcontainer cache, runc 1.1': 500,
      'libcontainer usage, runc 1.1': 700,
      'libcontainer swap usage, runc 1.1': 710,
      'libcontainer kernel usage, runc 1.1': 90,
      'libcontainer kernel tcp usage, runc 1.1': 0,
      'podman stats, 4.0 to 5.5': 700,
      'podman stats, from 5.6': 550,
      'Koordinator, without page cache, 1.5': 150,
      'coroot, node-agent 1.2x': 160,
      'Netdata mem_usage, 2': 550,
      'ps, RSS, procps-ng 4.0': 250,
      'top, RES, procps-ng 4.0': 250,
      'pmap -d, writeable/private, procps-ng 4.0': 400,
      'free, used, to 3.3.9, -/+': 5900,
      'free, used, 3.3.10 to 4.0.0': 5850,
      'free, used, from 4.0.1': 6000,
      'kubelet eviction, memory.available, 1.30': 5200,
    }));

  it('computes each figure by the formula of its tool on v2', () => {
    const values = valuesOf(seen(2, v2));
    assert.equal(values['realmem, real'], 250);
    assert.equal(values['realmem, unreclaimable'], 230);
    assert.equal(values['asPublished, a misprint'], 150);
    assert.equal(values['docker stats, 1.13 to 17.05'], undefined);
    assert.equal(values['docker stats, from 20.10'], 550);
    assert.equal(values['container_memory_swap, cAdvisor 0.49'], 10);
    assert.equal(values['container_memory_max_usage_bytes, cAdvisor 0.49'], 800);
    assert.equal(values['libcontainer swap usage, runc 1.1'], 710);
    assert.equal(values['podman stats, 4.0 to 5.5'], 100);
    assert.equal(values['Koordinator, without page cache, 1.5'], 150);
    assert.equal(values['coroot, node-agent 1.2x'], 160);
    assert.equal(values['kubelet eviction, memory.available, 1.30'], 5200);
  });

  it('shows 0 on v2 for figures that libcontainer reads on v1 only', () => {
    const values = valuesOf(seen(2, v2));
    for (const tool of ['container_memory_failcnt, cAdvisor 0.49', 'libcontainer kernel usage, runc 1.1'])
      assert.equal(values[tool], 0);
  });

  it('leaves a figure unknown if its formula lacks a part, and names the part', () => {
    const { 'memory.failcnt': _, MemAvailable: __, ...fewer } = v1;
    const tools = seen(1, fewer);
    const failcnt = tools.find(({ tool }) => tool === 'container_memory_failcnt');
    assert.deepEqual([failcnt?.value, failcnt?.missing], [undefined, 'no memory.failcnt']);
    const free = tools.find(({ version }) => version === 'from 4.0.1');
    assert.deepEqual([free?.value, free?.missing], [undefined, 'no MemAvailable']);
  });

  it('shows 0 if inactive_file exceeds usage, but shows usage for docker', () => {
    const values = valuesOf(seen(2, { ...v2, inactive_file: 701 }));
    assert.equal(values['kubectl top --containers, 1.30'], 0);
    assert.equal(values['realmem, real'], 145);
    assert.equal(values['docker stats, from 20.10'], 700);
  });

  it('computes the same real as usageOf, for any figures', () => {
    const amount = fc.nat(1000);
    const figures = fc.record({
      ...{ usage: amount, activeFile: amount, inactiveFile: amount, slabReclaimable: amount },
      lists: fc.option(fc.tuple(amount, amount), { nil: undefined }),
    });
    fc.assert(
      fc.property(figures, ({ usage, lists, ...stat }) => {
        const whole = { ...stat, ...(lists && { activeAnon: lists[0], inactiveAnon: lists[1] }) };
        const sample = { id: { path: '/a', inode: 1 }, version: 2, faults: [], usage, stat: whole };
        const { realBytes, unreclaimableBytes } = usageOf(sample as unknown as CgroupSample);
        const values = valuesOf(
          seen(2, {
            'memory.current': usage,
            ...{ active_file: stat.activeFile, inactive_file: stat.inactiveFile },
            ...(lists && { active_anon: lists[0], inactive_anon: lists[1] }),
            slab_reclaimable: stat.slabReclaimable,
          }),
        );
        assert.equal(values['realmem, real'], realBytes);
        assert.equal(values['realmem, unreclaimable'], unreclaimableBytes);
      }),
    );
  });

  it('shows a share of the limit, or of the host without a limit or with a larger one', () => {
    const whole = (ownLimit: number | undefined) =>
      seen(2, v2, { ownLimit: ownLimit === undefined ? undefined : bytes(ownLimit) }).find(
        ({ tool, value }) => tool === 'docker stats' && value !== undefined,
      )?.whole;
    assert.deepEqual([whole(1000), whole(undefined), whole(10_000)], [1000, 9000, 9000]);
  });

  it('prints up to five summands of a sum over processes, and else their count', () => {
    const numbers = (count: number) =>
      seen(1, v1, { summands: () => Array.from({ length: count }, () => 50) }).find(
        ({ tool }) => tool === 'ps, RSS',
      )?.numbers;
    assert.equal(numbers(2), '50 + 50');
    assert.equal(numbers(30), 'the sum of 30 processes');
  });
});
