/**
 * Complaints of users of other recommenders. Each test plays one through that recommender, which shows the fault, and through
 * realmem, which does not. Numbers refer to the projects' issue trackers: autoscaler is kubernetes/autoscaler.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { policyNames } from '../../../src/backtest/backtest.ts';
import { krr as krrOf } from '../../../src/backtest/krr.ts';
import type { Policy } from '../../../src/backtest/policy.ts';
import { VpaContainer, vpa as vpaOf } from '../../../src/backtest/vpa.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { Recommendation } from '../../../src/model/recommendation.ts';
import { advise } from '../../../src/recommend/advise.ts';
import { closeWindows } from '../../../src/usage/history.ts';
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
} from '../../usage/made/played.ts';

/** Without their minimum values, which would hide their results. */
const [krr, vpa] = [krrOf(false), vpaOf(false)];

/** The recommendation of realmem at the end. */
function ours(containers: readonly PlayedContainer[], options: Play): Recommendation {
  const [first] = containers as [PlayedContainer, ...PlayedContainer[]];
  const aggregate = closeWindows(play(containers, options).kept()).find(keyOf(first));
  assert.ok(aggregate !== undefined, 'nothing is remembered of it');
  const advice = advise(aggregate, monday + (options.from ?? 0) + options.days * day);
  assert.ok(advice !== undefined, 'nothing is advised');
  return advice;
}

/** The limit in MiB of another policy at the end, for the values that `shown` gives it. */
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
  it('that nobody rereads does not raise request and limit (autoscaler #4150, kubernetes #43916)', () => {
    const real = (): number => 80;
    // Logs, rotated each night: written and read once, so they are active, but nobody reads them again.
    const cache = (at: number): number => ((at % day) / day) * 900;
    const play = { days: 7, stepSeconds: 5 * minute };
    const request = theirs(vpa, (at) => real() + cache(at), play);
    assert.ok(request > 800, `${request}`);
    const { request: mine, limit } = ours([{ pod: 'cart-1', real, activeFile: cache }], play);
    assert.ok(inMiB(mine.target) <= 90, `${inMiB(mine.target)}`);
    assert.ok(inMiB(limit.target) <= 160, `${inMiB(limit.target)}`);
  });

  it('that is reread stays in the request, with its amount in the reasons', () => {
    const play = { days: 3, stepSeconds: 5 * minute };
    const reread = { pod: 'cart-1', real: () => 50, activeFile: () => 250, limit: 320 };
    const without = theirs(krr, () => 50, play);
    assert.ok(without < 100, `${without}: a recommender of anonymous memory alone starves it`);
    const kept = ours([{ ...reread, refaulted: (at) => (at / hour) * 40 }], play);
    assert.ok(inMiB(kept.request.target) >= 300, `${inMiB(kept.request.target)}`);
    assert.match(
      said(kept),
      /250Mi of its page cache .* back within an hour .* request and limit keep the cache/,
    );
    const unknown = ours([reread], play);
    assert.ok(inMiB(unknown.request.target) < 60 && inMiB(unknown.limit.target) >= 300);
    const missed = ours([{ ...reread, limit: 300 }], play);
    assert.ok(inMiB(missed.limit.target) < 100, said(missed));
    assert.match(said(missed), /nothing read it back: request and limit keep none/);
  });
});

