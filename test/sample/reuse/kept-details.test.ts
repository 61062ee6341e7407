import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CgroupVersion } from '../../../src/model/cgroup.ts';
import { hashOf } from '../../../src/model/text.ts';
import { sampleCgroup } from '../../../src/sample/cgroup.ts';
import { KeptDetails, type NodeFeatures } from '../../../src/sample/reuse/kept-details.ts';
import { bytesOf } from '../../any-bytes.ts';

const v1 = {
  'memory.usage_in_bytes': '1000\n',
  'memory.stat':
    'total_pgfault 1\ntotal_active_file 200\ntotal_inactive_file 100\nhierarchical_memory_limit 4096\ntotal_swap 0\n',
  'memory.kmem.usage_in_bytes': '50\n',
  'memory.limit_in_bytes': '4096\n',
  'memory.max_usage_in_bytes': '1500\n',
  'memory.oom_control': 'oom_kill 2\n',
  'memory.failcnt': '5\n',
  'memory.kmem.tcp.limit_in_bytes': '9223372036854771712\n',
  'memory.kmem.tcp.usage_in_bytes': '0\n',
};
const calm =
  'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n';
const v2 = {
  'memory.current': '1000\n',
  'memory.stat': 'pgfault 1\nactive_file 200\ninactive_file 100\nzswap 0\n',
  'memory.max': '4096\n',
  'memory.high': 'max\n',
  'memory.peak': '1500\n',
  'memory.swap.current': '70\n',
  'memory.events': 'high 0\nmax 5\noom 1\noom_kill 2\n',
  'memory.events.local': 'high 0\nmax 5\noom 1\noom_kill 2\n',
  'memory.pressure': calm,
};
const hot = { 1: ['memory.usage_in_bytes', 'memory.stat'], 2: ['memory.current', 'memory.stat'] } as const;

/** The path of a cgroup. With remainder 0 it has no lead, so the intervals show exactly. */
const pathWith = (remainder: number): string => {
  for (let n = 0; ; n++) if (hashOf(`/${n}`) % 16 === remainder) return `/${n}`;
};

/** One object, as the host's own. */
const noSizes: readonly string[] = [];

/** Makes reports of one cgroup. */
function reports(version: CgroupVersion, path = pathWith(0), isExplained = true) {
  const files: Record<string, string> = { ...(version === 1 ? v1 : v2) };
  const kept = new KeptDetails();
  const id = { path, inode: 1 };
  const asked: string[] = [];
  const sampled = (seconds: number, features: NodeFeatures = {}, pods?: object) => {
    asked.length = 0;
    kept.features = { hugePageSizes: noSizes, ...features };
    kept.beginReport(seconds * 1000, pods);
    const read = (file: string) => {
      asked.push(file);
      const text = files[file];
      return text === undefined ? undefined : bytesOf(text);
    };
    const reuse = { kept, isExplained: () => isExplained };
    return sampleCgroup({ id, read }, version, true, reuse);
  };
  const report = (...args: Parameters<typeof sampled>) => {
    const sample = sampled(...args);
    return { asked: [...asked], ...sample };
  };
  return { files, sampled, report };
}

/** After so many seconds a report reads the limit again. On v1 `memory.stat` shows at once if another one is in force. */
const longest = { 1: 300, 2: 60 } as const;

