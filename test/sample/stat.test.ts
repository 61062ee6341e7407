import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { CgroupVersion, MemoryStat } from '../../src/model/cgroup.ts';
import { parseStat } from '../../src/sample/stat.ts';
import { bytesOf, faultOf, valueOrFault, withFaults } from '../any-bytes.ts';

const hosts = new URL('../../fixtures/hosts/', import.meta.url);
const fixture = (path: string): string => fs.readFileSync(new URL(`${path}/memory.stat`, hosts), 'utf8');

const article = fixture(
  'article/root/sys/fs/cgroup/memory/docker/53a11f13c08099dd6d21030dd2ddade54d5cdd7ae7e9e68f5ba055ad28498b6f',
);
const service = fixture('nri-docker-v2/root/sys/fs/cgroup/system.slice/containerd.service');

const parseWithFaults = (text: string, version: CgroupVersion) =>
  withFaults((onFault) => parseStat('/a/memory.stat', bytesOf(text), version, true, onFault));

/** Parses a file that must give no error. */
function parse(text: string, version: CgroupVersion): MemoryStat {
  const { value, faults } = parseWithFaults(text, version);
  assert.deepEqual(faults, []);
  return value;
}

describe('memory.stat of v1', () => {
  it('parses the memory.stat of the article', () =>
    assert.deepEqual(parse(article, 1), {
      anon: 695_980_032,
      file: 134_325_506_048,
      fileMapped: 16_155_119_616,
      activeAnon: 74_202_603_520,
      inactiveAnon: 4_218_880,
      activeFile: 52_449_439_744,
      inactiveFile: 8_365_199_360,
      unevictable: 0,
      swap: 655_171_584,
      hierarchicalLimit: 137_438_953_472,
    }));

  it('uses the hierarchical keys, never the local ones', () => {
    const local = 'cache 1\nrss 1\nshmem 1\nactive_file 1\ninactive_file 1\nactive_anon 1\nunevictable 1\n';
    assert.deepEqual(parse(local, 1), {});
    assert.deepEqual(parse(`${local}total_active_file 20\ntotal_inactive_file 30\n`, 1), {
      activeFile: 20,
      inactiveFile: 30,
    });
  });

  it('has shared memory only where the kernel gives it', () => {
    assert.equal('shmem' in parse(article, 1), false);
    assert.equal(parse('total_shmem 0\n', 1).shmem, 0);
  });

  for (const unlimited of ['9223372036854771712', '9223372036854710272', '9223372036854775807'])
    it(`returns no limit for ${unlimited}`, () =>
      assert.deepEqual(parse(`hierarchical_memory_limit ${unlimited}\n`, 1), { hierarchicalLimit: 'none' }));

  it('drops a limit between 2^53 and 2^62, which is neither a limit nor none', () => {
    const text = 'total_rss 1\nhierarchical_memory_limit 9007199254740993\n';
    const { value, faults } = parseWithFaults(text, 1);
    assert.deepEqual([value, faults.map(({ detail }) => detail.line)], [{ anon: 1 }, [2]]);
  });

  it('may be followed by a blank line', () => assert.deepEqual(parse(`${article}\n`, 1), parse(article, 1)));
});

describe('parseStat on v2', () => {
  it('parses the file of a real service', () =>
    assert.deepEqual(parse(service, 2), {
      anon: 141_561_856,
      file: 210_780_160,
      kernelStack: 1_032_192,
      pagetables: 2_658_304,
      percpu: 747_072,
      sock: 8_192,
      shmem: 946_176,
      fileMapped: 60_403_712,
      activeAnon: 2_011_136,
      inactiveAnon: 119_017_472,
      activeFile: 122_060_800,
      inactiveFile: 95_236_096,
      unevictable: 14_016_512,
      slabReclaimable: 17_064_264,
      slab: 19_602_616,
      swapCached: 0,
      refaultFile: 135_607,
    }));

  it('parses the keys of later kernels', () =>
    assert.deepEqual(
      parse('kernel 100\nvmalloc 5\nsec_pagetables 7\nzswap 3\nzswapped 9\nhugetlb 4194304\n', 2),
      { kernel: 100, vmalloc: 5, secPagetables: 7, zswap: 3, hugetlb: 4_194_304 },
    ));

  it('reads refaults of files from one key before Linux 5.9, and from their own key after', () => {
    assert.equal(parse('workingset_refault 8\n', 2).refaultFile, 8);
    const later = 'workingset_refault_anon 1\nworkingset_refault_file 2\n';
    assert.equal(parse(later, 2).refaultFile, 2);
    assert.equal(parse('total_workingset_refault_file 3\n', 1).refaultFile, 3);
  });

  it('ignores the keys of v1', () =>
    assert.deepEqual(parse('total_active_file 5\nhierarchical_memory_limit 7\n', 2), {}));
});

for (const version of [1, 2] as const)
  describe(`parseStat on v${version}, for errors`, () => {
    const key = version === 1 ? 'total_active_file' : 'active_file';

    const other = version === 1 ? 'total_inactive_file' : 'inactive_file';

    for (const figure of ['-5', '-4096', '18446744073709547520', '9007199254740993', 'x', ''])
      it(`drops only ${key} for the value ${JSON.stringify(figure)}, and names the line`, () => {
        const { value, faults } = parseWithFaults(`cache 1\n${key} ${figure}\n${other} 7\n`, version);
        assert.deepEqual(value, { inactiveFile: 7 });
        assert.deepEqual(
          faults.map(({ detail: { where, line, got } }) => [where, line, got]),
          [['/a/memory.stat', 2, `"${key} ${figure}"`]],
        );
      });

    it('rejects a file in which nothing is usable', () =>
      assert.equal(faultOf(() => parse('broken\n', version)).detail.line, 1));

    const [whole, part] = version === 1 ? ['total_cache', 'total_shmem'] : ['file', 'shmem'];
    it(`drops ${part} if it exceeds ${whole} by more than the lag`, () => {
      const { value, faults } = parseWithFaults(`${whole} 5\n${part} ${2 ** 30}\n`, version);
      assert.deepEqual(value, { file: 5 });
      assert.match(faults[0]?.message ?? '', /:2: expected (total_)?shmem up to \w+ \(5\), got /);
      assert.deepEqual(parse(`${whole} 5\n${part} 4096\n`, version), { file: 5, shmem: 4096 });
    });

    it('gives values or a located error for any bytes', () =>
      valueOrFault(
        version === 1 ? article : service,
        (file, text, onFault) => parseStat(file, text, version, true, onFault),
        (value) => Object.values(value).filter((one) => one !== 'none'),
      ));
  });
