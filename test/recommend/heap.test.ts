import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Setting } from '../../src/model/container-key.ts';
import type { Heap } from '../../src/model/pod.ts';
import { applyHeapCap } from '../../src/recommend/heap.ts';
import type { Proposal } from '../../src/recommend/proposal.ts';
import { aggregateWith, before, day, inMiB, MiB, now, reasonIn } from './rule.ts';

const size = (amount: number) => bytes(amount * MiB);
const after = (setting?: Partial<Setting>): Proposal =>
  applyHeapCap(before, aggregateWith(setting === undefined ? {} : { setting }), now);
const jvm = (heapMiB: number, more: Partial<Heap> = {}): Heap =>
  ({ runtime: 'JVM', by: '-Xmx', bytes: size(heapMiB), ...more }) as Heap;

describe('applyHeapCap', () => {
  it('changes nothing without a setting, and nothing without a heap', () => {
    assert.equal(after(), before);
    assert.equal(after({ limit: 500 * MiB }), before);
  });

  it('never changes the request', () => {
    for (const heap of [jvm(500), { runtime: 'unknown' }, { runtime: 'JVM', share: 0.5 }] as const)
      assert.deepEqual(after({ heap, limit: 500 * MiB }).request, before.request);
  });

  describe('for a cap that realmem could not read', () => {
    it('raises the limit to the current one and says why', () => {
      const raised = after({ heap: { runtime: 'unknown' }, limit: 250 * MiB });
      assert.deepEqual(inMiB(raised.limit), [250, 250, 300]);
      assert.equal(
        reasonIn(raised),
        'Limit at least 250Mi, as now: realmem could not read whether its flags cap a heap',
      );
    });

    it('keeps a higher limit than the current one, and changes nothing without a current limit', () => {
      assert.deepEqual(
        inMiB(after({ heap: { runtime: 'unknown' }, limit: 90 * MiB }).limit),
        [200, 150, 300],
      );
      assert.equal(after({ heap: { runtime: 'unknown' } }), before);
    });
  });

  describe('for a cap in bytes', () => {
    for (const [runtime, more, percent] of [
      ['JVM', 250, 25],
      ['Node.js', 200, 20],
      ['.NET', 200, 20],
      ['Go', 100, 10],
    ] as const)
      it(`raises the limit to the cap of ${runtime} plus ${percent} %`, () => {
        const raised = after({ heap: jvm(1000, { runtime, by: '-cap' }) });
        assert.deepEqual(inMiB(raised.limit), [1000 + more, 1000 + more, 1000 + more]);
        assert.equal(
          reasonIn(raised),
          `-cap lets the heap of this ${runtime} grow to 1000Mi: limit at least ${runtime === 'Go' ? '1.1Gi' : '1.2Gi'}, with ${percent} % of the heap on top for the rest. For a lower limit, lower the cap first.`,
        );
      });

    it('adds the cap on direct memory without 25 % more of that', () => {
      const raised = after({ heap: jvm(400, { besideBytes: size(300) }) });
      assert.deepEqual(inMiB(raised.limit), [800, 800, 800]);
      assert.match(reasonIn(raised), /grow to 400Mi, and its direct memory to 300Mi: limit at least 800Mi/);
    });

    it('adds nothing for direct memory of 0 bytes, and names it', () => {
      const raised = after({ heap: jvm(400, { besideBytes: size(0) }) });
      assert.deepEqual(inMiB(raised.limit), [500, 500, 500]);
      assert.match(reasonIn(raised), /, and its direct memory to 0:/);
    });

    it('keeps a limit that is exactly enough, and raises one that is a byte short', () => {
      const kept = after({ heap: jvm(160) });
      assert.deepEqual(kept.limit, before.limit);
      assert.equal(
        reasonIn(kept),
        '-Xmx lets the heap of this JVM grow to 160Mi: the limit has room for that',
      );
      const short = after({ heap: jvm(160, { besideBytes: bytes(1) }) });
      assert.equal(short.limit.target, 200 * MiB + 1);
    });

    it('takes the cap before the share when a heap has both', () =>
      assert.deepEqual(
        inMiB(after({ heap: jvm(800, { share: 0.5 }), limit: 90 * MiB }).limit),
        [1000, 1000, 1000],
      ));
  });

  describe('for a cap that is a share of the limit', () => {
    const heap = { runtime: 'JVM', share: 0.25 } as const;

    it('keeps the current limit, below or above the proposed one, and widens its bounds', () => {
      assert.deepEqual(inMiB(after({ heap, limit: 120 * MiB }).limit), [120, 120, 300]);
      const above = after({ heap, limit: 500 * MiB });
      assert.deepEqual(inMiB(above.limit), [500, 150, 500]);
      assert.equal(
        reasonIn(above),
        "The heap of this JVM takes up to 25 % of the limit (the runtime's default): its usage follows the limit, so the limit stays at 500Mi. Set a cap in bytes to make the need measurable.",
      );
    });

    it('names the flag that sets the share', () =>
      assert.match(
        reasonIn(after({ heap: { ...heap, share: 0.755, by: '-XX:MaxRAMPercentage' }, limit: MiB })),
        /takes up to 76 % of the limit \(-XX:MaxRAMPercentage\):/,
      ));

    it('only says so without a current limit', () => {
      const unlimited = after({ heap });
      assert.deepEqual(unlimited.limit, before.limit);
      assert.match(reasonIn(unlimited), /default\)\. Set a cap in bytes/);
    });

    it('does not keep the limit after an OOM kill there within a week, and keeps it again after the week', () => {
      const killed = (ago: number, limit?: number): Proposal => {
        const aggregate = aggregateWith({ setting: { heap, limit: 120 * MiB } });
        const kill = { pod: 'a-1', lifetime: 'x', at: now - ago };
        aggregate.kills = [limit === undefined ? kill : { ...kill, limit }];
        return applyHeapCap(before, aggregate, now);
      };
      assert.deepEqual(killed(7 * day - 1, 120 * MiB).limit, before.limit);
      assert.deepEqual(inMiB(killed(7 * day, 120 * MiB).limit), [120, 120, 300]);
      assert.deepEqual(inMiB(killed(60).limit), [120, 120, 300], 'a kill for the node shows no need');
    });

    it('changes nothing when neither cap nor share is known', () =>
      assert.equal(after({ heap: { runtime: 'Go' } as Heap, limit: 120 * MiB }), before));
  });
});