for (const version of [1, 2] as const)
  describe(`a report of a v${version} cgroup`, () => {
    const events = version === 1 ? 'memory.oom_control' : 'memory.events';
    const limit = version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
    const peak = version === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak';
    const usage = hot[version][0];

    it('reads only usage and stat while both stay the same, with the same result', () => {
      const { report } = reports(version);
      report(0);
      const { asked: _, ...first } = report(15);
      const { asked, ...second } = report(30);
      assert.deepEqual(asked, hot[version]);
      assert.deepEqual(second, first);
    });

    it('takes the sample of the last report as it is, until a file is due', () => {
      const { files, sampled } = reports(version);
      for (const seconds of [0, 15, 30, 45]) sampled(seconds);
      const last = sampled(60);
      assert.equal(sampled(75), last);
      files[limit] = '8192\n';
      assert.equal(sampled(90), last);
      assert.equal(sampled(60 + longest[version]).details?.limit, 8192);
    });

    it('takes the sample of the last report when a file that was due has not changed', () => {
      const { report, sampled } = reports(version);
      for (const seconds of [0, 15, 30, 45]) sampled(seconds);
      const last = sampled(60);
      assert.ok(report(60 + longest[version]).asked.includes(limit));
      assert.equal(sampled(75 + longest[version]), last);
    });

    it('takes no sample whose stat has disappeared', () => {
      const { files, sampled } = reports(version);
      for (const seconds of [0, 15, 30, 45, 60]) sampled(seconds);
      delete files['memory.stat'];
      assert.equal(sampled(75).stat, undefined);
    });

    it('has figures again as soon as a stat that had disappeared is back, even if it is the same', () => {
      const { files, sampled } = reports(version);
      for (const seconds of [0, 15, 30, 45]) sampled(seconds);
      const stat = files['memory.stat'] ?? '';
      delete files['memory.stat'];
      assert.equal(sampled(60).stat, undefined);
      files['memory.stat'] = stat;
      assert.equal(sampled(75).stat?.activeFile, 200);
    });

    it('looks for a missing usage once in each report', () => {
      const { files, report } = reports(version);
      delete files[usage];
      for (const seconds of [0, 15, 30])
        assert.equal(report(seconds).asked.filter((file) => file === usage).length, 1);
    });

    it('takes no sample with a fault: the fault shows in each report', () => {
      const { files, sampled } = reports(version);
      files[peak] = 'many\n';
      for (const seconds of [0, 15, 30, 45]) assert.equal(sampled(seconds).faults.length, 1);
    });

    it('reads the events again as soon as the stat changes by one page fault', () => {
      const { files, report } = reports(version);
      report(0);
      files['memory.stat'] = files['memory.stat']?.replace('pgfault 1', 'pgfault 2') ?? '';
      files[events] = 'oom_kill 3\n';
      assert.equal(report(15).details?.oomKills, 3);
    });

    it('reads the events again as soon as usage changes', () => {
      const { files, report } = reports(version);
      report(0);
      files[usage] = '1001\n';
      files[events] = 'oom_kill 3\n';
      assert.equal(report(15).details?.oomKills, 3);
    });

    it('reads the limit again after its interval', () => {
      const { files, report } = reports(version);
      report(0);
      files[limit] = '8192\n';
      const before = Array.from({ length: longest[version] / 15 - 1 }, (_, index) => 15 * (index + 1));
      for (const at of before) assert.equal(report(at).details?.limit, 4096);
      assert.equal(report(longest[version]).details?.limit, 8192);
    });

    it('reads the limit again in the first report after a pod of the node changed', () => {
      const { files, report } = reports(version);
      const [before, after] = [[], []];
      report(0, {}, before);
      files[limit] = '8192\n';
      assert.equal(report(15, {}, before).details?.limit, 4096);
      assert.equal(report(30, {}, after).details?.limit, 8192);
      assert.ok(!report(45, {}, after).asked.includes(limit));
    });

    it('reads the peak again when usage exceeds it', () => {
      const { files, report } = reports(version);
      report(0);
      files[usage] = '1501\n';
      files[peak] = '1600\n';
      assert.equal(report(15).details?.peak, 1600);
    });

    it('reads everything again when the clock was set back', () => {
      const { files, report } = reports(version);
      report(1000);
      files[limit] = '8192\n';
      assert.equal(report(0).details?.limit, 8192);
    });

    it('reads a malformed file again in the next report', () => {
      const { files, report } = reports(version);
      files[limit] = 'broken\n';
      assert.equal(report(0).faults.length, 1);
      assert.equal(report(15).faults.length, 1);
      files[limit] = '8192\n';
      assert.deepEqual([report(30).details?.limit, report(45).faults], [8192, []]);
    });

    it('finds a file that appears before its third report, and later within five minutes', () => {
      const { files, report } = reports(version);
      delete files[limit];
      assert.equal(report(0).details?.limit, undefined);
      files[limit] = '8192\n';
      assert.equal(report(15).details?.limit, 8192);
    });

    it('reads usage and stat twice only if the parts of usage do not explain it', () => {
      const twice = (isExplained: boolean) =>
        reports(version, pathWith(0), isExplained)
          .report(0)
          .asked.filter((file) => file === 'memory.stat').length;
      assert.deepEqual([twice(true), twice(false)], [1, 2]);
    });

    it('looks for no file of huge pages on a node that can have none', () => {
      const { report } = reports(version);
      const { asked } = report(0);
      assert.deepEqual(
        asked.filter((file) => file.startsWith('hugetlb.')),
        [],
      );
    });

    it('shows huge pages in the report after the one that found some on the node', () => {
      const { files, report } = reports(version);
      const file = `hugetlb.2MB.${version === 1 ? 'usage_in_bytes' : 'current'}`;
      files[file] = '0\n';
      const hugePageSizes = ['2MB'];
      const without = [0, 15, 30].map((at) => report(at, { hugePageSizes, hasHugePages: false }));
      assert.deepEqual(
        without.map(({ asked, details }) => [asked.includes(file), details?.hugetlb]),
        [
          [true, 0],
          [false, 0],
          [false, 0],
        ],
      );
      files[file] = '2097152\n';
      assert.equal(report(45, { hugePageSizes, hasHugePages: true }).details?.hugetlb, 2_097_152);
    });

    it('reads files that are due now and then at different times for different cgroups', () => {
      const due = [0, 1, 4, 8, 12].map((remainder) => {
        const { report } = reports(version, pathWith(remainder));
        report(0);
        const times = Array.from({ length: longest[version] / 15 }, (_, index) => 15 * (index + 1));
        return times.find((at) => report(at).asked.includes(limit));
      });
      assert.ok(new Set(due).size > 2, `all in the same reports: ${due.join(', ')}`);
    });
  });

