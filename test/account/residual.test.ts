import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { usageOf } from '../../src/account/memory.ts';
import { lagOf } from '../../src/account/residual.ts';
import { openNode } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import type { CgroupDetails, CgroupSample, CgroupVersion, MemoryStat } from '../../src/model/cgroup.ts';
import { type MemoryUsage, residualCauses } from '../../src/model/usage.ts';

type Numbers<Of> = { readonly [name in keyof Of]?: number };

interface Given {
  readonly usage?: number;
  readonly kmem?: number;
  readonly stat?: Numbers<MemoryStat>;
  readonly details?: Numbers<CgroupDetails>;
  readonly again?: { readonly usage?: number; readonly kmem?: number; readonly stat?: Numbers<MemoryStat> };
  readonly hasBelow?: boolean;
}

const mebibyte = 1024 ** 2;
/** The smallest lag: 64 precharged pages, and 64 that memory.stat has not counted yet. */
const lag = lagOf({ pageBytes: 4096, cpus: 1 });

function accounted(version: CgroupVersion, { hasBelow = false, ...given }: Given): MemoryUsage {
  const sample = { id: { path: '/a', inode: 1 }, version, faults: [], ...given };
  return usageOf(sample as unknown as CgroupSample, { hasBelow });
}

const usage = (
  version: CgroupVersion,
  numbers: { readonly usage?: number; readonly kmem?: number },
  stat?: Numbers<MemoryStat>,
): MemoryUsage => accounted(version, { ...numbers, ...(stat && { stat }) });

const causeOf = (version: CgroupVersion, given: Given) => accounted(version, given).residualCause;

describe('residualOf', () => {
  const lists = { activeAnon: 100, inactiveAnon: 200, activeFile: 30, inactiveFile: 40, unevictable: 5 };

  it('is the part of usage that no figure explains', () =>
    assert.equal(usage(2, { usage: 500 }, { ...lists, kernel: 60, sock: 7 }).residualBytes, 58));

  it('can be negative, since the kernel counts late', () => {
    const late = usage(2, { usage: 400 }, { ...lists, kernel: 60, sock: 7 });
    assert.equal(late.residualBytes, -42);
    assert.equal('clamped' in late, false);
  });

  it('ignores sockets on v1, which charges TCP elsewhere', () =>
    assert.equal(usage(1, { usage: 500, kmem: 60 }, { ...lists, sock: 7 }).residualBytes, 65));

  for (const part of [...Object.keys(lists), 'kernel', 'sock'])
    it(`is undefined without ${part}`, () => {
      const all = { ...lists, kernel: 60, sock: 7 };
      const others = Object.fromEntries(Object.entries(all).filter(([name]) => name !== part));
      assert.equal('residualBytes' in usage(2, { usage: 500 }, others), false);
    });

  it('equals real minus anonymous lists, kernel and sockets', () => {
    const amount = fc.nat(1_000_000);
    const stat = fc.record({
      ...{ activeAnon: amount, inactiveAnon: amount, activeFile: amount, inactiveFile: amount },
      ...{ unevictable: amount, kernel: amount, sock: amount },
    });
    fc.assert(
      fc.property(amount, stat, (more, parts) => {
        const all = Object.values(parts).reduce((a, b) => a + b, more);
        assert.equal(usage(2, { usage: all }, parts).residualBytes, more);
      }),
    );
  });
});

describe('lagOf', () => {
  it('is two batches of 64 pages for each CPU, for any page size', () => {
    assert.equal(lagOf({ pageBytes: 4096, cpus: 2 }), 2 * 64 * 4096 * 2);
    assert.equal(lagOf({ pageBytes: 65_536, cpus: 8 }), 2 * 64 * 65_536 * 8);
  });

  it('is the smallest one for a recording without a machine', () => assert.equal(lagOf(), lag));
});

