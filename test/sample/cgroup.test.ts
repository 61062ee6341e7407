import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CgroupGone, type CgroupSample, type CgroupVersion, type RawCgroup } from '../../src/model/cgroup.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { hotFiles, sampleCgroup } from '../../src/sample/cgroup.ts';
import { bytesOf } from '../any-bytes.ts';

type Files = Readonly<Record<string, string | Error>>;

interface Recorded extends RawCgroup {
  /** The files read, in order. */
  readonly asked: string[];
}

function rawCgroup(files: Files, path = '/a'): Recorded {
  const asked: string[] = [];
  return {
    id: { path, inode: 42 },
    asked,
    read(file) {
      asked.push(file);
      const content = files[file];
      if (content instanceof Error) throw content;
      return content === undefined ? undefined : bytesOf(content);
    },
  };
}

const sample = (files: Files, version: CgroupVersion, detailed = true): CgroupSample =>
  sampleCgroup(rawCgroup(files), version, detailed);

const v2 = {
  'memory.current': '1000\n',
  'memory.stat': 'anon 300\nfile 600\nactive_file 200\ninactive_file 100\n',
  'memory.max': 'max\n',
  'memory.peak': '1500\n',
  'memory.swap.current': '70\n',
  'memory.zswap.current': '30\n',
  'memory.high': '2048\n',
  'memory.events': 'low 0\nhigh 9\nmax 5\noom 1\noom_kill 2\noom_group_kill 0\n',
  'memory.pressure':
    'some avg10=0.00 avg60=1.50 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.50 avg300=0.00 total=1\n',
};

const v1 = {
  'memory.usage_in_bytes': '1000\n',
  'memory.memsw.usage_in_bytes': '1070\n',
  'memory.stat':
    'total_rss 300\ntotal_active_file 200\ntotal_inactive_file 100\nhierarchical_memory_limit 4096\n',
  'memory.kmem.usage_in_bytes': '50\n',
  'memory.limit_in_bytes': '4096\n',
  'memory.max_usage_in_bytes': '1500\n',
  'memory.kmem.tcp.limit_in_bytes': '8192\n',
  'memory.kmem.tcp.usage_in_bytes': '20\n',
  'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
  'memory.failcnt': '5\n',
};

describe('sampleCgroup on v2', () => {
  it('returns all figures', () =>
    assert.deepEqual(sample(v2, 2), {
      id: { path: '/a', inode: 42 },
      version: 2,
      usage: 1000,
      stat: { anon: 300, file: 600, activeFile: 200, inactiveFile: 100 },
      details: {
        limit: 'none',
        high: 2048,
        peak: 1500,
        swap: 70,
        zswap: 30,
        oomKills: 2,
        limitOoms: 1,
        highEvents: 9,
        failCount: 5,
        psiSomeAvg60: 1.5,
        psiFullAvg60: 0.5,
      },
      again: { usage: 1000, stat: { anon: 300, file: 600, activeFile: 200, inactiveFile: 100 } },
      faults: [],
    }));

  it('returns no memory.high for the value max, and without the file', () => {
    assert.equal(sample({ ...v2, 'memory.high': 'max\n' }, 2).details?.high, 'none');
    const { 'memory.high': _, ...without } = v2;
    assert.ok(!('high' in (sample(without, 2).details ?? {})));
  });

  it('returns the memory.high events of the cgroup alone if the kernel counts them', () => {
    const { details } = sample({ ...v2, 'memory.events.local': 'high 7\nmax 5\n' }, 2);
    assert.deepEqual([details?.highEvents, details?.highEventsLocal], [9, 7]);
  });

  it('names a malformed memory.high and goes on', () => {
    const { details, faults } = sample({ ...v2, 'memory.high': '2k\n' }, 2);
    assert.deepEqual([details?.high, details?.highEvents], [undefined, 9]);
    assert.match(faults.join(), /memory\.high:1: expected a number/);
  });
});

