import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Bytes, bytes } from '../../src/model/bytes.ts';
import type { Pod, PodAnnotations } from '../../src/model/pod.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { type Memory, type Rules, trackStability, waitOf } from '../../src/publish/due.ts';
import type { ContainerFigures, PodFigures } from '../../src/publish/pod-figures.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const Mi = 1024 ** 2;
const Gi = 1024 * Mi;

const rules: Rules = {
  parse: (text) => (text.startsWith('{') ? (JSON.parse(text) as PodFigures) : undefined),
  driftMs: 10 * minute,
  newsMs: minute,
};
/** The monotonic clock and the wall clock differ, as on every machine. */
const at = 30 * day;
const wallClock = Date.parse('2026-11-23T09:00:00Z');

const figuresOf = (
  real: number | undefined,
  containers: Readonly<Record<string, ContainerFigures>> = {},
  ageMs?: number,
): PodFigures => ({
  ...(ageMs !== undefined && { at: rfc3339(wallClock - ageMs) }),
  ...(real !== undefined && { realBytes: bytes(real) }),
  containers,
});

const podOf = (annotations?: PodAnnotations): Pod => ({
  ...{ uid: 'u', namespace: 'shop', name: 'cart', labels: {}, containers: [] },
  ...(annotations !== undefined && { annotations }),
});
/** A pod whose annotations have these figures. */
const shown = (figures: PodFigures): Pod => podOf({ memory: 'a line', report: JSON.stringify(figures) });

const wait = (pod: Pod, now: PodFigures | undefined, memory: Memory = {}): number | undefined =>
  waitOf(rules, pod, memory, now, at, wallClock);
const ancient = 30 * day;

describe('trackStability', () => {
  const stable = (before: number | undefined, now: number | undefined): boolean => {
    const memory: Memory = { real: before === undefined ? undefined : bytes(before) };
    trackStability(memory, now === undefined ? undefined : bytes(now), at);
    assert.equal(memory.real, now);
    return memory.unstableSince === undefined;
  };

  it('calls a figure unstable from a change of 2 % and 1 MiB on, up or down', () => {
    for (const sign of [1, -1]) {
      assert.equal(stable(10 * Mi, 10 * Mi + sign * (Mi - 1)), true);
      assert.equal(stable(10 * Mi, 10 * Mi + sign * Mi), false);
      assert.equal(stable(100 * Mi, 100 * Mi + sign * (2 * Mi - 1)), true);
      assert.equal(stable(100 * Mi, 100 * Mi + sign * 2 * Mi), false);
    }
  });

  it('calls a figure unstable that appears or disappears, and an absent one stable', () => {
    assert.equal(stable(undefined, 0), false);
    assert.equal(stable(0, undefined), false);
    assert.equal(stable(undefined, undefined), true);
    assert.equal(stable(0, 0), true);
  });

  it('keeps since when a figure changes, until it is stable', () => {
    const memory: Memory = {};
    for (const [real, time, since] of [
      [1, 10, 10],
      [2, 20, 10],
      [3, 30, 10],
      [3, 40, undefined],
      [4, 50, 50],
    ] as const) {
      trackStability(memory, bytes(real * Gi), time);
      assert.equal(memory.unstableSince, since);
    }
  });

  it('sees each small step of a slow drift as stable', () => {
    const memory: Memory = { real: bytes(Gi) };
    for (let step = 1; step <= 100; step++) trackStability(memory, bytes(Gi + step * Mi), step);
    assert.equal(memory.unstableSince, undefined);
  });
});

