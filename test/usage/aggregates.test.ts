/** The aggregates of a node by name: which names it keeps, and which it drops. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerKey } from '../../src/model/container-key.ts';
import { namesKept, UsageAggregates } from '../../src/usage/aggregates.ts';
import { day, hour, MiB, monday } from './made/played.ts';

const cart: ContainerKey = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
const job = (index: number): ContainerKey => ({
  namespace: 'shop',
  workload: `Job/job-${index}`,
  container: 'run',
});

describe('the aggregates of a node', () => {
  it('have none for a name that was not asked for, and find does not create one', () => {
    const aggregates = new UsageAggregates();
    assert.equal(aggregates.find(cart), undefined);
    assert.deepEqual([aggregates.size, [...aggregates]], [0, []]);
  });

  it('have one aggregate per name, which an equal key finds', () => {
    const aggregates = new UsageAggregates();
    const one = aggregates.of(cart);
    assert.equal(aggregates.of({ ...cart }), one);
    assert.equal(aggregates.find({ ...cart }), one);
    assert.deepEqual([...aggregates], [{ key: cart, aggregate: one }]);
  });

  it('are separate where namespace, workload or container differs, even if the joined text is alike', () => {
    const aggregates = new UsageAggregates();
    for (const key of [
      cart,
      { ...cart, namespace: 'other' },
      { ...cart, workload: 'StatefulSet/cart' },
      { ...cart, container: 'proxy' },
      { ...cart, namespace: '', workload: 'shopDeployment/cart' },
    ])
      aggregates.of(key);
    assert.equal(aggregates.size, 5);
  });

  it('add up by name in a merge, and leave the merged ones alone', () => {
    const [one, other] = [new UsageAggregates(), new UsageAggregates()];
    one.of(cart).hour(MiB, monday);
    other.of(cart).hour(2 * MiB, monday);
    other.of(job(1)).hour(3 * MiB, monday);
    one.merge(other);
    assert.deepEqual([one.of(cart).largest(monday), one.of(job(1)).largest(monday)], [2 * MiB, 3 * MiB]);
    assert.ok(Math.abs(one.of(cart).hours.totalAt(monday) - 2) < 1e-9);
    one.of(job(1)).hour(9 * MiB, monday);
    assert.equal(other.of(job(1)).largest(monday), 3 * MiB);
  });
});

describe('forget', () => {
  it('drops a name without days that was not observed for more than a day', () => {
    const aggregates = new UsageAggregates();
    aggregates.of(job(0));
    aggregates.of(job(1)).seen(monday - day - 1);
    aggregates.of(job(2)).seen(monday - day);
    aggregates.forget(monday);
    assert.deepEqual(
      [...aggregates].map(({ key }) => key),
      [job(2)],
    );
  });

  it('keeps a name with a day of the last two weeks, and drops its older days', () => {
    const aggregates = new UsageAggregates();
    const aggregate = aggregates.of(cart);
    for (const ago of [15, 14]) aggregate.peak(MiB, monday - ago * day);
    aggregates.forget(monday);
    assert.equal(aggregates.find(cart), aggregate);
    assert.deepEqual(aggregate.days.keys(), [(monday - 14 * day) / day]);
    aggregates.forget(monday + day);
    assert.equal(aggregates.find(cart), undefined);
  });

  it('keeps 2,000 names, and drops the least recently observed ones', () => {
    const aggregates = new UsageAggregates();
    for (let index = 0; index < 3_000; index++) {
      const aggregate = aggregates.of({ namespace: 'shop', workload: `Job/job-${index}`, container: 'run' });
      aggregate.hour(MiB, monday + index);
    }
    aggregates.forget(monday + 3_000);
    assert.equal(aggregates.size, 2_000);
    assert.equal(aggregates.find({ namespace: 'shop', workload: 'Job/job-5', container: 'run' }), undefined);
    assert.equal(aggregates.find(job(999)), undefined);
    assert.ok(aggregates.find(job(1_000)));
  });

  it('keeps exactly as many names as there is room for, in any order of observation', () => {
    const aggregates = new UsageAggregates();
    for (let index = 0; index < namesKept; index++)
      aggregates.of(job(index)).peak(MiB, monday + hour - index);
    aggregates.forget(monday + hour);
    assert.equal(aggregates.size, namesKept);
    aggregates.of(cart).peak(MiB, monday + hour);
    aggregates.forget(monday + hour);
    assert.equal(aggregates.size, namesKept);
    assert.equal(aggregates.find(job(namesKept - 1)), undefined);
    assert.ok(aggregates.find(cart));
  });
});
