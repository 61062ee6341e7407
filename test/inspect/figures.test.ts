import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { absenceOf, filesOf, kernelFiguresOf } from '../../src/inspect/figures.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { CgroupVersion } from '../../src/model/cgroup.ts';
import type { Meminfo } from '../../src/model/meminfo.ts';
import type { ProcessSums } from '../../src/model/process.ts';

type Texts = Readonly<Record<string, string | Uint8Array>>;

interface Given {
  readonly version?: CgroupVersion;
  readonly files?: Texts;
  readonly rootFiles?: Texts;
  readonly meminfo?: Meminfo;
  readonly sums?: ProcessSums;
  readonly faults?: string[];
}

const bytesOf = (files: Texts): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.entries(files).map(([file, text]) => [file, Buffer.from(text)]));

function read({ version = 2, files = {}, rootFiles = {}, meminfo, sums = {}, faults = [] }: Given): {
  readonly figures: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
} {
  const found = kernelFiguresOf({
    ...{ version, files: bytesOf(files), rootFiles: bytesOf(rootFiles), meminfo, sums, faults },
  });
  return { figures: Object.fromEntries(found), faults };
}

describe('kernelFiguresOf', () => {
  it('names files and keys of memory.stat as the kernel does, and those of the root with a prefix', () =>
    assert.deepEqual(
      read({
        files: { 'memory.current': '700\n', 'memory.stat': 'anon 100\nfile 500\n' },
        rootFiles: { 'memory.stat': 'anon 2000\n' },
      }),
      { figures: { 'memory.current': 700, anon: 100, file: 500, 'root anon': 2000 }, faults: [] },
    ));

  it('keeps a figure of 0, and omits the figure of a missing file', () =>
    assert.deepEqual(read({ files: { 'memory.swap.current': '0\n' } }).figures, {
      'memory.swap.current': 0,
    }));

  it('reads v1 files on v1 only, and v2 files on v2 only', () => {
    const files = { 'memory.usage_in_bytes': '1\n', 'memory.current': '2\n' };
    assert.deepEqual(read({ version: 1, files }).figures, { 'memory.usage_in_bytes': 1 });
    assert.deepEqual(read({ version: 2, files }).figures, { 'memory.current': 2 });
  });

  it('reads the peak, the failed charges and the kernel memory of v1', () => {
    const files = Object.fromEntries(filesOf(1).map((file, index) => [file, `${index}\n`]));
    const { figures } = read({ version: 1, files: { ...files, 'memory.stat': 'total_rss 9\n' } });
    assert.deepEqual(figures, {
      ...{ 'memory.usage_in_bytes': 0, 'memory.memsw.usage_in_bytes': 1, 'memory.kmem.usage_in_bytes': 2 },
      ...{ 'memory.kmem.tcp.usage_in_bytes': 3, 'memory.max_usage_in_bytes': 4, 'memory.failcnt': 5 },
      total_rss: 9,
    });
  });

  it('names the figures of /proc/meminfo and the sums over processes, and omits those that are absent', () => {
    const meminfo: Meminfo = {
      ...{ memTotal: bytes(9), memFree: bytes(8), buffers: bytes(0), cached: bytes(6) },
      ...{ slabReclaimable: bytes(5), memAvailable: bytes(4) },
    };
    const sums = { rssBytes: bytes(3), writablePrivateBytes: bytes(2), vszBytes: bytes(1) };
    assert.deepEqual(read({ meminfo, sums }).figures, {
      ...{ MemTotal: 9, MemFree: 8, Buffers: 0, Cached: 6, SReclaimable: 5, MemAvailable: 4 },
      ...{ 'Σ VmRSS': 3, 'Σ writeable/private': 2 },
    });
    const { memAvailable: _, ...old } = meminfo;
    assert.equal('MemAvailable' in read({ meminfo: old }).figures, false);
    assert.deepEqual(read({}).figures, {});
  });

  it('reports a file without a number, and keeps the figures of the other files', () => {
    const { figures, faults } = read({
      files: { 'memory.current': 'abc\n', 'memory.peak': '800\n', 'memory.stat': 'anon 1\n' },
    });
    assert.deepEqual(figures, { 'memory.peak': 800, anon: 1 });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', /^memory\.current:1: expected a number, got "abc"$/);
  });

  it('does not repeat a fault that the sample reported with the path of the cgroup', () => {
    const files = { 'memory.current': 'abc\n' };
    const [why = ''] = read({ files }).faults;
    const known = [`/docker/a/${why}`];
    assert.deepEqual(read({ files, faults: [...known] }).faults, known);
    assert.deepEqual(read({ files, faults: ['/docker/a/memory.peak: other'] }).faults.length, 2);
  });

  it('reports a memory.stat without a usable line', () => {
    const { figures, faults } = read({ files: { 'memory.stat': 'anon\n' } });
    assert.deepEqual(figures, {});
    assert.match(faults.join('\n'), /^memory\.stat:1: expected "key number", got "anon"$/);
  });

  it('gives only finite numbers, or a fault, for any bytes', () => {
    const content = fc.oneof(fc.uint8Array(), fc.string(), fc.stringMatching(/^anon -?[0-9]{1,30}\n?$/));
    fc.assert(
      fc.property(content, content, (number, stat) => {
        const { figures, faults } = read({ files: { 'memory.current': number, 'memory.stat': stat } });
        for (const value of Object.values(figures)) assert.ok(Number.isFinite(value) && value >= 0);
        assert.ok('memory.current' in figures || faults.length > 0);
      }),
    );
  });

  it('reads the same bytes of every recorded memory.stat of v2 as node:fs', () => {
    const hosts = new URL('../../fixtures/hosts/', import.meta.url).pathname;
    const stats = fs.globSync('*-v2*/root/sys/fs/cgroup/**/memory.stat', { cwd: hosts });
    assert.ok(stats.length > 2);
    for (const file of stats) {
      const text = fs.readFileSync(`${hosts}${file}`, 'utf8');
      const { figures } = read({ files: { 'memory.stat': text } });
      for (const [, key = '', number] of text.matchAll(/^(anon|file|active_file|inactive_file) (\d+)$/gm))
        assert.equal(figures[key], Number(number), file);
    }
  });
});