describe('a pod without annotations', () => {
  it('is due at once, and before every pod that was written', () => {
    const never = wait(podOf(), figuresOf(100 * Mi)) ?? 0;
    const old = wait(shown(figuresOf(100 * Mi, {}, ancient)), figuresOf(200 * Mi)) ?? 0;
    assert.ok(never > old && old > 1, `${never} ${old}`);
  });

  it('is due even if no figure of it is known', () =>
    assert.ok((wait(podOf(), figuresOf(undefined)) ?? 0) > 1));

  it('waits while its figure changes, for five minutes at most', () => {
    const since = (ms: number): Memory => ({ unstableSince: at - ms });
    assert.equal(wait(podOf(), figuresOf(Mi), since(0)), undefined);
    assert.equal(wait(podOf(), figuresOf(Mi), since(5 * minute - 1)), undefined);
    assert.ok((wait(podOf(), figuresOf(Mi), since(5 * minute)) ?? 0) > 1);
  });

  it('counts as one if one annotation is missing, or the report cannot be parsed', () => {
    const report = JSON.stringify(figuresOf(Mi, {}, 0));
    for (const annotations of [{ report }, { memory: 'a line' }, { memory: 'a line', report: 'x' }])
      assert.ok((wait(podOf(annotations), figuresOf(Mi)) ?? 0) > 1, JSON.stringify(annotations));
  });

  it('gets annotations back that somebody removed only after driftMs', () => {
    const memory = (ago: number): Memory => ({ written: { at: at - ago, figures: figuresOf(Mi) } });
    assert.equal(wait(podOf(), figuresOf(Mi), memory(10 * minute - 1)), undefined);
    assert.equal(wait(podOf(), figuresOf(Mi), memory(10 * minute)), 1);
  });

  it('gets annotations back that the agent removed after newsMs', () => {
    const memory = (ago: number): Memory => ({ written: { at: at - ago, figures: undefined } });
    assert.equal(wait(podOf(), figuresOf(Mi), memory(minute - 1)), undefined);
    assert.equal(wait(podOf(), figuresOf(Mi), memory(minute)), 1);
  });
});

describe('a drift', () => {
  const isDue = (before: number | undefined, now: number | undefined): boolean =>
    wait(shown(figuresOf(before, {}, ancient)), figuresOf(now)) !== undefined;

  it('is due from 16 MiB and 10 % on, up or down', () => {
    for (const sign of [1, -1]) {
      assert.equal(isDue(100 * Mi, 100 * Mi + sign * (16 * Mi - 1)), false);
      assert.equal(isDue(100 * Mi, 100 * Mi + sign * 16 * Mi), true);
      assert.equal(isDue(1000 * Mi, 1000 * Mi + sign * (100 * Mi - 1)), false);
      assert.equal(isDue(1000 * Mi, 1000 * Mi + sign * 100 * Mi), true);
    }
    assert.equal(isDue(160 * Mi, 176 * Mi), true, 'both bounds at once');
  });

  it('is due if a figure appears or disappears, and 0 is a figure', () => {
    assert.equal(isDue(undefined, 0), true);
    assert.equal(isDue(0, undefined), true);
    assert.equal(isDue(undefined, undefined), false);
    assert.equal(isDue(0, 0), false);
  });

  it('is due for one container, its suggested request or its suggested limit', () => {
    const container = (real: number, request: number, limit: number): ContainerFigures => ({
      realBytes: bytes(real),
      suggest: { requestBytes: bytes(request), limitBytes: bytes(limit) },
    });
    const pod = shown(figuresOf(Gi, { a: container(Gi, Gi, Gi), b: container(Gi, Gi, Gi) }, ancient));
    const changed = (figures: ContainerFigures): boolean =>
      wait(pod, figuresOf(Gi, { a: container(Gi, Gi, Gi), b: figures })) !== undefined;
    assert.equal(changed(container(Gi, Gi, Gi)), false);
    assert.equal(changed(container(2 * Gi, Gi, Gi)), true);
    assert.equal(changed(container(Gi, 2 * Gi, Gi)), true);
    assert.equal(changed(container(Gi, Gi, 2 * Gi)), true);
    assert.equal(changed({ realBytes: bytes(Gi) }), true, 'no suggestion any more');
  });

  it('waits driftMs from the time in the annotation, and tells how long it has waited since', () => {
    const waited = (ageMs: number): number | undefined =>
      wait(shown(figuresOf(100 * Mi, {}, ageMs)), figuresOf(200 * Mi));
    assert.equal(waited(10 * minute - second), undefined);
    assert.equal(waited(10 * minute), 1);
    assert.equal(waited(25 * minute), 2.5);
  });

  it('waits driftMs from the last write, if that is later than the annotation says', () => {
    const pod = shown(figuresOf(100 * Mi, {}, day));
    const memory = (ago: number): Memory => ({ written: { at: at - ago, figures: figuresOf(100 * Mi) } });
    assert.equal(wait(pod, figuresOf(200 * Mi), memory(9 * minute)), undefined);
    assert.equal(wait(pod, figuresOf(200 * Mi), memory(11 * minute)), 1.1);
  });

  it('ignores a time in the future, an invalid one and none', () => {
    for (const time of ['2999-01-01T00:00:00Z', 'yesterday', ''])
      assert.ok((wait(shown({ ...figuresOf(100 * Mi), at: time }), figuresOf(200 * Mi)) ?? 0) > 1, time);
    assert.ok((wait(shown(figuresOf(100 * Mi)), figuresOf(200 * Mi)) ?? 0) > 1);
  });
});

