/**
 * What users of other recommenders complain of, each played through a recommender of theirs, which has the fault, and through
 * this one, which has not. Numbers are those of the projects' trackers: autoscaler is kubernetes/autoscaler.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policyNames } from '../../src/backtest/backtest.ts';
import { krr as krrOf } from '../../src/backtest/krr.ts';
import type { Policy } from '../../src/backtest/policy.ts';
import { VpaContainer, vpa as vpaOf } from '../../src/backtest/vpa.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { advise } from '../../src/recommend/advise.ts';
import { closeWindows } from '../../src/usage/history.ts';
import {
  day,
  hour,
  keyOf,
  MiB,
  minute,
  monday,
  type Play,
  type PlayedContainer,
  play,
} from '../usage/played.ts';

/** Without their floors, which would hide what they work out. */
const [krr, vpa] = [krrOf(false), vpaOf(false)];

/** What this one says at the end. */
function ours(containers: readonly PlayedContainer[], options: Play): Recommendation {
  const [first] = containers as [PlayedContainer, ...PlayedContainer[]];
  const aggregate = closeWindows(play(containers, options).kept()).find(keyOf(first));
  assert.ok(aggregate !== undefined, 'nothing is remembered of it');
  const advice = advise(aggregate, monday + (options.from ?? 0) + options.days * day);
  assert.ok(advice !== undefined, 'nothing is advised');
  return advice;
}

/** What another one says at the end, in MiB, of what it is shown. */
function theirs(
  policy: Policy,
  shown: (at: number) => number | undefined,
  { days, stepSeconds = minute, from = 0 }: Play,
): number {
  const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds };
  const sizer = policy.start(policy.margin, none);
  assert.ok(sizer !== undefined);
  for (let at = from; at < from + days * day; at += stepSeconds) {
    const value = shown(at);
    if (value !== undefined) sizer.observe(monday + at, value * MiB);
  }
  return (sizer.limit(monday + from + days * day) ?? Number.NaN) / MiB;
}

const inMiB = (amount: number): number => amount / MiB;
const said = ({ because }: Recommendation): string => because.join('\n');

describe('page cache', () => {
  it('does not grow what is advised (autoscaler #4150, kubernetes #43916)', () => {
    const real = (): number => 80;
    // Logs that were written and read back once: active, and nobody asks for them again. Rotated each night.
    const cache = (at: number): number => ((at % day) / day) * 900;
    const play = { days: 7, stepSeconds: 5 * minute };
    const request = theirs(vpa, (at) => real() + cache(at), play);
    assert.ok(request > 800, `${request}`);
    const { request: mine, limit } = ours([{ pod: 'cart-1', real, activeFile: cache }], play);
    assert.ok(inMiB(mine.target) <= 90, `${inMiB(mine.target)}`);
    assert.ok(inMiB(limit.target) <= 160, `${inMiB(limit.target)}`);
  });

  it('that is really reread is kept in the request, and its amount said', () => {
    const play = { days: 3, stepSeconds: 5 * minute };
    const reread = { pod: 'cart-1', real: () => 50, activeFile: () => 250, limit: 320 };
    const without = theirs(krr, () => 50, play);
    assert.ok(without < 100, `${without}: a recommender of anonymous memory alone starves it`);
    const kept = ours([{ ...reread, refaulted: (at) => (at / hour) * 40 }], play);
    assert.ok(inMiB(kept.request.target) >= 300, `${inMiB(kept.request.target)}`);
    assert.match(said(kept), /250Mi of its page cache .* read back .* kept in request and limit/);
    const unknown = ours([reread], play);
    assert.ok(inMiB(unknown.request.target) < 60 && inMiB(unknown.limit.target) >= 300);
    const missed = ours([{ ...reread, limit: 300 }], play);
    assert.ok(inMiB(missed.limit.target) < 100, said(missed));
    assert.match(said(missed), /not read again: none is kept/);
  });
});