describe('absenceOf', () => {
  const live = { recording: false, meminfo: true, processes: 3, faults: [] };
  const recorded = { ...live, recording: true };

  it('says that this kernel lacks a file or a key, and of a recording that the recording does', () => {
    assert.equal(absenceOf('memory.peak', live), 'this kernel has no memory.peak');
    assert.equal(absenceOf('anon', live), 'this kernel has no anon in memory.stat');
    assert.equal(absenceOf('memory.peak', recorded), 'this recording has no memory.peak');
    assert.equal(absenceOf('total_rss', recorded), 'this recording has no total_rss in memory.stat');
  });

  it('names a missing line of /proc/meminfo, or says that the host has no such file', () => {
    assert.equal(absenceOf('MemAvailable', live), '/proc/meminfo has no MemAvailable');
    assert.equal(absenceOf('MemTotal', { ...live, meminfo: false }), 'this host has no /proc/meminfo');
  });

  it('says that the root cgroup lacks a figure, on a live host and in a recording', () => {
    for (const known of [live, recorded])
      assert.equal(absenceOf('root anon', known), 'the root cgroup has no such figure');
  });

  it('distinguishes a recording without processes, one without maps, and an unreadable process', () => {
    assert.equal(
      absenceOf('Σ VmRSS', { ...recorded, processes: undefined }),
      'this recording has no processes',
    );
    assert.match(absenceOf('Σ writeable/private', recorded), /^recordings omit \/proc\/<pid>\/maps/);
    assert.equal(absenceOf('Σ VmRSS', recorded), 'realmem could not read VmRSS of every process');
    assert.equal(
      absenceOf('Σ writeable/private', { ...live, fault: 'EACCES' }),
      'realmem could not read writeable/private of every process: EACCES',
    );
    assert.match(absenceOf('Σ VmRSS', { ...live, processes: 0 }), /^realmem could not read VmRSS/);
  });

  it('says that a line is invalid if a fault quotes that key, and not one that only begins like it', () => {
    const faults = ['/a/memory.stat:2: expected a number up to 2^53 − 1, got "anon_thp -1"'];
    assert.equal(absenceOf('anon_thp', { ...live, faults }), 'the line anon_thp of memory.stat is invalid');
    assert.equal(absenceOf('anon', { ...live, faults }), 'this kernel has no anon in memory.stat');
  });

  it('says that a file is unreadable if a fault names it', () => {
    const faults = ['/a/memory.current:1: expected a number, got "abc"'];
    assert.equal(absenceOf('memory.current', { ...live, faults }), 'realmem could not read memory.current');
    assert.equal(
      absenceOf('memory.swap.current', { ...live, faults }),
      'this kernel has no memory.swap.current',
    );
    const denied = ['/a/memory.stat: expected a readable file, got EACCES'];
    assert.equal(absenceOf('anon', { ...recorded, faults: denied }), 'realmem could not read memory.stat');
    const ofRoot = ['/memory.stat: expected a readable file, got EACCES'];
    assert.equal(absenceOf('anon', { ...live, faults: ofRoot }), 'this kernel has no anon in memory.stat');
  });
});
