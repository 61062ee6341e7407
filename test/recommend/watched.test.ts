/** How long a name was observed, in the weight of its hours and the number of its days. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { watchedSeconds } from '../../src/recommend/watched.ts';
import { UsageAggregate } from '../../src/usage/aggregate.ts';
import { closeWindows } from '../../src/usage/history.ts';
import { day, hour, keyOf, minute, monday, type PlayedContainer, play } from '../usage/made/played.ts';

const played = (containers: readonly PlayedContainer[], seconds: number, from = 0) =>
  play(containers, { days: seconds / day, stepSeconds: seconds < hour ? 5 : minute, from });

describe('watchedSeconds', () => {
  const watched = (one: PlayedContainer, ...spans: readonly (readonly [from: number, seconds: number])[]) => {
    const [first, ...more] = spans;
    const history = played([one], first?.[1] ?? 0, first?.[0]);
    for (const [from, seconds] of more)
      play([one], { days: seconds / day, stepSeconds: minute, from }, history);
    const aggregate = closeWindows(history.kept()).find(keyOf(one)) ?? assert.fail();
    return watchedSeconds(aggregate, keyOf(one).workload);
  };
  const web = { pod: 'web-1', real: () => 50 };

  it('spans the first to the last observation of a workload that always ran', () => {
    assert.equal(watched(web, [0, 15]), 10);
    assert.equal(watched(web, [0, hour + minute]), hour);
    assert.equal(watched(web, [0, 9 * day + minute]), 9 * day);
  });

  it('leaves out the days on which a permanent workload did not run', () => {
    const seconds = watched(web, [0, 10 * minute], [5 * day, 10 * minute]);
    assert.ok(seconds <= 2 * hour, `${seconds}`);
  });

  it('is no longer for many replicas than for one', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ ...web, pod: `web-${index}` }));
    const hourEach = { days: hour / day, stepSeconds: 5 * minute };
    const history = play(many, hourEach);
    play(many, { ...hourEach, from: 3 * day }, history);
    const aggregate = closeWindows(history.kept()).find(keyOf(web)) ?? assert.fail();
    const seconds = watchedSeconds(aggregate, 'Deployment/cart');
    assert.ok(seconds <= 4 * hour, `an hour on Monday and one on Thursday are ${seconds} s`);
    const long = closeWindows(play(many.slice(0, 3), { days: 20, stepSeconds: hour }).kept()).find(
      keyOf(web),
    );
    assert.equal(long && Math.round(watchedSeconds(long, 'Deployment/cart') / day), 20);
  });

  it('counts by the day for CI runners and Spark applications: two runs on two days are a day', () => {
    for (const workload of ['AutoscalingRunnerSet/ci', 'JenkinsAgent/build', 'ScheduledSparkApplication/x'])
      assert.ok(watched({ ...web, workload }, [0, 2 * minute], [day, 2 * minute]) >= day, workload);
  });

  it('counts by the day for jobs, pipelines and init containers', () => {
    const run = { ...web, workload: 'CronJob/report' };
    assert.equal(watched(run, [0, 10 * minute]), 9 * minute + 55);
    assert.ok(watched(run, [0, 2 * minute], [7 * day, 2 * minute]) >= day, 'two short runs in a week');
    for (const workload of ['Job.batch.volcano.sh/train', 'JobSet/train/workers', 'Pipeline/build/compile'])
      assert.ok(watched({ ...web, workload }, [0, 2 * minute], [day, 2 * minute]) >= day, workload);
    const init: PlayedContainer = { ...web, type: 'init' };
    assert.ok(watched(init, [0, 2 * minute], [2 * day, 2 * minute], [4 * day, 2 * minute]) >= 2 * day);
  });

  it('does not begin with an older OOM kill that the API reports', () => {
    const aggregate = closeWindows(played([web], hour).kept()).find(keyOf(web)) ?? assert.fail();
    aggregate.killed({ pod: 'web-1', lifetime: 'x', at: monday - 5 * day });
    assert.ok(watchedSeconds(aggregate, 'Deployment/cart') <= hour);
  });
});

describe('watchedSeconds of an aggregate', () => {
  /** One hour of usage at each of these hours since Monday, observed from the first to the end of the last. */
  function hoursAt(hours: readonly number[], replicas = 1): UsageAggregate {
    const aggregate = new UsageAggregate();
    for (const index of hours)
      for (let replica = 0; replica < replicas; replica++) {
        aggregate.hour(2 ** 20, monday + index * hour);
        aggregate.observed(monday + index * hour);
        aggregate.observed(monday + (index + 1) * hour);
      }
    return aggregate;
  }
  const inHours = (aggregate: UsageAggregate, workload = 'Deployment/cart'): number =>
    watchedSeconds(aggregate, workload) / hour;
  const count = (from: number, length: number): readonly number[] =>
    Array.from({ length }, (_, index) => from + index);

  it('is 0 for one moment', () => {
    const aggregate = new UsageAggregate();
    aggregate.hour(2 ** 20, monday);
    aggregate.observed(monday);
    assert.equal(inHours(aggregate), 0);
  });

  it('takes the times of the usage when no agent has noted its observations, as in older histories', () => {
    const aggregate = hoursAt(count(0, 10));
    aggregate.observedFrom = Number.POSITIVE_INFINITY;
    aggregate.observedUntil = Number.NEGATIVE_INFINITY;
    assert.equal(inHours(aggregate), 10);
  });

  it('is the whole span from 80 % of its hours on, and only these hours below', () => {
    // 24 hours, of which the last is always there.
    const seen = (length: number): number => inHours(hoursAt([...count(0, length - 1), 23]));
    assert.equal(seen(20), 24);
    assert.ok(seen(18) < 18.5 && seen(18) > 16.5, `${seen(18)}`);
  });

  it('is the number of hours with gaps of days for one replica, whatever the gap', () => {
    for (const gap of [2, 5, 9]) {
      const seconds = inHours(hoursAt([...count(0, 5), ...count(24 * gap, 5)]));
      assert.ok(seconds > 7 && seconds < 10.5, `${gap} days: ${seconds} h`);
    }
  });

  it('shares the hours among the replicas when days are missing: the larger of running and known ones', () => {
    const aggregate = hoursAt([...count(0, 4), ...count(72, 4)], 3);
    const alone = inHours(aggregate);
    assert.ok(alone > 20 && alone < 26, `${alone} h`);
    aggregate.running = 6;
    assert.ok(inHours(aggregate) > 3.2 && inHours(aggregate) < 4.1, `${inHours(aggregate)} h`);
    aggregate.running = 2;
    for (let index = 0; index < 3; index++) aggregate.replica(`cart-${index}`, 1, monday);
    assert.ok(inHours(aggregate) > 6.7 && inHours(aggregate) < 8.1, `${inHours(aggregate)} h`);
  });

  it('shares the hours of so many replicas too that together they outweigh one that always ran', () => {
    const aggregate = hoursAt([...count(0, 3), ...count(72, 3)], 50);
    aggregate.running = 50;
    assert.ok(inHours(aggregate) > 5 && inHours(aggregate) < 6.1, `${inHours(aggregate)} h of 75 h`);
  });

  it('counts the whole days between the first and the last observed one, however few hours replicas share', () => {
    // Five days on end, a day without data, and an hour: six days, of which the first and the last may be short.
    const aggregate = hoursAt([...count(0, 120), 145], 4);
    aggregate.running = 40;
    assert.equal(inHours(aggregate), 4 * 24);
  });

  it('counts by the hour for a Deployment and by the day for each kind that ends', () => {
    const aggregate = hoursAt([0, 26]);
    assert.ok(inHours(aggregate) <= 2.1);
    for (const kind of [
      ...['Job', 'CronJob', 'ScaledJob', 'Job.batch.volcano.sh', 'JobSet', 'PipelineRun', 'TaskRun', 'Task'],
      ...[
        'Workflow',
        'CronWorkflow.argoproj.io',
        'Pipeline',
        'SparkApplication',
        'ScheduledSparkApplication',
      ],
      ...['BuildConfig', 'DeployerPod', 'JenkinsAgent', 'AutoscalingRunnerSet'],
    ])
      assert.ok(inHours(aggregate, `${kind}/a`) >= 24, kind);
    for (const workload of [
      ...[
        'Jobs/a',
        'JobRunner/a',
        'Job2/a',
        'RunnerSet/a',
        'MyPipeline/a',
        'Deployment/Job',
        'Rollout.Job/a',
      ],
      ...['Deployment/a/Job', '', 'job/a'],
    ])
      assert.ok(inHours(aggregate, workload) <= 2.1, workload);
  });

  it('counts by the day for an init container of a Deployment, and by the hour for a sidecar', () => {
    const aggregate = hoursAt([0, 26]);
    aggregate.setting = { type: 'init' };
    assert.ok(inHours(aggregate) >= 24);
    aggregate.setting = { type: 'sidecar' };
    assert.ok(inHours(aggregate) <= 2.1);
  });

  it('subtracts each day without a run from the span of a job, up to one day less than it ran', () => {
    assert.equal(inHours(hoursAt([0, 24, 48]), 'Job/a'), 49, 'a run each day');
    assert.equal(inHours(hoursAt([0, 72]), 'Job/a'), 73 - 48, 'two days are missing');
    assert.equal(inHours(hoursAt([23, 72]), 'Job/a'), 24, 'two of four days are one day');
  });

  it('subtracts only days that a history can keep: the last 14 before today', () => {
    const aggregate = hoursAt([0, 24 * 20]);
    assert.equal(inHours(aggregate, 'Job/a'), 24 * 20 + 1 - 24 * 13);
  });

  it('is never negative, and never longer than the span', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 24 * 16 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(20),
        fc.constantFrom('Deployment/a', 'Job/a'),
        (hours, replicas, running, workload) => {
          const aggregate = hoursAt(hours, replicas);
          aggregate.running = running;
          const span = Math.max(...hours) + 1 - Math.min(...hours);
          const watched = inHours(aggregate, workload);
          assert.ok(watched >= 0 && watched <= span, `${watched} of ${span} h`);
        },
      ),
    ));
});