describe('OOM kills', () => {
  const real = (): number => 100;
  const killed = { pod: 'cart-1', real, limit: 400, request: 110, kills: [2 * day + hour] };

  it('count, and are not lost (autoscaler #6420, #8548, #4981)', () => {
    const play = { days: 3, stepSeconds: 5 * minute };
    assert.ok(theirs(krr, real, play) < 130, 'samples alone do not show it');
    const advice = ours([killed], play);
    assert.ok(inMiB(advice.limit.target) > 400, `${inMiB(advice.limit.target)}`);
    assert.match(said(advice), /killed once .*cart-1.* at a limit of 400Mi/);
  });

  it('are answered from the limit that was in force, not from the request (autoscaler #4589)', () => {
    const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds: 300 };
    const sizer = vpa.start(vpa.margin, none);
    for (let at = 0; at < 2 * day; at += 300) sizer?.observe(monday + at, 100 * MiB);
    // Its request is 110; it is killed at its limit of 400, and told so as the original is: by what is asked for.
    const bumped = (sizer?.killed?.(monday + 2 * day, 110 * MiB) ?? Number.NaN) / MiB;
    assert.ok(bumped < 400, `${bumped}`);
    assert.ok(inMiB(ours([killed], { days: 3, stepSeconds: 5 * minute }).limit.target) >= 460);
  });

  it('of a leak do not raise the limit again and again (autoscaler #9521)', () => {
    // Each life is killed at its limit after two days; the limit that is in force goes with the advice.
    const limits: number[] = [];
    let limit = 300;
    for (let round = 0; round < 3; round++) {
      const from = round * 2 * day;
      const leaking: PlayedContainer = {
        pod: 'cart-1',
        real: (at) => 100 + ((limit - 100) * ((at - from) % (2 * day))) / (2 * day),
        limit,
      };
      const advice = ours([leaking], { days: 1.99, stepSeconds: 10 * minute, from });
      limit = inMiB(advice.limit.target);
      limits.push(limit);
      assert.ok(advice.leak !== undefined, said(advice));
    }
    assert.deepEqual(limits, [300, 300, 300]);
    let theirLimit = 300;
    const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds: 600 };
    const sizer = vpa.start(vpa.margin, none);
    for (let round = 0; round < 3; round++)
      theirLimit = (sizer?.killed?.(monday + round * 2 * day, theirLimit * MiB) ?? 0) / MiB;
    assert.ok(theirLimit > 500, `${theirLimit}`);
  });

  it('of a job that has failed for good count', () => {
    const job: PlayedContainer = {
      pod: 'import-1',
      workload: 'Job/import',
      container: 'load',
      limit: 256,
      real: (at) => (at < 10 * minute ? 100 + at / 5 : undefined),
      kills: [10 * minute],
    };
    // What it used until then, and 15 %, is what it was killed at.
    assert.ok(theirs(krr, job.real, { days: 0.2 }) < 256);
    const advice = ours([job], { days: 0.2 });
    assert.ok(inMiB(advice.limit.target) >= 294, `${inMiB(advice.limit.target)}`);
    assert.match(said(advice), /killed once .*import-1/);
  });
});

describe('what is short or seldom', () => {
  it('is remembered: a job of 45 seconds each night (autoscaler #3975, #10211)', () => {
    const runs = (at: number): boolean => at % day >= 2 * hour + 5 && at % day < 2 * hour + 50;
    const nightly = (at: number): number | undefined => (runs(at) ? 400 : undefined);
    const options = { days: 5, stepSeconds: 5 };
    // What looks each minute never sees it.
    assert.ok(!(theirs(vpa, (at) => (at % minute === 0 ? nightly(at) : undefined), options) > 0));
    const job: PlayedContainer = {
      pod: 'report-1',
      workload: 'CronJob/report',
      container: 'run',
      real: nightly,
    };
    assert.ok(inMiB(ours([job], options).limit.target) > 400);
  });

  it('is seen between two scrapes (autoscaler #2016, krr #110)', () => {
    // 10 s at twice the memory each half hour: what looks each minute meets it seldom, or never.
    const bursts = (at: number): number => (at % 1800 >= 95 && at % 1800 < 105 ? 300 : 150);
    const options = { days: 2, stepSeconds: 5 };
    const scraped = theirs(krr, (at) => (at % 60 === 0 ? bursts(at) : undefined), options);
    assert.ok(scraped < 300, `${scraped}`);
    assert.ok(inMiB(ours([{ pod: 'cart-1', real: bursts }], options).limit.target) > 300);
  });

  it('is remembered on Thursday: Monday’s job', () => {
    const weekly = (at: number): number => (at % (7 * day) >= hour && at % (7 * day) < 2 * hour ? 500 : 150);
    const options = { days: 11, stepSeconds: 5 * minute };
    const thursday = theirs(vpa, weekly, options);
    assert.ok(thursday < 500, `${thursday}`);
    const advice = ours([{ pod: 'cart-1', real: weekly }], options);
    assert.ok(inMiB(advice.limit.target) > 500, said(advice));
  });
});

