import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { realOf, usageOf, whyNoReal } from '../../src/account/memory.ts';
import { bytes, formatShare } from '../../src/model/bytes.ts';
import type { CgroupDetails, CgroupSample, CgroupVersion, MemoryStat } from '../../src/model/cgroup.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';
import { sampleCgroup } from '../../src/sample/cgroup.ts';

type Numbers<Of> = { readonly [name in keyof Of]?: number | string };

/** A sample with these numbers. */
function sampleOf(
  version: CgroupVersion,
  numbers: { readonly usage?: number; readonly kmem?: number },
  stat?: Numbers<MemoryStat>,
  details?: Numbers<CgroupDetails>,
): CgroupSample {
  const sample = {
    id: { path: '/a', inode: 1 },
    version,
    ...numbers,
    ...(stat && { stat }),
    ...(details && { details }),
    faults: [],
  };
  return sample as unknown as CgroupSample;
}

const usage = (...sample: Parameters<typeof sampleOf>): MemoryUsage => usageOf(sampleOf(...sample));

/** Samples a recorded cgroup as on its host. */
function recorded(host: string, path: string, version: CgroupVersion): MemoryUsage {
  const root = new URL(`../../fixtures/hosts/${host}/root/sys/fs/cgroup/${path}/`, import.meta.url);
  const raw = {
    id: { path: `/${path}`, inode: 1 },
    read(file: string) {
      const at = new URL(file, root);
      return fs.existsSync(at) ? fs.readFileSync(at) : undefined;
    },
  };
  return usageOf(sampleCgroup(raw, version, true));
}

describe('the container of the article', () => {
  const limit = 137_438_953_472;
  const sample = recorded(
    'article',
    'memory/docker/53a11f13c08099dd6d21030dd2ddade54d5cdd7ae7e9e68f5ba055ad28498b6f',
    1,
  );
  const share = (value: number | undefined) => formatShare(value ?? Number.NaN, limit, 2);

  it('really uses 74207219712 bytes, 53.99 % of its limit', () => {
    assert.equal(sample.realBytes, 74_207_219_712);
    assert.equal(share(sample.realBytes), '53.99%');
  });

  it('has a usage of 98.24 % and a working set of 92.15 %', () => {
    assert.deepEqual([sample.usageBytes, sample.workingSetBytes], [135_021_858_816, 126_656_659_456]);
    assert.deepEqual([share(sample.usageBytes), share(sample.workingSetBytes)], ['98.24%', '92.15%']);
  });

  it('has 657432576 bytes in swap', () => assert.equal(sample.swapBytes, 657_432_576));

  it('agrees to 0.4 MB with two sums that do not use usage', () => {
    const {
      realBytes = 0,
      rssBytes = 0,
      cacheBytes = 0,
      activeFileBytes = 0,
      inactiveFileBytes = 0,
    } = sample;
    const anonymous = 4_218_880 + 74_202_603_520;
    assert.equal(anonymous, 74_206_822_400);
    assert.equal(rssBytes + cacheBytes - activeFileBytes - inactiveFileBytes, 74_206_846_976);
    for (const sum of [anonymous, 74_206_846_976]) assert.ok(Math.abs(realBytes - sum) < 400_000);
  });

  it('has no kernel, tmpfs or slab figure, and is not clamped', () => {
    for (const absent of [
      'kernelBytes',
      'shmemBytes',
      'unreclaimableBytes',
      'lazyFreeBytes',
      'residualBytes',
      'clamped',
    ])
      assert.equal(absent in sample, false, absent);
  });
});

describe('a recorded service on v2', () => {
  const service = recorded('nri-docker-v2', 'system.slice/containerd.service', 2);

  it('has the sum of the kernel’s parts, as before Linux 5.18', () =>
    assert.equal(service.kernelBytes, 1_032_192 + 19_602_616 + 2_658_304 + 747_072));

  it('splits real into reclaimable and unreclaimable memory', () =>
    assert.equal((service.unreclaimableBytes ?? 0) + (service.slabReclaimableBytes ?? 0), service.realBytes));
});

describe('recorded containers on v2', () => {
  const paths = [
    'system.slice/docker-ba7b10d15d16e10e3de7a2dcd408a3d971169ae303f46cfad4c5453c6326fee2.scope',
    'kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod8712f785_1a3e_41ec_a00b_e2dcc77431cb.slice/docker-73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd.scope',
  ];
  for (const path of paths)
    it(`have a residual within the lag of one CPU: ${path.slice(-18, -6)}`, () => {
      const { residualBytes = Number.NaN } = recorded('coroot-v2', path, 2);
      assert.ok(Math.abs(residualBytes) <= 2 * 64 * 4096, `${residualBytes}`);
    });
});

