import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PageUsage } from '../../../src/page/data.ts';
import { barParts, readingsOf } from '../../../src/page/view/parts.ts';
import { Gi } from '../some.ts';

/** postgres-0 of fixtures/hosts/kubernetes-v1. */
const postgres: PageUsage = {
  ...{
    usage: 1_006_419_968,
    real: 231_383_040,
    workingSet: 965_521_408,
    anon: 75_280_384,
    tmpfs: 134_217_728,
  },
  ...{ kernel: 21_835_776, limit: Gi },
};

describe('partsOf', () => {
  it('splits the usage of a database with tmpfs and cache', () => {
    assert.deepEqual(
      barParts(postgres).map(({ name, bytes, isReal }) => [name, bytes, isReal]),
      [
        ['anon', 75_280_384, true],
        ['tmpfs', 134_217_728, true],
        ['kernel', 21_835_776, true],
        ['rest', 49_152, true],
        ['active', 734_138_368, false],
        ['inactive', 40_898_560, false],
      ],
    );
  });

  it('shows one part each where the data does not say more', () => {
    assert.deepEqual(
      barParts({ real: 10, usage: 25 }).map(({ name, bytes }) => [name, bytes]),
      [
        ['real', 10],
        ['cache', 15],
      ],
    );
    assert.deepEqual(barParts({ usage: 25 }), []);
  });

  it('adds up to usage, whatever the kernel says', () => {
    const amount = fc.option(fc.integer({ min: 0, max: 1e12 }), { nil: undefined });
    const figures = fc.record({
      ...{
        real: fc.integer({ min: 1, max: 1e12 }),
        usage: fc.integer({ min: 0, max: 1e12 }),
        workingSet: amount,
      },
      ...{ anon: amount, tmpfs: amount, kernel: amount, slabReclaimable: amount, sockets: amount },
    });
    fc.assert(
      fc.property(figures, (given) => {
        const usage = JSON.parse(JSON.stringify(given)) as PageUsage;
        const parts = barParts(usage);
        const sum = (isReal: boolean): number =>
          parts.filter((one) => one.isReal === isReal).reduce((total, { bytes }) => total + bytes, 0);
        assert.equal(sum(true), usage.real);
        assert.equal(sum(false), Math.max(0, (usage.usage ?? 0) - (usage.real ?? 0)));
        assert.ok(parts.every(({ bytes }) => bytes > 0));
      }),
    );
  });

  for (const [what, usage, parts] of [
    [
      'kernel memory with slab that can be dropped',
      { kernel: 30, slabReclaimable: 10 },
      'anon 40, kernel 20, slab 10, rest 30',
    ],
    ['sockets, which are no kernel memory on v1', { kernel: 30, sockets: 5 }, 'anon 40, kernel 35, rest 25'],
    ['more slab than kernel memory', { kernel: 5, slabReclaimable: 9 }, 'anon 40, slab 5, rest 55'],
    ['slab and no other kernel memory', { slabReclaimable: 9 }, 'anon 40, slab 9, rest 51'],
    ['more tmpfs than anonymous memory leaves', { tmpfs: 90, kernel: 5 }, 'anon 40, tmpfs 60'],
    ['more anonymous memory than real', { anon: 120, tmpfs: 5 }, 'anon 100'],
  ] as const)
    it(`splits real with ${what} so that nothing exceeds real`, () =>
      assert.equal(
        barParts({ real: 100, anon: 40, ...usage })
          .map(({ name, bytes }) => `${name} ${bytes}`)
          .join(', '),
        parts,
      ));

  for (const [what, workingSet, cache] of [
    ['between real and usage', 12, 'active 2, inactive 3'],
    ['of real: nothing is active', 10, 'inactive 5'],
    ['of usage: all is active', 15, 'active 5'],
    ['below real, which does not add up', 9, 'cache 5'],
    ['above usage, which does not add up', 16, 'cache 5'],
  ] as const)
    it(`splits page cache by a working set ${what}`, () =>
      assert.equal(
        barParts({ real: 10, usage: 15, workingSet })
          .filter(({ isReal }) => !isReal)
          .map(({ name, bytes }) => `${name} ${bytes}`)
          .join(', '),
        cache,
      ));
});

describe('readingsOf', () => {
  it('shows what realmem explain shows for the same container', () => {
    assert.deepEqual(
      readingsOf(postgres).map(({ tool, shows, share }) => [tool, shows, share]),
      [
        ['realmem: real', '221Mi', undefined],
        ['kubectl top, working set', '920Mi', undefined],
        ['docker stats', '921Mi', '89.92% of 1Gi'],
        ['container_memory_usage_bytes', '960Mi', undefined],
        ['container_memory_rss', '71.8Mi', undefined],
      ],
    );
  });

  it('counts in each row the parts that add up to its figure', () => {
    const parts = barParts(postgres);
    for (const { tool, bytes, counts } of readingsOf(postgres)) {
      const counted = parts.filter(({ name }) => counts.includes(name));
      assert.equal(
        counted.reduce((sum, part) => sum + part.bytes, 0),
        bytes,
        tool,
      );
    }
  });

  it('names the amount of cache and of tmpfs in the reasons', () => {
    const whys = readingsOf(postgres).map(({ why }) => why);
    assert.match(whys[1] ?? '', /it counts 700Mi of active page cache/);
    assert.match(whys[4] ?? '', /omits 128Mi of tmpfs/);
  });

  it('leaves out tools without a figure', () => {
    assert.deepEqual(
      readingsOf({ real: 5 }).map(({ tool }) => tool),
      ['realmem: real'],
    );
  });

  const find = (usage: PageUsage, tool: string) => readingsOf(usage).find((one) => one.tool === tool);

  it('has no share of a limit that the container shares with others, or that is unknown', () => {
    const shareOf = (more: PageUsage) => find({ workingSet: 50, ...more }, 'docker stats')?.share;
    assert.equal(shareOf({ limit: 200 }), '25.00% of 200');
    assert.deepEqual([shareOf({ limit: 200, limitFrom: 'node' }), shareOf({})], [undefined, undefined]);
  });

  for (const [real, workingSet, why] of [
    [10, 10, /This container has no active page cache, so it is close to real\.$/],
    [10, 9, /This container has no active page cache/],
    [10, 12, /: it counts 2 of active page cache, which the kernel can drop too\.$/],
    [undefined, 12, /^Subtracts inactive page cache only\./],
  ] as const)
    it(`says what kubectl top counts for a working set of ${workingSet} and real of ${real ?? 'none'}`, () =>
      assert.match(
        find({ workingSet, ...(real !== undefined && { real }) }, 'kubectl top, working set')?.why ?? '',
        why,
      ));

  it('does not name an amount of tmpfs where there is none', () =>
    assert.match(
      find({ anon: 5 }, 'container_memory_rss')?.why ?? '',
      /: it omits tmpfs and kernel memory,/,
    ));
});