describe('residualCauseOf', () => {
  const lists = {
    activeAnon: 100 * mebibyte,
    inactiveAnon: 0,
    activeFile: 0,
    inactiveFile: 0,
    unevictable: 0,
  };
  const stat = { ...lists, kernel: 0, sock: 0 };
  const all = 100 * mebibyte;

  it('is undefined within the lag', () => {
    for (const off of [lag, -lag, 0])
      assert.equal('residualCause' in accounted(2, { usage: all + off, stat }), false, String(off));
    assert.equal(causeOf(2, { usage: all + lag + 1, stat }), 'unknown');
    assert.equal(causeOf(2, { usage: all - lag - 1, stat }), 'unknown');
  });

  it('is race if usage had moved by the second reading, and that one was sound', () =>
    assert.equal(
      causeOf(2, {
        usage: all - 5 * mebibyte,
        stat,
        again: { usage: all, stat },
      }),
      'race',
    ));

  it('is race if usage and its parts still move by as much as they differ', () => {
    const later = { ...stat, activeAnon: 110 * mebibyte };
    const moving = { usage: all - 5 * mebibyte, stat, again: { usage: 105 * mebibyte, stat: later } };
    assert.equal(causeOf(2, moving), 'race');
    const little = { ...stat, activeAnon: 100 * mebibyte + 4096 };
    const apart = { usage: all + 50 * mebibyte, stat, again: { usage: all + 50 * mebibyte, stat: little } };
    assert.equal(causeOf(2, apart), 'unknown');
  });

  it('is race on v1 if memsw, read right before, is below usage', () =>
    assert.equal(
      causeOf(1, { usage: all + 10 * mebibyte, kmem: 0, stat: lists, details: { swap: -10 * mebibyte } }),
      'race',
    ));

  it('is statLag if only the stat was late', () =>
    assert.equal(
      causeOf(2, {
        usage: all + 5 * mebibyte,
        stat,
        again: { usage: all + 5 * mebibyte, stat: { ...stat, activeAnon: 105 * mebibyte } },
      }),
      'statLag',
    ));

  it('is statLag above other cgroups, since from Linux 6.16 each CPU holds pages for seven of them', () => {
    const above = { usage: all + 3 * lag, stat, hasBelow: true };
    assert.equal(causeOf(2, above), 'statLag');
    assert.equal(causeOf(2, { ...above, hasBelow: false }), 'unknown');
    assert.equal(causeOf(2, { ...above, usage: all + 5 * lag }), 'unknown');
    assert.equal(causeOf(2, { ...above, usage: all - 3 * lag }), 'unknown');
  });

  it('is hugetlb if huge pages are charged and memory.stat lacks them, from Linux 6.7 to 6.12', () => {
    const charged = { usage: all + 64 * mebibyte, stat, details: { hugetlb: 64 * mebibyte } };
    assert.equal(causeOf(2, charged), 'hugetlb');
    // They do not explain another amount, and nothing on v1, which never charges them.
    assert.equal(causeOf(2, { ...charged, details: { hugetlb: 30 * mebibyte } }), 'unknown');
    assert.equal(causeOf(1, { ...charged, kmem: 0 }), 'unknown');
  });

  it('is not hugetlb if memory.stat counts the huge pages', () => {
    const made = accounted(2, {
      usage: all + 64 * mebibyte,
      stat: { ...stat, hugetlb: 64 * mebibyte },
      details: { hugetlb: 64 * mebibyte },
    });
    assert.deepEqual([made.residualBytes, made.residualCause], [0, undefined]);
  });

  it('is swapCache if as much is on its way to or from swap', () => {
    const swapping = { ...stat, swapCached: 20 * mebibyte };
    assert.equal(causeOf(2, { usage: all + 15 * mebibyte, stat: swapping }), 'swapCache');
    assert.equal(causeOf(1, { usage: all - 15 * mebibyte, kmem: 0, stat: swapping }), 'swapCache');
    assert.equal(causeOf(2, { usage: all + 40 * mebibyte, stat: swapping }), 'unknown');
  });

  it('is kernelParts before Linux 5.18, which does not count all parts', () => {
    const parts = { ...lists, sock: 0, kernelStack: 0, slab: 0, pagetables: 0, percpu: 0 };
    assert.equal(causeOf(2, { usage: all + 60 * mebibyte, stat: parts }), 'kernelParts');
    assert.equal(causeOf(2, { usage: all - 60 * mebibyte, stat: parts }), 'unknown');
  });

  it('is never zswap, whose pool is part of kernel', () => {
    const compressed = { ...stat, kernel: 30 * mebibyte, zswap: 30 * mebibyte };
    const made = accounted(2, { usage: all + 30 * mebibyte, stat: compressed });
    assert.deepEqual([made.residualBytes, made.residualCause], [0, undefined]);
  });

  it('is set exactly if the residual exceeds the lag', () => {
    const amount = fc.nat(4 * lag);
    const some = fc.record({
      ...{ activeAnon: amount, inactiveAnon: amount, activeFile: amount, inactiveFile: amount },
      ...{ unevictable: amount, kernel: amount, sock: amount, swapCached: amount, hugetlb: amount },
    });
    const again = fc.option(fc.record({ usage: amount, stat: some }), { nil: undefined });
    const details = fc.record({ swap: fc.integer({ min: -lag, max: lag }), hugetlb: amount });
    fc.assert(
      fc.property(
        ...([amount, some, again, details, fc.boolean(), fc.constantFrom(1 as const, 2 as const)] as const),
        (all, stat, second, more, hasBelow, version) => {
          const { residualBytes, residualCause } = accounted(version, {
            ...{ usage: all, kmem: 5, stat, details: more, hasBelow },
            ...(second && { again: { ...second, kmem: 5 } }),
          });
          assert.equal(residualCause !== undefined, Math.abs(residualBytes ?? 0) > lag);
          assert.ok(residualCause === undefined || residualCauses.includes(residualCause));
        },
      ),
    );
  });
});

describe('the recorded hosts', async () => {
  const hosts = new URL('../../fixtures/hosts/', import.meta.url);
  for (const name of fs.readdirSync(hosts).sort()) {
    const node = openNode({ root: new URL(`${name}/root`, hosts).pathname }, []);
    const { report } = await tick(node, 0, true);
    node.host.close();
    it(`have no unknown residual: ${name}`, () => {
      const { pods = [], containers = [], others = [] } = report ?? {};
      const unknown = [...pods, ...containers, ...others].filter(
        // Skip samples whose usage contradicts their page cache: their real is already marked as a lower bound.
        ({ residualCause, clamped }) => residualCause === 'unknown' && clamped !== true,
      );
      assert.deepEqual(unknown, []);
    });
  }
});