describe('sampleCgroup on v1', () => {
  it('returns all figures, with swap as the difference of memsw and usage', () =>
    assert.deepEqual(sample(v1, 1), {
      id: { path: '/a', inode: 42 },
      version: 1,
      usage: 1000,
      stat: { anon: 300, activeFile: 200, inactiveFile: 100, hierarchicalLimit: 4096 },
      kmem: 50,
      details: { limit: 4096, peak: 1500, kmemTcp: 20, oomKills: 2, failCount: 5, swap: 70 },
      again: {
        usage: 1000,
        stat: { anon: 300, activeFile: 200, inactiveFile: 100, hierarchicalLimit: 4096 },
        kmem: 50,
      },
      faults: [],
    }));

  it('counts a group kill once, however many processes the kernel counts', () => {
    // Linux 6.1: two group kills of one process each.
    const events = 'low 0\nhigh 0\nmax 46\noom 2\noom_kill 4\noom_group_kill 2\n';
    assert.equal(sample({ ...v2, 'memory.events': events }, 2).details?.oomKills, 2);
  });

  it('returns no OOM kills before Linux 4.13', () => {
    const { details, faults } = sample(
      { ...v1, 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n' },
      1,
    );
    assert.equal('oomKills' in (details ?? {}), false);
    assert.deepEqual(faults, []);
  });

  it('returns a negative swap as it was read', () =>
    assert.equal(sample({ ...v1, 'memory.memsw.usage_in_bytes': '990\n' }, 1).details?.swap, -10));

  it('returns no swap if either operand is missing', () => {
    const { 'memory.memsw.usage_in_bytes': _, ...withoutSwap } = v1;
    assert.equal('swap' in (sample(withoutSwap, 1).details ?? {}), false);
    assert.equal('swap' in (sample({ ...v1, 'memory.usage_in_bytes': 'x\n' }, 1).details ?? {}), false);
  });

  describe('TCP buffers', () => {
    const tcp = (limit: string | undefined, usage: string): number | undefined =>
      sample(
        {
          ...(limit !== undefined && { 'memory.kmem.tcp.limit_in_bytes': limit }),
          'memory.kmem.tcp.usage_in_bytes': usage,
        },
        1,
      ).details?.kmemTcp;

    it('are absent at 0 without a TCP limit, since the kernel does not count them', () =>
      assert.equal(tcp('9223372036854771712\n', '0\n'), undefined));

    it('are 0 if a TCP limit switched the counter on', () => assert.equal(tcp('8192\n', '0\n'), 0));

    it('are the counter’s value once it has counted', () =>
      assert.equal(tcp('9223372036854771712\n', '7\n'), 7));

    it('are absent at 0 without the file of the limit', () => assert.equal(tcp(undefined, '0\n'), undefined));
  });
});

describe('huge pages', () => {
  it('are summed over all sizes, on both versions', () => {
    const v2Sizes = { 'hugetlb.2MB.current': '4194304\n', 'hugetlb.1GB.current': '1073741824\n' };
    assert.equal(sample({ ...v2, ...v2Sizes }, 2).details?.hugetlb, 4_194_304 + 1_073_741_824);
    const v1Sizes = { 'hugetlb.64KB.usage_in_bytes': '65536\n', 'hugetlb.2MB.usage_in_bytes': '0\n' };
    assert.equal(sample({ ...v1, ...v1Sizes }, 1).details?.hugetlb, 65_536);
  });

  it('are zero if unused, and absent without the controller', () => {
    assert.equal(sample({ ...v2, 'hugetlb.2MB.current': '0\n' }, 2).details?.hugetlb, 0);
    assert.equal('hugetlb' in (sample(v2, 2).details ?? {}), false);
  });
});

describe('OOM kills', () => {
  it('are also counted for the cgroup alone if the kernel does so', () => {
    const { oomKills, oomKillsLocal } =
      sample({ ...v2, 'memory.events.local': 'oom 0\noom_kill 0\noom_group_kill 0\n' }, 2).details ?? {};
    assert.deepEqual([oomKills, oomKillsLocal], [2, 0]);
    assert.equal('oomKillsLocal' in (sample(v2, 2).details ?? {}), false);
  });
});

describe('files with any bytes', () => {
  const names = [
    ...new Set([...Object.keys(v1), ...Object.keys(v2)]),
    'memory.events.local',
    'hugetlb.2MB.current',
  ];
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.constantFrom(...Object.values({ ...v1, ...v2 }), '', 'max\n', '18446744073709551615\n').map(bytesOf),
  );
  for (const version of [1, 2] as const)
    it(`of v${version} give a sample, and one fault per malformed file`, () => {
      const files = fc.dictionary(fc.constantFrom(...names), content);
      fc.assert(
        fc.property(files, fc.boolean(), (any, detailed) => {
          const raw: RawCgroup = { id: { path: '/a', inode: 1 }, read: (file) => any[file] };
          const { faults } = sampleCgroup(raw, version, detailed);
          for (const fault of faults) assert.match(fault, /^\/a\/[\w.]+(?::\d+)?: expected /);
        }),
      );
    });
});