describe('news', () => {
  const before: ContainerFigures = { limitBytes: bytes(Gi), requestBytes: bytes(Mi), verdict: 'NearLimit' };
  const waited = (now: Readonly<Record<string, ContainerFigures>>, ageMs = minute, more: Memory = {}) =>
    wait(shown(figuresOf(Gi, { a: before }, ageMs)), figuresOf(Gi, now), more);

  it('is due after newsMs, and not before', () => {
    const now = { a: { ...before, limitBytes: bytes(2 * Gi) } };
    assert.equal(waited(now, minute - second), undefined);
    assert.equal(waited(now, minute), 1);
    assert.equal(waited(now, 3 * minute), 3);
  });

  it('is a new container, limit, request or verdict, also one that appears or disappears', () => {
    const { limitBytes: _, ...withoutLimit } = before;
    for (const now of [
      { a: before, b: {} },
      { a: { ...before, limitBytes: bytes(Gi + 1) } },
      { a: { ...before, requestBytes: bytes(0) } },
      { a: { ...before, verdict: 'OOMKilled' as const } },
      { a: { ...before, verdict: 'OK' as const } },
      { a: withoutLimit },
      // A container may be called like what every object inherits.
      { a: before, constructor: {} },
    ])
      assert.equal(waited(now as Record<string, ContainerFigures>), 1, JSON.stringify(now));
  });

  it('is not the same figures, a missing container, or a change of real memory', () => {
    for (const now of [{ a: before }, {}, { a: { ...before, realBytes: bytes(1) } }])
      assert.equal(waited(now), undefined, JSON.stringify(now));
  });

  it('is no change between verdicts that the annotation does not show', () => {
    const pod = shown(figuresOf(Gi, { a: { verdict: 'OK' } }, ancient));
    for (const verdict of ['Learning', 'NoLimit', 'OK'] as const)
      assert.equal(wait(pod, figuresOf(Gi, { a: { verdict } })), undefined, verdict);
    assert.equal(wait(pod, figuresOf(Gi, { a: {} })), undefined);
    assert.ok((wait(pod, figuresOf(Gi, { a: { verdict: 'OOMKilled' } })) ?? 0) > 1);
  });

  it('is due while figures change', () =>
    assert.equal(waited({ a: { ...before, verdict: 'OOMKilled' } }, minute, { unstableSince: at }), 1));

  it('is more urgent than a drift that waited as long', () => {
    const pod = shown(figuresOf(Gi, { a: before }, 20 * minute));
    const drift = wait(pod, figuresOf(2 * Gi, { a: before })) ?? 0;
    const news = wait(pod, figuresOf(Gi, { a: { ...before, verdict: 'OOMKilled' } })) ?? 0;
    assert.deepEqual([drift, news], [2, 20]);
  });
});

describe('the removal of annotations', () => {
  it('is due after newsMs for any of them, also a partial or invalid one', () => {
    for (const annotations of [{ memory: 'a' }, { report: 'x' }, { memory: 'a', report: 'x' }, {}])
      assert.ok((wait(podOf(annotations), undefined) ?? 0) > 1, JSON.stringify(annotations));
    const pod = (ageMs: number): Pod => shown(figuresOf(Mi, {}, ageMs));
    assert.equal(wait(pod(minute - second), undefined), undefined);
    assert.equal(wait(pod(minute), undefined), 1);
  });

  it('is not due for a pod without annotations, or while the watch may not show the removal yet', () => {
    assert.equal(wait(podOf(), undefined), undefined);
    const removed = (ago: number): Memory => ({ written: { at: at - ago, figures: undefined } });
    const pod = shown(figuresOf(Mi, {}, day));
    assert.equal(wait(pod, undefined, removed(minute - 1)), undefined);
    assert.equal(wait(pod, undefined, removed(minute)), 1);
  });
});

