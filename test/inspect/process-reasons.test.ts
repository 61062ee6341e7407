import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sumReasonsOf } from '../../src/inspect/process-reasons.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Processes, ProcessMemory, ProcessSums } from '../../src/model/process.ts';
import type { MemoryUsage } from '../../src/model/usage.ts';

const Mi = 1024 ** 2;

/** Figures in MiB. */
type Given<Figures> = { readonly [key in keyof Figures]?: number };

const inBytes = <Figures>(given: Given<Figures>): Figures =>
  Object.fromEntries(
    Object.entries<number | undefined>(given).map(([key, value]) => [key, bytes((value ?? 0) * Mi)]),
  ) as Figures;

const reasons = (
  sums: Given<ProcessSums>,
  usage: Given<MemoryUsage>,
  more: Partial<Processes> = {},
): readonly string[] =>
  sumReasonsOf(
    { ...{ processes: [], gone: 0, unseen: 0, faults: [] }, ...more },
    inBytes<ProcessSums>(sums),
    inBytes<MemoryUsage>(usage),
  );

const charged =
  'The kernel charges a page to the cgroup that touched it first. A page that another cgroup touched first counts here in RSS only.';

describe('sumReasonsOf', () => {
  it('compares the sum of RSS with real, in both directions', () => {
    assert.equal(
      reasons({ rssBytes: 100 }, { realBytes: 60 })[0],
      'RSS adds up to 100Mi, but the real memory of the cgroup is 60Mi: 40Mi less.',
    );
    assert.equal(
      reasons({ rssBytes: 60 }, { realBytes: 100 })[0],
      'RSS adds up to 60Mi, but the real memory of the cgroup is 100Mi: 40Mi more.',
    );
  });

  it('calls an equal sum a chance', () =>
    assert.deepEqual(reasons({ rssBytes: 60 }, { realBytes: 60 }), [
      'RSS adds up to 60Mi. The real memory of the cgroup is the same, by chance.',
      charged,
    ]));

  it('compares nothing if the sum of RSS or real is unknown, but compares a sum of 0', () => {
    assert.deepEqual(reasons({}, { realBytes: 60 }), []);
    assert.deepEqual(reasons({ rssBytes: 60 }, {}), []);
    assert.match(
      reasons({ rssBytes: 0 }, { realBytes: 60 })[0] ?? '',
      /^RSS adds up to 0, but .* 60Mi more\.$/,
    );
  });

  it('lists what RSS counts and real does not, and the reverse, the largest first', () =>
    assert.deepEqual(
      reasons(
        { rssBytes: 100, pssBytes: 70, fileBytes: 20, shmemBytes: 1 },
        { realBytes: 60, shmemBytes: 3, kernelBytes: 9, sockBytes: 5 },
      ),
      [
        'RSS adds up to 100Mi, but the real memory of the cgroup is 60Mi: 40Mi less.',
        'In RSS but not in real:',
        '  30Mi counted more than once: pages that several processes map, here or elsewhere, including mapped files',
        '  20Mi of mapped files (programs, libraries): droppable page cache',
        'In real but in no RSS:',
        '  9Mi of kernel memory: slab, stacks, page tables',
        '  5Mi of socket buffers',
        '  2Mi of tmpfs that no process maps (files in /dev/shm, memory volumes)',
        charged,
      ],
    ));

  it('keeps the order of reasons of the same size', () => {
    const lines = reasons({ shmemBytes: 0 }, { shmemBytes: 5, kernelBytes: 5, sockBytes: 5 });
    assert.deepEqual(
      lines.slice(1, 4).map((line) => /of (\w+)/.exec(line)?.[1]),
      ['tmpfs', 'kernel', 'socket'],
    );
  });

  it('omits reasons of 0, negative ones, and those with an unknown part', () => {
    assert.deepEqual(reasons({ fileBytes: 0 }, { kernelBytes: 0, sockBytes: 0 }), []);
    assert.deepEqual(reasons({ rssBytes: 5, pssBytes: 6 }, {}), []);
    assert.deepEqual(reasons({ shmemBytes: 9 }, { shmemBytes: 8 }), []);
    assert.deepEqual(reasons({ rssBytes: 5 }, { shmemBytes: 8 }), []);
  });

  it('says who is charged for a page only if it compares something', () => {
    assert.equal(reasons({}, { kernelBytes: 1 }).at(-1), charged);
    assert.deepEqual(reasons({}, {}), []);
  });

  it('counts processes whose PSS is unknown, but not kernel threads and zombies', () => {
    const processes: readonly ProcessMemory[] = [
      { pid: 1, pssBytes: bytes(0) },
      { pid: 2 },
      { pid: 3, none: true },
    ];
    assert.deepEqual(reasons({}, {}, { processes }), [
      'PSS is unknown for 1 of 3 processes: only their owner or root may read it.',
    ]);
    assert.deepEqual(reasons({}, {}, { processes: processes.filter(({ pid }) => pid !== 2) }), []);
  });

  it('says how many processes ended, how many are hidden, and the first fault', () => {
    assert.deepEqual(reasons({}, {}, { gone: 2, unseen: 3, faults: ['a', 'b', 'c'] }), [
      'Ended before realmem could read them: 2.',
      '3 more are in another PID namespace, which is hidden from here (for an agent, install realmem with --set hostPID=true).',
      'a (and 2 more)',
    ]);
    assert.deepEqual(reasons({}, {}, { faults: ['a'] }), ['a']);
  });

  it('orders the reasons of each list by size, for any figures', () => {
    const amount = fc.nat(1000);
    const sums = fc.record({ rssBytes: amount, pssBytes: amount, fileBytes: amount, shmemBytes: amount });
    const usage = fc.record({
      realBytes: amount,
      shmemBytes: amount,
      kernelBytes: amount,
      sockBytes: amount,
    });
    fc.assert(
      fc.property(sums, usage, (given, of) => {
        const text = reasons(given, of).join('\n');
        for (const list of text.split(/^In .*:$/m).slice(1)) {
          const sizes = [...list.matchAll(/^ {2}(\d+)Mi /gm)].map(([, size]) => Number(size));
          assert.deepEqual(
            sizes,
            [...sizes].sort((a, b) => b - a),
          );
          assert.ok(sizes.every((size) => size > 0));
        }
        assert.doesNotMatch(text, /-\d/);
      }),
    );
  });
});