describe('real', () => {
  it('is usage without the file cache, with tmpfs', () =>
    assert.equal(
      usage(2, { usage: 1000 }, { file: 700, shmem: 400, activeFile: 200, inactiveFile: 100 }).realBytes,
      700,
    ));

  const lists = { activeAnon: 15, inactiveAnon: 25 };

  it('is the anonymous lists, marked as a lower bound, if page cache exceeds usage', () => {
    const made = usage(2, { usage: 100 }, { activeFile: 90, inactiveFile: 30, ...lists });
    assert.deepEqual([made.realBytes, made.workingSetBytes, made.clamped], [40, 70, true]);
  });

  it('is the anonymous lists, marked as a lower bound, if usage minus cache is less', () => {
    const made = usage(1, { usage: 100 }, { activeFile: 50, inactiveFile: 20, ...lists });
    assert.deepEqual([made.realBytes, made.clamped], [40, true]);
  });

  it('never exceeds usage, however long the lists are', () => {
    const made = usage(2, { usage: 30 }, { activeFile: 50, inactiveFile: 0, ...lists });
    assert.deepEqual([made.realBytes, made.clamped], [30, true]);
  });

  it('is not marked if usage minus page cache covers the lists', () => {
    const made = usage(2, { usage: 100 }, { activeFile: 30, inactiveFile: 30, ...lists });
    assert.deepEqual([made.realBytes, made.clamped], [40, undefined]);
  });

  for (const files of [90, 70])
    it(`is unknown without the lists, for a usage of 100 with page cache of ${files + 30}`, () => {
      const sample = sampleOf(2, { usage: 100 }, { activeFile: files, inactiveFile: 30, activeAnon: 5 });
      assert.equal('realBytes' in usageOf(sample), false);
      assert.equal('clamped' in usageOf(sample), false);
      assert.equal(realOf(sample), undefined);
      assert.match(whyNoReal(sample) ?? '', /^real is absent: usage does not exceed its page cache/);
    });

  it('is zero for an empty cgroup, with or without lists', () => {
    for (const more of [{}, { activeAnon: 0, inactiveAnon: 0 }]) {
      const empty = usage(2, { usage: 0 }, { activeFile: 0, inactiveFile: 0, ...more });
      assert.deepEqual([empty.realBytes, empty.clamped], [0, undefined]);
    }
  });

  for (const [what, numbers, stat] of [
    ['usage', {}, { activeFile: 1, inactiveFile: 1 }],
    ['active_file', { usage: 100 }, { inactiveFile: 1 }],
    ['inactive_file', { usage: 100 }, { activeFile: 1 }],
    ['memory.stat', { usage: 100 }, undefined],
  ] as const)
    it(`is absent without ${what}`, () => {
      const without = usage(2, numbers, stat);
      assert.equal('realBytes' in without, false);
      assert.equal('unreclaimableBytes' in without, false);
    });

  it('is between zero and usage for any figures', () => {
    const amount = fc.nat(1_000_000);
    fc.assert(
      fc.property(
        fc.record({
          ...{ activeFile: amount, inactiveFile: amount, slabReclaimable: amount },
          ...{ activeAnon: amount, inactiveAnon: amount },
        }),
        amount,
        (stat, all) => {
          const made = usage(2, { usage: all }, stat);
          const { realBytes = -1, workingSetBytes = -1, unreclaimableBytes = -1 } = made;
          assert.ok(0 <= unreclaimableBytes && unreclaimableBytes <= realBytes && realBytes <= all);
          assert.ok(0 <= workingSetBytes && workingSetBytes <= all);
          const difference = all - stat.activeFile - stat.inactiveFile;
          assert.ok(realBytes >= Math.min(all, stat.activeAnon + stat.inactiveAnon));
          assert.equal(made.clamped === true, realBytes !== difference);
        },
      ),
    );
  });
});

describe('unreclaimable', () => {
  it('is real minus reclaimable slab', () =>
    assert.equal(
      usage(2, { usage: 100 }, { activeFile: 10, inactiveFile: 10, slabReclaimable: 30 }).unreclaimableBytes,
      50,
    ));

  it('is absent on v1, which has no slab per cgroup', () =>
    assert.equal(
      'unreclaimableBytes' in usage(1, { usage: 100 }, { activeFile: 10, inactiveFile: 10 }),
      false,
    ));
});

