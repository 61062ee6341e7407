/**
 * Checks the claims of docs/scale.md with a part of a cluster of 5,000 nodes. Each simulated node uses one share of the
 * budget, and counts for many.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeKinds, changesOnThree } from './changes.ts';
import { type Figures, figuresIn } from './figures.ts';
import {
  annotatedSeconds,
  longestWaitSeconds,
  mostBytes,
  mostWrites,
  periodSeconds,
} from './requirements.ts';
import { install, outage, overload, rollOut, startAnnotated, steady, type Window } from './scenarios.ts';
import { SimulatedCluster } from './simulation/cluster.ts';
import { large } from './simulation/pods.ts';
import { waitsIn } from './waits.ts';

const nodes = 5_000;
const minute = 60;
/** With so few nodes the largest second is about 2.5 times the mean by chance. */
const largest = 200;

/** A few complete nodes. */
const few = (simulated: number, seconds: number): SimulatedCluster =>
  new SimulatedCluster({ nodes, simulated, seconds, annotateEach: 1 });

/** Many nodes with one pod each and without annotations, to measure single seconds. */
const many = (seconds: number): SimulatedCluster =>
  new SimulatedCluster({ nodes, simulated: 500, pods: 1, seconds, annotateEach: 1_000_000 });

const figuresOf = (cluster: SimulatedCluster, { from, to }: Window): Figures =>
  figuresIn(cluster.api, from, to, nodes / cluster.nodes.length);

describe('a cluster of 5,000 nodes', () => {
  it('writes and stores less than its budget in a steady state', async () => {
    const cluster = few(20, 40 * minute);
    await startAnnotated(cluster, 10 * minute);
    const { writes, stored, by } = figuresOf(cluster, await steady(cluster, 30 * minute));
    assert.ok(writes.mean > 40 && writes.mean < mostWrites, `${writes.mean} writes/s`);
    assert.ok(stored.mean < mostBytes, `${stored.mean} bytes/s`);
    assert.ok(by.report <= 50 && by.annotation <= 20, JSON.stringify(by));
  });

  it('stores a tenth less than its byte budget in the ten minutes after a first install', async () => {
    const cluster = few(100, 10 * minute);
    const { stored, by } = figuresOf(cluster, await install(cluster, 10 * minute));
    assert.ok(by.history > 0 && stored.mean < 0.9 * mostBytes, `${stored.mean} bytes/s`);
  });

  it('stays within its byte budget with many large pods', async () => {
    const some = 3_000;
    const cluster = new SimulatedCluster({
      nodes: some,
      simulated: 6,
      pods: 50,
      shape: large,
      seconds: 20 * minute,
      annotateEach: 1,
    });
    await startAnnotated(cluster, 10 * minute);
    const { from, to } = await steady(cluster, 10 * minute);
    const { stored } = figuresIn(cluster.api, from, to, some / cluster.nodes.length);
    assert.ok(stored.mean > 0.5 * mostBytes && stored.mean < mostBytes, `${stored.mean} bytes/s`);
  });

  it('annotates every pod in bounded time after a first install', async () => {
    const cluster = few(5, longestWaitSeconds);
    await install(cluster, longestWaitSeconds);
    const { longest, bareLongest } = waitsIn(cluster);
    // A new pod waits for the next share of its node's budget.
    assert.ok(
      longest <= longestWaitSeconds && bareLongest < 20 * minute,
      `longest wait ${longest} s, without an annotation ${bareLongest} s`,
    );
  });

  it('has no thundering herd when all agents start at once', async () => {
    const cluster = many(6 * minute);
    const { writes } = figuresOf(cluster, await install(cluster, 6 * minute));
    assert.ok(writes.mean > 40 && writes.largest <= largest, JSON.stringify(writes));
    // 0.4 per second for one of ten nodes: random arrivals already give four or five.
    const histories = Math.max(...cluster.api.counts.history.writes);
    assert.ok(histories > 0 && histories <= 5, `${histories} histories in one second`);
  });

  it('has no thundering herd in a roll-out, after Retry-After, and after an outage', async () => {
    const cluster = many(24 * minute);
    await startAnnotated(cluster, 2 * minute);
    const rolled = figuresOf(cluster, await rollOut(cluster, 5 * minute));
    assert.ok(rolled.writes.largest <= largest, JSON.stringify(rolled.writes));
    const busy = figuresOf(cluster, await overload(cluster, minute, 3 * minute));
    assert.ok(busy.writes.largest <= largest && busy.refused.largest <= largest, JSON.stringify(busy));
    const heard = new Set<number>();
    for (const node of cluster.nodes) node.wrote = () => heard.add(node.index);
    const back = figuresOf(cluster, await outage(cluster, 6 * minute, 7 * minute));
    assert.ok(back.writes.largest <= largest, JSON.stringify(back.writes));
    assert.equal(heard.size, cluster.nodes.length, 'some nodes did not write after the outage');
  });
});

describe('three nodes', () => {
  it('publish each change within its deadline', async () => {
    const changes = await changesOnThree(2 * 3600);
    for (const kind of changeKinds) {
      const made = changes.filter((change) => change.kind === kind);
      assert.ok(made.length > 2, kind);
      for (const { report = Number.POSITIVE_INFINITY, annotation = Number.POSITIVE_INFINITY } of made) {
        assert.ok(report <= periodSeconds, `${kind} after ${report} s in the report`);
        assert.ok(annotation <= annotatedSeconds[kind], `${kind} after ${annotation} s in the annotation`);
      }
    }
  });
});