describe('a report of a v1 cgroup', () => {
  it('takes swap from the stat while it is 0, and else reads memsw', () => {
    const { files, report } = reports(1);
    files['memory.memsw.usage_in_bytes'] = '1070\n';
    const none = report(0);
    assert.deepEqual([none.details?.swap, none.asked.includes('memory.memsw.usage_in_bytes')], [0, false]);
    files['memory.stat'] = files['memory.stat']?.replace('total_swap 0', 'total_swap 70') ?? '';
    assert.equal(report(15).details?.swap, 70);
  });

  it('reads the limit again as soon as another one is in force', () => {
    const { files, report } = reports(1);
    report(0);
    files['memory.stat'] = files['memory.stat']?.replace('limit 4096', 'limit 2048') ?? '';
    files['memory.limit_in_bytes'] = '2048\n';
    assert.equal(report(15).details?.limit, 2048);
  });

  it('reads limit, peak and failure count with each new kill', () => {
    const { files, report } = reports(1);
    report(0);
    Object.assign(files, { 'memory.usage_in_bytes': '900\n', 'memory.oom_control': 'oom_kill 3\n' });
    Object.assign(files, { 'memory.max_usage_in_bytes': '2048\n', 'memory.failcnt': '9\n' });
    files['memory.limit_in_bytes'] = '2048\n';
    const { limit, peak, failCount } = report(15).details ?? {};
    assert.deepEqual([limit, peak, failCount], [2048, 2048, 9]);
  });

  it('reads the TCP usage in each report once a limit counts it', () => {
    const { files, report } = reports(1);
    files['memory.kmem.tcp.limit_in_bytes'] = '8192\n';
    files['memory.kmem.tcp.usage_in_bytes'] = '0\n';
    assert.equal(report(0).details?.kmemTcp, 0);
    files['memory.kmem.tcp.usage_in_bytes'] = '20\n';
    assert.equal(report(15).details?.kmemTcp, 20);
  });
});

describe('a report of a v2 cgroup', () => {
  it('reads the pressure in each report until it has fallen to 0', () => {
    const { files, report } = reports(2);
    files['memory.pressure'] = calm.replaceAll('avg60=0.00', 'avg60=1.50');
    report(0);
    files['memory.pressure'] = calm.replaceAll('avg60=0.00', 'avg60=0.50');
    assert.equal(report(15).details?.psiSomeAvg60, 0.5);
    files['memory.pressure'] = calm;
    assert.equal(report(30).details?.psiSomeAvg60, 0);
    assert.ok(!report(45).asked.includes('memory.pressure'));
  });

  it('reads the local events only when the events changed', () => {
    const { files, report } = reports(2);
    report(0);
    files['memory.current'] = '1001\n';
    assert.ok(!report(15).asked.includes('memory.events.local'));
    files['memory.current'] = '1002\n';
    files['memory.events'] = 'high 0\nmax 6\noom 1\noom_kill 2\n';
    files['memory.events.local'] = 'high 0\nmax 6\noom 1\noom_kill 2\n';
    const { asked, details } = report(30);
    assert.deepEqual([asked.includes('memory.events.local'), details?.limitOomsLocal], [true, 1]);
  });

  it('reads no swap on a node without swap, and reads it again once there is some', () => {
    const { files, report } = reports(2);
    files['memory.swap.current'] = '0\n';
    report(0, { hasSwap: false });
    files['memory.current'] = '1001\n';
    assert.ok(!report(15, { hasSwap: false }).asked.includes('memory.swap.current'));
    files['memory.current'] = '1002\n';
    files['memory.swap.current'] = '70\n';
    assert.equal(report(30, { hasSwap: true }).details?.swap, 70);
  });

  it('takes zswap from the stat', () =>
    assert.ok(!reports(2).report(0).asked.includes('memory.zswap.current')));
});

describe('a report of a v2 cgroup', () => {
  it('reads the limit with each new kill', () => {
    const { files, report } = reports(2);
    report(0);
    Object.assign(files, { 'memory.current': '900\n', 'memory.max': '2048\n' });
    files['memory.events'] = 'high 0\nmax 6\noom 2\noom_kill 3\n';
    assert.equal(report(15).details?.limit, 2048);
  });

  it('looks again for files that were missing when the controller is enabled', () => {
    const { files, report } = reports(2);
    const all = { ...files };
    for (const file of Object.keys(files)) delete files[file];
    for (let at = 0; at < 75; at += 15) report(at);
    Object.assign(files, all);
    assert.notEqual(report(75).details?.limit, undefined);
  });
});