describe('a second reading', () => {
  it('shows that the cgroup moved', () => {
    let asked = 0;
    const raw: RawCgroup = {
      id: { path: '/a', inode: 1 },
      read: (file) => {
        if (file === 'memory.current') return bytesOf(`${1000 + 500 * asked++}\n`);
        const content = (v2 as Files)[file];
        return typeof content === 'string' ? bytesOf(content) : undefined;
      },
    };
    const { usage, again } = sampleCgroup(raw, 2, true);
    assert.deepEqual([usage, again?.usage], [1000, 1500]);
  });

  it('adds no faults', () => {
    let asked = 0;
    const raw: RawCgroup = {
      id: { path: '/a', inode: 1 },
      read: (file) => {
        if (file === 'memory.stat' && asked++ > 0) return bytesOf('broken');
        const content = (v2 as Files)[file];
        return typeof content === 'string' ? bytesOf(content) : undefined;
      },
    };
    const { faults, again } = sampleCgroup(raw, 2, true);
    assert.deepEqual([faults, again], [[], { usage: 1000 }]);
  });
});

describe('a sample', () => {
  for (const version of [1, 2] as const) {
    const files: Files = version === 1 ? v1 : v2;

    it(`of v${version} without details reads only the hot files, usage and then stat`, () => {
      const raw = rawCgroup(files);
      assert.equal('details' in sampleCgroup(raw, version, false), false);
      assert.deepEqual(raw.asked, [...hotFiles[version]]);
    });

    it(`of v${version} in detail reads only the moving files twice, usage and then stat`, () => {
      const raw = rawCgroup(files);
      sampleCgroup(raw, version, true);
      const twice = raw.asked.filter((file, index) => raw.asked.indexOf(file) !== index);
      assert.deepEqual(twice, [
        ...hotFiles[version],
        ...(version === 1 ? ['memory.kmem.usage_in_bytes'] : []),
      ]);
      const usage = raw.asked.indexOf(hotFiles[version][0]);
      assert.equal(raw.asked[usage + 1], 'memory.stat');
    });

    it(`of v${version} is empty if the cgroup has no files`, () =>
      assert.deepEqual(sample({}, version, false), { id: { path: '/a', inode: 42 }, version, faults: [] }));

    for (const file of Object.keys(files))
      it(`of v${version} with a malformed ${file} has one fault, and all other figures`, () => {
        const broken = sample({ ...files, [file]: 'broken\n' }, version);
        assert.equal(broken.faults.length, 1);
        assert.match(
          broken.faults[0] ?? '',
          new RegExp(`^/a/${file.replaceAll('.', '\\.')}:1: expected .*, got "broken"$`),
        );
        const { [file]: _, ...others } = files;
        assert.deepEqual({ ...broken, faults: [] }, sample(others, version));
      });
  }

  it('names files of the root cgroup with one slash', () =>
    assert.match(
      sampleCgroup(rawCgroup({ 'memory.stat': 'x' }, '/'), 2, false).faults[0] ?? '',
      /^\/memory\.stat:1:/,
    ));

  it('of a file that may not be read tells why', () => {
    const denied = new LocatedError({
      where: '/a/memory.stat',
      expected: 'a readable file',
      got: 'EACCES',
    });
    const { usage, stat, faults } = sample({ ...v2, 'memory.stat': denied }, 2, false);
    assert.deepEqual([usage, stat], [1000, undefined]);
    assert.deepEqual(faults, ['/a/memory.stat: expected a readable file, got EACCES']);
  });

  it('has one fault per malformed file', () =>
    assert.equal(
      sample({ ...v2, 'memory.stat': 'x', 'memory.max': 'y', 'memory.peak': 'z' }, 2).faults.length,
      3,
    ));

  for (const file of ['memory.current', 'memory.stat', 'memory.pressure'])
    it(`ends with CgroupGone if the cgroup is gone at ${file}`, () =>
      assert.throws(() => sample({ ...v2, [file]: new CgroupGone() }, 2), CgroupGone));

  it('copies its numbers before the buffer is reused', () => {
    const buffer = new Uint8Array(256);
    const raw: RawCgroup = {
      id: { path: '/a', inode: 1 },
      read(file) {
        const content = (v2 as Files)[file];
        if (typeof content !== 'string') return undefined;
        buffer.fill(0x39);
        const { written } = new TextEncoder().encodeInto(content, buffer);
        return buffer.subarray(0, written);
      },
    };
    assert.deepEqual(sampleCgroup(raw, 2, true), { ...sample(v2, 2), id: raw.id });
  });

  it('names the line of a count above 2^53', () =>
    assert.match(
      sample({ ...v2, 'memory.events': 'max 1\noom_kill 9007199254740993\n' }, 2).faults[0] ?? '',
      /^\/a\/memory\.events:2: /,
    ));
});