describe('kernel memory', () => {
  const parts = { kernelStack: 1, slab: 20, pagetables: 300, percpu: 4000 };

  it('is the kernel’s own sum from Linux 5.18 on', () =>
    assert.equal(usage(2, {}, { ...parts, kernel: 9999, secPagetables: 5 }).kernelBytes, 9999));

  it('is the sum of its parts before Linux 5.18', () => assert.equal(usage(2, {}, parts).kernelBytes, 4321));

  it('includes the page tables of virtual machines if the kernel counts them separately', () =>
    assert.equal(usage(2, {}, { ...parts, secPagetables: 50_000 }).kernelBytes, 54_321));

  it('includes vmalloc on Linux 5.17, which has no sum', () =>
    assert.equal(usage(2, {}, { ...parts, vmalloc: 600_000 }).kernelBytes, 604_321));

  for (const part of Object.keys(parts))
    it(`is absent without ${part}`, () => {
      const others = Object.fromEntries(Object.entries(parts).filter(([name]) => name !== part));
      assert.equal('kernelBytes' in usage(2, {}, others), false);
    });

  it('is kmem on v1', () => {
    assert.equal(usage(1, { kmem: 77 }, {}).kernelBytes, 77);
    assert.equal('kernelBytes' in usage(1, {}, parts), false);
  });
});

describe('huge pages', () => {
  it('are the controller’s figure, or else the charged amount, and never part of real', () => {
    assert.equal(usage(2, {}, { hugetlb: 5 }, { hugetlb: 7 }).hugetlbBytes, 7);
    assert.equal(usage(2, {}, { hugetlb: 5 }).hugetlbBytes, 5);
    const { realBytes } = usage(2, { usage: 100 }, { activeFile: 10, inactiveFile: 10 }, { hugetlb: 50 });
    assert.equal(realBytes, 80);
  });
});

describe('OOM kills of the cgroup alone', () => {
  it('are shown if its children had others', () => {
    assert.equal(usage(2, {}, {}, { oomKills: 3, oomKillsLocal: 1 }).oomKillsLocal, 1);
    assert.equal('oomKillsLocal' in usage(2, {}, {}, { oomKills: 3, oomKillsLocal: 3 }), false);
  });
});

describe('lazily freed memory', () => {
  it('is the amount by which the anonymous lists fall short', () =>
    assert.equal(
      usage(2, {}, { anon: 231, shmem: 10, activeAnon: 1, inactiveAnon: 30, unevictable: 10 }).lazyFreeBytes,
      200,
    ));

  it('never exceeds anon, however much tmpfs the lists lack', () =>
    assert.equal(
      usage(2, {}, { anon: 5, shmem: 500, activeAnon: 1, inactiveAnon: 2, unevictable: 0 }).lazyFreeBytes,
      5,
    ));

  it('is zero if the lists are as long or longer', () =>
    assert.equal(
      usage(2, {}, { anon: 10, shmem: 0, activeAnon: 5, inactiveAnon: 9, unevictable: 0 }).lazyFreeBytes,
      0,
    ));

  it('is absent without shmem, which early v1 lacks', () =>
    assert.equal(
      'lazyFreeBytes' in usage(1, {}, { anon: 10, activeAnon: 5, inactiveAnon: 5, unevictable: 0 }),
      false,
    ));
});

describe('swap', () => {
  it('is that of memory.stat if memsw was read below usage, and absent without both', () => {
    assert.equal(usage(1, { usage: 100 }, { swap: 7 }, { swap: -10 }).swapBytes, 7);
    assert.equal('swapBytes' in usage(1, { usage: 100 }, {}, { swap: -10 }), false);
    assert.equal(usage(1, { usage: 100 }, { swap: 7 }, { swap: 9 }).swapBytes, 9);
  });

  it('is zero if there is none', () => {
    const { swapBytes, clamped } = usage(2, { usage: 100 }, {}, { swap: 0 });
    assert.deepEqual([swapBytes, clamped], [0, undefined]);
  });

  it('is never part of real', () =>
    assert.equal(
      usage(2, { usage: 100 }, { activeFile: 10, inactiveFile: 10 }, { swap: 50, zswap: 20 }).realBytes,
      80,
    ));

  it('in zswap comes from its own file, or else from memory.stat', () => {
    assert.equal(usage(2, {}, { zswap: 5 }, { zswap: 7 }).zswapBytes, 7);
    assert.equal(usage(2, {}, { zswap: 5 }).zswapBytes, 5);
  });
});