describe('OOM kills', () => {
  const real = (): number => 100;
  const killed = { pod: 'cart-1', real, limit: 400, request: 110, kills: [2 * day + hour] };

  it('raise the limit above the one at the kill (autoscaler #6420, #8548, #4981)', () => {
    const play = { days: 3, stepSeconds: 5 * minute };
    assert.ok(theirs(krr, real, play) < 130, 'samples alone do not show it');
    const advice = ours([killed], play);
    assert.ok(inMiB(advice.limit.target) > 400, `${inMiB(advice.limit.target)}`);
    assert.match(said(advice), /killed once .*cart-1.* at a limit of 400Mi/);
  });

  it('raise the limit from the limit in force, not from the request (autoscaler #4589)', () => {
    const none = { name: 'made', times: new Float64Array(), values: new Float64Array(), stepSeconds: 300 };
    const sizer = vpa.start(vpa.margin, none);
    for (let at = 0; at < 2 * day; at += 300) sizer?.observe(monday + at, 100 * MiB);
    // Request 110, killed at its limit of 400. The policy gets the request, as the original does.
    const bumped = (sizer?.killed?.(monday + 2 * day, 110 * MiB) ?? Number.NaN) / MiB;
    assert.ok(bumped < 400, `${bumped}`);
    assert.ok(inMiB(ours([killed], { days: 3, stepSeconds: 5 * minute }).limit.target) >= 460);
  });

  it('of a leak do not raise the limit with each kill (autoscaler #9521)', () => {
    // Each lifetime ends in a kill at its limit after two days. The next one gets the advised limit.
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

  it('of a job that has finally failed raise its limit', () => {
    const job: PlayedContainer = {
      pod: 'import-1',
      workload: 'Job/import',
      container: 'load',
      limit: 256,
      real: (at) => (at < 10 * minute ? 100 + at / 5 : undefined),
      kills: [10 * minute],
    };
    // Usage before the kill plus 15 % is still below the limit at the kill.
    assert.ok(theirs(krr, job.real, { days: 0.2 }) < 256);
    const advice = ours([job], { days: 0.2 });
    assert.ok(inMiB(advice.limit.target) >= 294, `${inMiB(advice.limit.target)}`);
    assert.match(said(advice), /killed once .*import-1/);
  });
});

describe('a short or rare peak', () => {
  it('of a nightly job of 45 seconds is covered (autoscaler #3975, #10211)', () => {
    const runs = (at: number): boolean => at % day >= 2 * hour + 5 && at % day < 2 * hour + 50;
    const nightly = (at: number): number | undefined => (runs(at) ? 400 : undefined);
    const options = { days: 5, stepSeconds: 5 };
    // Sampling once a minute never sees it.
    assert.ok(!(theirs(vpa, (at) => (at % minute === 0 ? nightly(at) : undefined), options) > 0));
    const job: PlayedContainer = {
      pod: 'report-1',
      workload: 'CronJob/report',
      container: 'run',
      real: nightly,
    };
    assert.ok(inMiB(ours([job], options).limit.target) > 400);
  });

  it('between two scrapes is covered (autoscaler #2016, krr #110)', () => {
    // 10 s of double memory each half hour: sampling once a minute meets it rarely or never.
    const bursts = (at: number): number => (at % 1800 >= 95 && at % 1800 < 105 ? 300 : 150);
    const options = { days: 2, stepSeconds: 5 };
    const scraped = theirs(krr, (at) => (at % 60 === 0 ? bursts(at) : undefined), options);
    assert.ok(scraped < 300, `${scraped}`);
    assert.ok(inMiB(ours([{ pod: 'cart-1', real: bursts }], options).limit.target) > 300);
  });

  it('of a job on Monday is covered on the Thursday of the next week', () => {
    const weekly = (at: number): number => (at % (7 * day) >= hour && at % (7 * day) < 2 * hour ? 500 : 150);
    const options = { days: 11, stepSeconds: 5 * minute };
    const thursday = theirs(vpa, weekly, options);
    assert.ok(thursday < 500, `${thursday}`);
    const advice = ours([{ pod: 'cart-1', real: weekly }], options);
    assert.ok(inMiB(advice.limit.target) > 500, said(advice));
  });
});

describe('request and limit', () => {
  it('are both the limit for a container with equal request and limit (autoscaler #6700)', () => {
    // Each fifth day is above the 90th percentile of daily peaks. That percentile as a limit would kill it.
    const fifth = (at: number): number => (at % (5 * day) < 2 * hour ? 400 : 100);
    const options = { days: 9.9, stepSeconds: 5 * minute };
    const percentile = theirs(vpa, fifth, options);
    assert.ok(percentile < 400, `${percentile}`);
    const advice = ours([{ pod: 'cart-1', real: fifth, request: 512, limit: 512 }], options);
    assert.equal(advice.request.target, advice.limit.target);
    assert.ok(inMiB(advice.limit.target) > 400, said(advice));
    assert.match(said(advice), /Request and limit are equal now and stay equal/);
    const apart = ours([{ pod: 'cart-1', real: fifth, request: 256, limit: 512 }], options);
    assert.ok(inMiB(apart.request.target) < 128 && inMiB(apart.limit.target) > 400, said(apart));
  });

  it('of a container of 3 Mi are at most 4 Mi and 12 Mi, without a minimum of 250 Mi', () => {
    const options = { days: 3, stepSeconds: 5 * minute };
    assert.equal(
      theirs(vpaOf(true), () => 3, options),
      250,
    );
    const advice = ours([{ pod: 'cart-1', real: () => 3 }], options);
    assert.ok(inMiB(advice.request.target) <= 4 && inMiB(advice.limit.target) <= 12, said(advice));
  });

  it('exist for init and sidecar containers too (autoscaler #2512, #7229)', () => {
    // The other recommender gets no samples of them, and recommends nothing.
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

  it('of a JVM leave room for the heap cap plus 25 % (autoscaler #5029)', () => {
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

  it('of a JVM leave room for its direct memory beside the heap plus 25 %', () => {
    const heap = {
      runtime: 'JVM',
      by: '-Xmx256m',
      bytes: bytes(256 * MiB),
      besideBytes: bytes(1536 * MiB),
    } as const;
    const one = { pod: 'cart-1', real: () => 100, limit: 2048, heap };
    const advice = ours([one], { days: 3, stepSeconds: 5 * minute });
    assert.equal(inMiB(advice.limit.target), 256 * 1.25 + 1536);
    assert.match(said(advice), /grow to 256Mi, and its direct memory to 1.5Gi: limit at least 1.8Gi/);
  });

  it('of a JVM whose heap is a share of the limit do not shrink round by round (autoscaler #5029)', () => {
    // It uses 60 % of any limit, so each lower limit leads to a lower one.
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

  it('do not go below the current limit while a heap cap is unknown', () => {
    const one = { pod: 'cart-1', real: () => 100, limit: 1000 };
    const options = { days: 3, stepSeconds: 5 * minute };
    assert.ok(inMiB(ours([one], options).limit.target) < 500);
    const unknown = ours([{ ...one, heap: { runtime: 'unknown' } }], options);
    assert.equal(inMiB(unknown.limit.target), 1000);
    assert.match(
      said(unknown),
      /Limit at least 1000Mi, as now: realmem could not read whether its flags cap a heap/,
    );
  });

  it('come with the name of the one replica of 50 that is far above all others', () => {
    const pods = Array.from({ length: 50 }, (_, index) => ({
      pod: `cart-${index}`,
      real: () => (index === 7 ? 400 : 120 + (index % 5)),
    }));
    const options = { days: 1, stepSeconds: 10 * minute };
    const advice = ours(pods, options);
    assert.equal(advice.oddReplica, 'cart-7');
    assert.match(said(advice), /cart-7 reached 400Mi, each of the 49 others at most 124Mi/);
    // One replica in fifty is above the 90th percentile of all, so a limit by that percentile kills it.
    const merged = new VpaContainer().histogram;
    for (const { real } of pods) merged.add(real() * MiB, monday);
    const target = (merged.percentile(0.9) * vpa.margin) / MiB;
    assert.ok(target < 400, `${target}`);
    assert.ok(inMiB(advice.limit.target) > 400, said(advice));
  });

  it('do not follow a leak, and the reasons say how fast it grows', () => {
    const leaking = (at: number): number => 100 + (24 * at) / day;
    const at = (days: number): Recommendation =>
      ours([{ pod: 'cart-1', real: leaking, limit: 512, request: 128 }], { days, stepSeconds: 10 * minute });
    const [early, late] = [at(4), at(10)];
    assert.deepEqual([early.limit.target, late.limit.target], [512 * MiB, 512 * MiB]);
    assert.ok(Math.abs((late.leak?.perDay ?? 0) / MiB - 24) < 2, `${late.leak?.perDay}`);
    assert.match(said(late), /cart-1 grows by 2\dMi a day and frees nothing/);
    const followed = [4, 10].map((days) => theirs(krr, leaking, { days, stepSeconds: 10 * minute }));
    assert.ok((followed[1] ?? 0) > 1.5 * (followed[0] ?? 0), followed.join(' '));
  });

  it('need no Prometheus: after half an hour they have low confidence and wide bounds (krr #127, #200, #412)', () => {
    const advice = ours([{ pod: 'cart-1', real: () => 100 }], { days: 0.02, stepSeconds: 5 });
    assert.ok(!(theirs(krr, () => undefined, { days: 0.02 }) > 0), 'without Prometheus it gets no samples');
    assert.equal(advice.confidence, 'low');
    assert.ok(advice.limit.upper > 1.5 * advice.limit.target, said(advice));
  });

  it('can be compared with VPA, krr and an oracle in the backtest (autoscaler #5493, #6537)', () => {
    for (const name of ['realmem', 'vpa', 'krr', 'oracle']) assert.ok(policyNames.includes(name), name);
  });
});
