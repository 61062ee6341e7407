/** One container of each recorded host, explained; and what must hold of every cgroup of all of them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { explain, nameOf, whereOf } from '../../src/inspect/explain.ts';
import type { Explained } from '../../src/inspect/explained.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import { renderPs } from '../../src/inspect/ps.ts';
import { renderExplained } from '../../src/inspect/render.ts';
import { matchesGolden } from '../golden.ts';
import { lay, tempDir } from '../temp.ts';

const hosts = new URL('../../fixtures/hosts/', import.meta.url);
const screen = { columns: 80, colour: false, ascii: false };
const rootOf = (host: string): string => new URL(`${host}/root`, hosts).pathname;

function explained(root: string, target: string): Explained {
  const node = openNode({ root }, []);
  try {
    return explain(node, root, { target }, 0);
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
  for (const [host, target] of Object.entries(cases))
    it(`shows ${target} of ${host}`, () =>
      matchesGolden(
        new URL(`${host}/explain.txt`, hosts),
        renderExplained(explained(rootOf(host), target), 'table', screen),
      ));

  it('shows the shares of the founding document', () => {
    const text = renderExplained(explained(rootOf('article'), '53a11f'), 'table', screen);
    assert.match(text, /^REAL 69\.1Gi of 128Gi \(53\.99%\)/m);
    assert.match(text, /^docker stats +1\.13 to 17\.05 +125\.7GiB \/ 128GiB {2}98\.24%$/m);
    assert.match(text, /^docker stats +from 20\.10 +118GiB \/ 128GiB {2}92\.15%$/m);
  });

  it('says under the multi-generational LRU why the working set is close to real, and is the same in real', () => {
    const [classic, multi] = (['lru-classic', 'lru-multi-generational'] as const).map((host) =>
      explained(rootOf(host), 'reader'),
    );
    assert.equal(multi?.usage.realBytes, classic?.usage.realBytes);
    assert.deepEqual([classic?.lru, multi?.lru], ['classic', 'multi-generational']);
    const [sheet, other] = [classic, multi].map(
      (one) => one && renderExplained(one, 'table', screen).replaceAll(/\s+/g, ' '),
    );
    const says = /This kernel runs the multi-generational LRU: .* Real is the same under both\./;
    assert.doesNotMatch(sheet ?? '', /multi-generational/);
    assert.match(other ?? '', says);
    assert.doesNotMatch(other ?? '', /which is page cache as well/);
  });

  for (const host of fs.readdirSync(hosts))
    it(`agrees with the report about every cgroup of ${host}`, async () => {
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
      const found = inspect(node, from, { target }, 0);
      return { found, where: whereOf(node, found, 0) };
    } finally {
      node.host.close();
    }
  };

  it('shows the processes of a recording', () => {
    const { found, where } = seen('7c1e5a90d3b8');
    const { observation, processes = assert.fail('no processes'), sums } = found;
    const { usage, sample } = observation;
    const ps = { name: nameOf(found), cgroup: sample.id.path, where, usage, processes, sums };
    matchesGolden(new URL('docker-v1/ps.txt', hosts), renderPs(ps, 'table', true, 80));
  });

  it('adds up to what ps and top showed of the same moment', () =>
    assert.equal(seen('7c1e5a90d3b8').found.sums.rssBytes, 239_648 * 1024));

  it('has the processes of all cgroups below', () =>
    assert.equal(seen('/docker').found.processes?.processes.length, 3));

  it('finds them by their own files where cgroup.procs was not recorded', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    const { sample } = seen('7c1e').found.observation;
    fs.rmSync(`${copy}/sys/fs/cgroup/memory${sample.id.path}/cgroup.procs`);
    assert.equal(seen('7c1e', copy).found.processes?.processes.length, 3);
    lay(copy, { 'proc/9/cgroup': '4:memory:/docker/other\n', 'proc/9/status': 'Name:\tother\n' });
    assert.equal(seen('7c1e', copy).found.processes?.processes.length, 3);
  });

  it('is of the last sample of several', (test) => {
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

  it('knows that a recording has none', () =>
    assert.equal(seen('data/postgres-0', rootOf('kubernetes-v1')).found.processes, undefined));

  it('looks at a cgroup below a container as well', (test) => {
    const copy = tempDir(test);
    fs.cpSync(root, copy, { recursive: true });
    const { path } = seen('7c1e').found.observation.sample.id;
    const below = `sys/fs/cgroup/memory${path}/inner`;
    lay(copy, {
      [`${below}/memory.usage_in_bytes`]: '4096\n',
      [`${below}/memory.stat`]: 'total_active_file 1024\ntotal_inactive_file 1024\n',
      [`${below}/cgroup.procs`]: '7676\n',
    });
    const { observation, processes } = seen(`${path}/inner`, copy).found;
    assert.equal(observation.usage.realBytes, 2048);
    assert.deepEqual(
      processes?.processes.map(({ pid }) => pid),
      [7676],
    );
  });
});
