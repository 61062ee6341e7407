import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { advise } from '../../src/recommend/advise.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';
import { UsageAggregates } from '../../src/usage/aggregates.ts';
import { closeWindows, type History } from '../../src/usage/history.ts';
import { day, hour, keyOf, MiB, minute, monday, type PlayedContainer, play } from './made/played.ts';

const cart: PlayedContainer = { pod: 'cart-1', real: (at) => 100 + (at % day) / hour };

function aggregateOf(history: History, of: PlayedContainer = cart): UsageAggregate {
  const aggregate = closeWindows(history.kept()).find(keyOf(of));
  assert.ok(aggregate !== undefined, 'no history');
  return aggregate;
}

const total = ({ hours }: UsageAggregate, at: number): number =>
  hours.at(at).weights.reduce((sum, weight) => sum + weight, 0);

describe('the history of a container', () => {
  it('exists from the first pass on, before five minutes or an hour are over', () => {
    const aggregate = aggregateOf(play([cart], { days: 1 / 1440, stepSeconds: 5 }));
    assert.ok(aggregate.usage.percentile(1) !== undefined);
    assert.ok(Math.abs(aggregate.largest(monday) / MiB - 100) < 1);
    assert.equal(aggregate.running, 1);
  });

  it('holds the largest real of each hour, of each five minutes and of each day', () => {
    const aggregate = aggregateOf(play([cart], { days: 2 }));
    assert.deepEqual(
      [...aggregate.days.values()].map(({ peak }) => Math.round(peak / MiB)),
      [124, 124],
    );
    assert.ok(Math.abs(total(aggregate, monday + 2 * day) - 48) < 6);
  });

  it('continues over restarts, new replicas and new pods of the workload', () => {
    const first = { ...cart, real: (at: number) => (at < day ? 300 : undefined) };
    const second = { ...cart, pod: 'cart-2', real: (at: number) => (at < day ? undefined : 100) };
    const aggregate = aggregateOf(play([first, second], { days: 2, stepSeconds: 5 * minute }));
    assert.equal(Math.round(aggregate.largest(monday + 2 * day) / MiB), 300);
    assert.equal(aggregate.running, 1);
  });

  it('is separate for each container, workload and kind', () => {
    const sidecar = { ...cart, container: 'proxy', real: () => 10 };
    const bare = { ...cart, pod: 'debug', workload: 'Pod/debug', real: () => 20 };
    const history = play([cart, sidecar, bare], { days: 0.1 });
    assert.equal([...closeWindows(history.kept())].length, 3);
    assert.ok(Math.abs(aggregateOf(history, sidecar).largest(monday) / MiB - 10) < 0.1);
  });

  it('of a job that ended before the API named it is found by the container ID', () => {
    const short: PlayedContainer = {
      ...cart,
      pod: 'job-1',
      workload: 'Job/job',
      real: (at) => (at < 20 ? 200 : undefined),
      namedFrom: 60,
    };
    const history = play([short], { days: 0.01, stepSeconds: 5 });
    assert.ok(aggregateOf(history, short).largest(monday) > 190 * MiB);
  });

  it('drops days after two weeks', () => {
    const once = { ...cart, real: (at: number) => (at < hour ? 900 : undefined) };
    const other = { ...cart, pod: 'other-1', workload: 'Deployment/other', real: () => 1 };
    const history = play([once, other], { days: 17, stepSeconds: 30 * minute });
    assert.equal(closeWindows(history.kept()).find(keyOf(once)), undefined);
  });

  it('counts a kill once from kernel and API, and a kill at a limit as more than that limit', () => {
    const killed = { ...cart, real: () => 100, limit: 200, kills: [hour, 3 * hour] };
    const aggregate = aggregateOf(play([killed], { days: 0.3 }));
    assert.equal(aggregate.killCount, 2);
    assert.deepEqual(
      aggregate.kills.map(({ at, limit }) => [at - monday, limit]),
      [
        [3 * hour, 200 * MiB],
        [hour, 200 * MiB],
      ],
    );
    assert.ok(Math.abs(aggregate.largest(monday + day) / MiB - 230) < 1);
  });
});

describe('the histories of several nodes', () => {
  it('add up: any partition of the hours gives the same advice, to a bucket of 2 %', () => {
    const hourly = fc.record({
      size: fc.integer({ min: 1, max: 2_000 }),
      node: fc.nat(3),
      replica: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(hourly, { minLength: 2, maxLength: 60 }), fc.boolean(), (hours, isKilled) => {
        const containerOn = (node?: number) =>
          [0, 1, 2].map((replica): PlayedContainer => {
            const sizes = hours.map((one) =>
              one.replica === replica && (node === undefined || one.node === node) ? one.size : undefined,
            );
            const kill =
              isKilled && replica === 0 && (node === undefined || node === 1) ? { kills: [hour] } : {};
            return {
              pod: `cart-${replica}`,
              limit: 3_000,
              real: (at) => sizes[Math.floor(at / hour)],
              ...kill,
            };
          });
        const span = { days: hours.length / 24, stepSeconds: 10 * minute };
        const at = monday + hours.length * hour;
        const whole = closeWindows(play(containerOn(), span).kept());
        const parts = new UsageAggregates();
        for (const node of [2, 0, 3, 1]) parts.merge(closeWindows(play(containerOn(node), span).kept()));
        const [one, several] = [whole, parts].map((aggregates): Recommendation | undefined => {
          const aggregate = aggregates.find(keyOf({ pod: '', real: () => 0 }));
          return aggregate && advise(aggregate, at);
        });
        assert.ok(one !== undefined && several !== undefined);
        for (const what of ['request', 'limit'] as const)
          for (const bound of ['target', 'lower', 'upper'] as const) {
            const a: number = one[what][bound];
            const b: number = several[what][bound];
            // Both are rounded up to a mebibyte.
            assert.ok(Math.abs(a - b) <= Math.max(0.0203 * a, MiB), `${what} ${bound}: ${a} and ${b}`);
          }
      }),
      { numRuns: 60 },
    );
  });
});