describe('a write that the watch does not show yet', () => {
  const pod = shown(figuresOf(100 * Mi, {}, day));
  const written = (ago: number): Memory => ({ written: { at: at - ago, figures: figuresOf(500 * Mi) } });

  it('counts for a minute instead of the annotation', () => {
    const fast = { ...rules, driftMs: 1 };
    const due = (ago: number): boolean =>
      waitOf(fast, pod, written(ago), figuresOf(500 * Mi), at, wallClock) !== undefined;
    assert.equal(due(minute - 1), false);
    assert.equal(due(minute), true);
  });
});

describe('a failed write', () => {
  const pod = shown(figuresOf(100 * Mi, {}, 20 * minute));
  const failed = (ago: number, refused: boolean): Memory => ({ failed: { at: at - ago, refused } });

  it('that concerned only this pod delays the next one by driftMs', () => {
    assert.equal(wait(pod, figuresOf(Gi), failed(10 * minute - 1, true)), undefined);
    assert.equal(wait(pod, figuresOf(Gi), failed(10 * minute, true)), 1);
    assert.equal(wait(pod, undefined, failed(10 * minute - 1, true)), undefined);
  });

  it('of another cause delays nothing, and puts the pod behind the others', () => {
    assert.equal(wait(pod, figuresOf(Gi), failed(0, false)), 0);
    assert.equal(wait(pod, figuresOf(Gi), failed(5 * minute, false)), 0.5);
    assert.equal(wait(pod, figuresOf(Gi), failed(day, false)), 2);
  });
});

it('an annotation is parsed once while its text is the same, and again when it changes', () => {
  const texts: string[] = [];
  const parse = (text: string): PodFigures | undefined => {
    texts.push(text);
    return rules.parse(text);
  };
  const counting = { ...rules, parse };
  const memory: Memory = {};
  const pods = [1, 1, 2, 2, 1].map((real) => shown(figuresOf(real * Gi)));
  for (const pod of pods) waitOf(counting, pod, memory, figuresOf(Gi), at, wallClock);
  assert.equal(texts.length, 3);
  const invalid = podOf({ memory: 'a', report: 'x' });
  for (let time = 0; time < 3; time++) waitOf(counting, invalid, memory, figuresOf(Gi), at, wallClock);
  assert.equal(texts.length, 4);
});

it('no wait is below 0 or less than a whole interval without a failure, whatever is remembered', () => {
  const real = fc.option(fc.integer({ min: 0, max: 4 * Gi }), { nil: undefined });
  const ago = fc.integer({ min: 0, max: day });
  const memory = fc.record(
    {
      unstableSince: ago.map((ms) => at - ms),
      written: fc.record({ at: ago.map((ms) => at - ms), figures: real.map((one) => figuresOf(one)) }),
      failed: fc.record({ at: ago.map((ms) => at - ms), refused: fc.boolean() }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Memory>;
  const pod = fc.oneof(
    fc.constant(podOf()),
    fc.tuple(real, fc.integer({ min: -day, max: day })).map(([one, age]) => shown(figuresOf(one, {}, age))),
  );
  fc.assert(
    fc.property(
      pod,
      memory,
      fc.option(
        real.map((one) => figuresOf(one)),
        { nil: undefined },
      ),
      (one, kept, now) => {
        const waited = wait(one, now, kept);
        if (waited === undefined) return;
        assert.ok(waited >= (kept.failed === undefined ? 1 : 0), String(waited));
        // No write so soon after the last one.
        assert.ok(kept.written === undefined || at - kept.written.at >= minute);
      },
    ),
  );
});

it('real memory is kept as it is, 0 and absent apart', () => {
  const memory: Memory = {};
  for (const real of [bytes(0), undefined] as readonly (Bytes | undefined)[]) {
    trackStability(memory, real, at);
    assert.equal(memory.real, real);
  }
});
