/** Explains one container of each recorded host, and checks invariants for every cgroup of all hosts. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { Names } from '../../src/identify/names.ts';
import { type DetailSource, readDetail } from '../../src/inspect/detail.ts';
import { explain, nameOfCgroup, whereOf } from '../../src/inspect/explain.ts';
import type { Explanation, KnownProbe } from '../../src/inspect/explanation.ts';
import { renderPs } from '../../src/inspect/ps.ts';
import { renderExplanation } from '../../src/inspect/render.ts';
import { matchesGolden } from '../golden.ts';
import { lay, tempDir } from '../temp.ts';

const hosts = new URL('../../fixtures/hosts/', import.meta.url);
const screen = { columns: 80, colour: false, ascii: false };
const rootOf = (host: string): string => new URL(`${host}/root`, hosts).pathname;

function explained(root: string, target: string, probeOf?: DetailSource['probeOf']): Explanation {
  const node = openNode({ root }, []);
  try {
    return explain({ ...node, ...(probeOf !== undefined && { probeOf }) }, root, { target }, 0);
  } finally {
    node.host.close();
  }
}

const cases = {
  article: '53a11f13c080',
  'kubernetes-v1': 'data/postgres-0/postgres',
  'nri-docker-v2': 'containerd',
  'docker-v1': '7c1e5a90d3b8',
  'memory-high': 'nolimit',
  'lru-classic': 'reader',
  'lru-multi-generational': 'reader',
  'bad-lines-v1': 'bbbbbbbbbbbb',
  'cache-above-usage-v1': 'eeeeeeeeeeee',
};

describe('explain', () => {
  for (const [host, target] of Object.entries(cases)) {
    it(`prints the golden explanation of ${target} on ${host}`, () =>
      matchesGolden(
        new URL(`${host}/explain.txt`, hosts),
        renderExplanation(explained(rootOf(host), target), 'table', screen),
      ));

    it(`prints the golden explanation of every tool for ${target} on ${host}`, () =>
      matchesGolden(
        new URL(`${host}/explain-all.txt`, hosts),
        renderExplanation(explained(rootOf(host), target), 'table', { ...screen, all: true }),
      ));
  }

  it('shows needed and cold page cache apart where a probe is known', () => {
    const MiB = 2 ** 20;
    const probe: KnownProbe = {
      ...{ at: Date.UTC(2026, 10, 30, 12) / 1000, neededCacheBytes: 24 * MiB, coldCacheBytes: 64 * MiB },
      ...{ errorBytes: MiB, watchedSeconds: 60, pod: 'postgres-0' },
    };
    const found = explained(rootOf('kubernetes-v1'), 'data/postgres-0/postgres', () => probe);
    for (const [name, all] of [
      ['probed', false],
      ['probed-all', true],
    ] as const)
      matchesGolden(
        new URL(`goldens/${name}.txt`, import.meta.url),
        renderExplanation(found, 'table', { ...screen, all }),
      );
    const rows = JSON.parse(renderExplanation(found, 'json', screen)) as { tool: string; bytes: number }[];
    const [needed, cold] = rows.slice(-2);
    assert.deepEqual(
      [needed?.tool, needed?.bytes, cold?.tool],
      ['needed page cache', 24 * MiB, 'cold page cache'],
    );
    const { usageBytes = 0, realBytes = 0 } = found.usage;
    assert.equal((needed?.bytes ?? 0) + (cold?.bytes ?? 0), usageBytes - realBytes);
  });

  it('takes a probe from the annotation of the pod where no history is known', () => {
    const root = rootOf('kubernetes-v1');
    const probe = { at: 1.7e9, neededCacheBytes: 1, coldCacheBytes: 2, errorBytes: 0, watchedSeconds: 1 };
    const node = openNode({ root }, []);
    try {
      const { names } = node.names;
      const pods = names.pods.map((pod) => ({ ...pod, probes: { postgres: probe } }));
      const source = { ...node, names: { names: new Names(pods) } };
      const target = 'data/postgres-0/postgres';
      assert.deepEqual(explain(source, root, { target }, 1.7e12).probe, probe);
      assert.equal(explain(source, root, { target }, 1.703e12).probe?.old, 'age');
    } finally {
      node.host.close();
    }
  });

  it('shows the shares that the article prints', () => {
    const text = renderExplanation(explained(rootOf('article'), '53a11f'), 'table', { ...screen, all: true });
    assert.match(text, /^REAL 69\.1Gi of 128Gi \(53\.99%\)/m);
    assert.match(text, /^docker stats +1\.13 to 17\.05 +125\.7GiB \/ 128GiB {2}98\.24%$/m);
    assert.match(text, /^docker stats +from 20\.10 +118GiB \/ 128GiB {2}92\.15%$/m);
  });

  it('explains the working set under the multi-generational LRU, and shows the same real under both LRUs', () => {
    const [classic, multi] = (['lru-classic', 'lru-multi-generational'] as const).map((host) =>
      explained(rootOf(host), 'reader'),
    );
    assert.equal(multi?.usage.realBytes, classic?.usage.realBytes);
    assert.deepEqual([classic?.lru, multi?.lru], ['classic', 'multi-generational']);
    const [sheet, other] = [classic, multi].map(
      (one) => one && renderExplanation(one, 'table', { ...screen, all: true }).replaceAll(/\s+/g, ' '),
    );
    const says = /This kernel runs the multi-generational LRU\. .* Real is the same under both\./;
    assert.doesNotMatch(sheet ?? '', /multi-generational/);
    assert.match(other ?? '', says);
    assert.doesNotMatch(other ?? '', /keeps active_file/);
  });

  for (const host of fs.readdirSync(hosts))
    it(`shows the same figures as the report for every cgroup of ${host}`, async () => {
      const root = rootOf(host);
      const node = openNode({ root }, []);
      const { report } = await tick(node, 0, true);
      node.host.close();
      for (const figures of [
        ...(report?.pods ?? []),
        ...(report?.containers ?? []),
        ...(report?.others ?? []),
      ]) {
        const { tools, parts, usage } = explained(root, figures.cgroup);
        assert.equal(usage.realBytes, figures.realBytes);
        const value = (name: string) => tools.find(({ tool }) => tool === name)?.value;
        assert.equal(value('realmem'), figures.realBytes, figures.cgroup);
        assert.equal(value('kubectl top --containers'), figures.workingSetBytes);
        assert.equal(value('container_memory_usage_bytes'), figures.usageBytes);
        assert.equal(value('container_memory_rss'), figures.rssBytes);
        if (usage.usageBytes === undefined || parts.some(({ bytes }) => bytes === undefined)) continue;
        const sum = parts.reduce((total, { bytes = 0 }) => total + bytes, 0);
        assert.equal(sum, usage.usageBytes, figures.cgroup);
      }
    });
});

describe('ps', () => {
  const root = rootOf('docker-v1');

  const seen = (target: string, from = root) => {
    const node = openNode({ root: from }, []);
    try {
      const found = readDetail(node, from, { target }, 0);
      return { found, where: whereOf(node, found, 0) };
    } finally {
      node.host.close();
    }
  };

  it('prints the golden table of processes from a recording', () => {
    const { found, where } = seen('7c1e5a90d3b8');
    const { observation, processes = assert.fail('no processes'), sums } = found;
    const { usage, sample } = observation;
    const ps = { name: nameOfCgroup(found), cgroup: sample.id.path, where, usage, processes, sums };
    matchesGolden(new URL('docker-v1/ps.txt', hosts), renderPs(ps, 'table', true, 80));
  });

  it('uses the last sample of a recording with several', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    const { path } = seen('7c1e').found.observation.sample.id;
    const files = { [`sys/fs/cgroup/memory${path}/memory.usage_in_bytes`]: '142194304\n' };
    const later = { at: '2026-11-26T00:00:00Z', gone: [], made: [], files, again: {} };
    lay(copy, { 'samples/0002.json': JSON.stringify(later) });
    const { found, where } = seen('7c1e', copy);
    assert.equal(found.observation.usage.usageBytes, 142_194_304);
    assert.match(where, /2026-11-26T00:00:00Z$/);
  });
});