describe('the numbers', () => {
  it('of a container whose request is its limit are those of a limit (autoscaler #6700)', () => {
    // Each fifth day is above the 90th percentile of daily peaks: as a limit that kills it.
    const fifth = (at: number): number => (at % (5 * day) < 2 * hour ? 400 : 100);
    const options = { days: 9.9, stepSeconds: 5 * minute };
    const usual = theirs(vpa, fifth, options);
    assert.ok(usual < 400, `${usual}`);
    const advice = ours([{ pod: 'cart-1', real: fifth, request: 512, limit: 512 }], options);
    assert.equal(advice.request.target, advice.limit.target);
    assert.ok(inMiB(advice.limit.target) > 400, said(advice));
    assert.match(said(advice), /request and limit are the same now, and stay so/);
    const apart = ours([{ pod: 'cart-1', real: fifth, request: 256, limit: 512 }], options);
    assert.ok(inMiB(apart.request.target) < 128 && inMiB(apart.limit.target) > 400, said(apart));
  });

  it('of a small container are small: no floor of 250 Mi', () => {
    const options = { days: 3, stepSeconds: 5 * minute };
    assert.equal(
      theirs(vpaOf(true), () => 3, options),
      250,
    );
    const advice = ours([{ pod: 'cart-1', real: () => 3 }], options);
    assert.ok(inMiB(advice.request.target) <= 4 && inMiB(advice.limit.target) <= 12, said(advice));
  });

  it('are there for init and sidecar containers too (autoscaler #2512, #7229)', () => {
    // Theirs is shown none of them, and says nothing.
    assert.ok(!(theirs(vpa, () => undefined, { days: 0.1 }) > 0));
    for (const type of ['init', 'sidecar'] as const) {
      const one: PlayedContainer = {
        pod: 'cart-1',
        container: type,
        type,
        real: (at) => (at < hour ? 120 : undefined),
      };
      assert.ok(inMiB(ours([one], { days: 0.1 }).request.target) >= 120);
    }
  });

  it('of a JVM heed the cap of its heap (autoscaler #5029)', () => {
    // It has not filled its heap yet.
    const young = (at: number): number => 150 + at / day;
    const options = { days: 3, stepSeconds: 5 * minute };
    assert.ok(theirs(vpa, young, options) < 512);
    const heap = { runtime: 'JVM', by: '-Xmx512m', bytes: 512 * MiB } as unknown as NonNullable<
      PlayedContainer['heap']
    >;
    const capped = ours([{ pod: 'cart-1', real: young, heap }], options);
    assert.ok(inMiB(capped.limit.target) >= 512 * 1.25, said(capped));
    assert.match(said(capped), /-Xmx512m lets the heap of this JVM grow to 512Mi/);
  });

  it('of a JVM leave room for its direct memory, once, beside the heap and what comes with it', () => {
    const heap = {
      runtime: 'JVM',
      by: '-Xmx256m',
      bytes: bytes(256 * MiB),
      besideBytes: bytes(1536 * MiB),
    } as const;
    const one = { pod: 'cart-1', real: () => 100, limit: 2048, heap };
    const advice = ours([one], { days: 3, stepSeconds: 5 * minute });
    assert.equal(inMiB(advice.limit.target), 256 * 1.25 + 1536);
    assert.match(said(advice), /grow to 256Mi, and its direct memory to 1.5Gi: .* 1.8Gi at the least/);
  });

  it('of a JVM whose heap is a share of the limit do not follow themselves (autoscaler #5029)', () => {
    // It uses 60 % of whatever limit there is: each answer makes the next one smaller.
    let limit = 1000;
    let theirLimit = 1000;
    for (let round = 0; round < 4; round++) {
      theirLimit = theirs(vpa, () => 0.6 * theirLimit, { days: 2, stepSeconds: 5 * minute });
      const heap = { runtime: 'JVM', share: 0.5 } as const;
      const one = { pod: 'cart-1', real: () => 0.6 * limit, limit, heap };
      limit = inMiB(ours([one], { days: 2, stepSeconds: 5 * minute }).limit.target);
    }
    assert.ok(theirLimit < 300, `${theirLimit}`);
    assert.equal(limit, 1000);
  });

  it('never lower a limit while it is not known whether a heap has a cap', () => {
    const one = { pod: 'cart-1', real: () => 100, limit: 1000 };
    const options = { days: 3, stepSeconds: 5 * minute };
    assert.ok(inMiB(ours([one], options).limit.target) < 500);
    const unknown = ours([{ ...one, heap: { runtime: 'unknown' } }], options);
    assert.equal(inMiB(unknown.limit.target), 1000);
    assert.match(
      said(unknown),
      /whether its flags cap a heap is not known, so the limit does not go below 1000Mi/,
    );
  });

  it('say which replica is the odd one', () => {
    const pods = Array.from({ length: 50 }, (_, index) => ({
      pod: `cart-${index}`,
      real: () => (index === 7 ? 400 : 120 + (index % 5)),
    }));
    const options = { days: 1, stepSeconds: 10 * minute };
    const advice = ours(pods, options);
    assert.equal(advice.oddReplica, 'cart-7');
    assert.match(said(advice), /cart-7 came to 400Mi, each of the 49 others to 124Mi at the most/);
    // One in fifty is below a 90th percentile of all: nobody hears of it, until it is killed.
    const merged = new VpaContainer().histogram;
    for (const { real } of pods) merged.add(real() * MiB, monday);
    const target = (merged.percentile(0.9) * vpa.margin) / MiB;
    assert.ok(target < 400, `${target}`);
    assert.ok(inMiB(advice.limit.target) > 400, said(advice));
  });

  it('do not chase a leak, and say how fast it grows', () => {
    const leaking = (at: number): number => 100 + (24 * at) / day;
    const at = (days: number): Recommendation =>
      ours([{ pod: 'cart-1', real: leaking, limit: 512, request: 128 }], { days, stepSeconds: 10 * minute });
    const [early, late] = [at(4), at(10)];
    assert.deepEqual([early.limit.target, late.limit.target], [512 * MiB, 512 * MiB]);
    assert.ok(Math.abs((late.leak?.perDay ?? 0) / MiB - 24) < 2, `${late.leak?.perDay}`);
    assert.match(said(late), /cart-1 grows by 2\dMi a day and gives nothing back/);
    const chased = [4, 10].map((days) => theirs(krr, leaking, { days, stepSeconds: 10 * minute }));
    assert.ok((chased[1] ?? 0) > 1.5 * (chased[0] ?? 0), chased.join(' '));
  });

  it('come from the node: no Prometheus (krr #127, #200, #412)', () => {
    const advice = ours([{ pod: 'cart-1', real: () => 100 }], { days: 0.02, stepSeconds: 5 });
    assert.ok(!(theirs(krr, () => undefined, { days: 0.02 }) > 0), 'without Prometheus it is shown nothing');
    assert.equal(advice.confidence, 'low');
    assert.ok(advice.limit.upper > 1.5 * advice.limit.target, said(advice));
  });

  it('can be held against others by anybody (autoscaler #5493, #6537)', () => {
    for (const name of ['realmem', 'vpa', 'krr', 'oracle']) assert.ok(policyNames.includes(name), name);
  });
});