describe('a limit', () => {
  const sample = sampleOf(2, { usage: 100 });
  it('has no source if it is the cgroup’s own', () => {
    const own = usageOf(sample, { limit: { bytes: bytes(500), path: '/a' } });
    assert.equal(own.limitBytes, 500);
    assert.equal('limitFrom' in own, false);
  });

  it('names the ancestor that sets it', () =>
    assert.deepEqual(usageOf(sample, { limit: { bytes: bytes(500), path: '/' } }).limitFrom, '/'));

  it('is absent if there is none', () => assert.equal('limitBytes' in usageOf(sample), false));
});

it('usageOf keeps the request', () =>
  assert.equal(usageOf(sampleOf(2, {}), { request: bytes(64) }).requestBytes, 64));

it('usageOf gives no figure for an empty sample', () => {
  assert.deepEqual(usage(2, {}), {});
  assert.deepEqual(usage(1, {}, {}, {}), {});
});

describe('figures of other files', () => {
  it('are kept as they are', () => {
    const details = {
      peak: 1,
      kmemTcp: 2,
      oomKills: 4,
      failCount: 5,
      psiSomeAvg60: 6.5,
      psiFullAvg60: 7.5,
    };
    assert.deepEqual(usage(2, {}, { refaultFile: 8, sock: 9 }, details), {
      ...{ peakBytes: 1, kernelTcpBytes: 2, oomKills: 4, failCount: 5 },
      ...{ psiSomeAvg60: 6.5, psiFullAvg60: 7.5, refaultsFile: 8, sockBytes: 9 },
    });
  });

  it('keep their zeros', () => {
    const zero = usage(2, { usage: 0 }, { anon: 0, shmem: 0 }, { oomKills: 0, psiSomeAvg60: 0 });
    assert.deepEqual(zero, { usageBytes: 0, rssBytes: 0, shmemBytes: 0, oomKills: 0, psiSomeAvg60: 0 });
  });
});

describe('whyNoReal', () => {
  const full = { activeFile: 1, inactiveFile: 1 };
  it('is undefined if there is a real', () =>
    assert.equal(whyNoReal(sampleOf(2, { usage: 5 }, full)), undefined));

  it('is undefined if a fault already says why', () =>
    assert.equal(whyNoReal({ ...sampleOf(2, {}), faults: ['/a/memory.stat:1: …'] }), undefined));

  it('says that there are no memory files', () =>
    assert.match(whyNoReal(sampleOf(2, {})) ?? '', /^no memory files: /));

  it('is undefined for a fault of the missing key, and not for that of another key', () => {
    const sample = { ...sampleOf(2, { usage: 5 }, { inactiveFile: 1 }), id: { path: '/a', inode: 1 } };
    const fault = (key: string) => `/a/memory.stat:3: expected "key number", got "${key} -1"`;
    assert.match(whyNoReal({ ...sample, faults: [fault('file_mapped')] }) ?? '', /no active_file in memory/);
    assert.equal(whyNoReal({ ...sample, faults: [fault('active_file')] }), undefined);
  });

  it('names each missing file or key', () => {
    assert.equal(whyNoReal(sampleOf(2, { usage: 5 })), 'real is absent: there is no memory.stat');
    assert.equal(whyNoReal(sampleOf(2, {}, full)), 'real is absent: there is no memory.current');
    assert.equal(
      whyNoReal(sampleOf(1, {}, { activeFile: 1 })),
      'real is absent: there is no memory.usage_in_bytes, no inactive_file in memory.stat',
    );
    assert.match(whyNoReal(sampleOf(2, { usage: 5 }, {})) ?? '', /no active_file .*, no inactive_file /);
  });

  it('gives a reason exactly if real is absent without a fault', () => {
    const some = fc.option(fc.nat(100), { nil: undefined });
    fc.assert(
      fc.property(
        some,
        some,
        some,
        fc.boolean(),
        fc.constantFrom(1 as const, 2 as const),
        (all, active, inactive, hasStat, version) => {
          const stat = {
            ...(active !== undefined && { activeFile: active }),
            ...(inactive !== undefined && { inactiveFile: inactive }),
          };
          const sample = sampleOf(
            version,
            { ...(all !== undefined && { usage: all }) },
            hasStat ? stat : undefined,
          );
          assert.equal(whyNoReal(sample) === undefined, usageOf(sample).realBytes !== undefined);
        },
      ),
    );
  });
});
