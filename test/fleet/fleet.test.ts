/**
 * The claims of docs/scale.md, on a part of a fleet of 5,000 nodes: each takes its share of what all may write, and is
 * counted for many.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeKinds, changesOnThree } from './changes.ts';
import { type Figures, figuresIn } from './figures.ts';
import { Fleet } from './fleet.ts';
import { large } from './pods.ts';
import {
  annotatedSeconds,
  longestWaitSeconds,
  mostBytes,
  mostWrites,
  periodSeconds,
} from './requirements.ts';
import { install, outage, overload, resolveClaims, rollOut, steady, type Window } from './scenarios.ts';
import { waitsIn } from './waits.ts';

const nodes = 5_000;
const minute = 60;
/** Of so few the largest second is some 2.5 times the mean by chance alone, and histories begin with 10 a second. */
const largest = 200;

/** Some nodes, whole. */
const few = (living: number, seconds: number): Fleet =>
  new Fleet({ nodes, living, seconds, annotateEach: 1 });

/** Many nodes of a pod each, and no annotations: to see the seconds. */
const many = (seconds: number): Fleet =>
  new Fleet({ nodes, living: 500, pods: 1, seconds, annotateEach: 1_000_000 });

const figuresOf = (fleet: Fleet, { from, to }: Window): Figures =>
  figuresIn(fleet.api, from, to, nodes / fleet.nodes.length);

describe('a fleet of 5,000 nodes', () => {
  it('writes less than it may, and stores less, in a steady state', async () => {
    const fleet = few(20, 40 * minute);
    await resolveClaims(fleet, 10 * minute);
    const { writes, stored, by } = figuresOf(fleet, await steady(fleet, 30 * minute));
    assert.ok(writes.mean > 40 && writes.mean < mostWrites, `${writes.mean} writes/s`);
    assert.ok(stored.mean < mostBytes, `${stored.mean} bytes/s`);
    assert.ok(by.report <= 50 && by.annotation <= 20, JSON.stringify(by));
  });

  it('stays within its bytes also where pods are many and large', async () => {
    const some = 3_000;
    const fleet = new Fleet({
      nodes: some,
      living: 6,
      pods: 50,
      shape: large,
      seconds: 20 * minute,
      annotateEach: 1,
    });
    await resolveClaims(fleet, 10 * minute);
    const { from, to } = await steady(fleet, 10 * minute);
    const { stored } = figuresIn(fleet.api, from, to, some / fleet.nodes.length);
    assert.ok(stored.mean > 0.5 * mostBytes && stored.mean < mostBytes, `${stored.mean} bytes/s`);
  });

  it('annotates every pod in bounded time after a first install', async () => {
    const fleet = few(5, longestWaitSeconds);
    await install(fleet, longestWaitSeconds);
    const { longest, bareLongest } = waitsIn(fleet);
    // A pod that has just come waits for the next share of its node.
    assert.ok(longest <= longestWaitSeconds && bareLongest < 20 * minute, `${longest}, ${bareLongest}`);
  });

  it('has no thundering second when all begin at once', async () => {
    const fleet = many(6 * minute);
    const { writes } = figuresOf(fleet, await install(fleet, 6 * minute));
    assert.ok(writes.mean > 40 && writes.largest <= largest, JSON.stringify(writes));
    // One a second by one node of ten: chance alone makes five or six of it.
    const histories = Math.max(...fleet.api.counts.history.writes);
    assert.ok(histories > 0 && histories <= 7, `${histories} histories in one second`);
  });

  it('has none in a roll-out, when the API server asks for patience, and when it comes back', async () => {
    const fleet = many(24 * minute);
    await resolveClaims(fleet, 2 * minute);
    const rolled = figuresOf(fleet, await rollOut(fleet, 5 * minute));
    assert.ok(rolled.writes.largest <= largest, JSON.stringify(rolled.writes));
    const busy = figuresOf(fleet, await overload(fleet, minute, 3 * minute));
    assert.ok(busy.writes.largest <= largest && busy.refused.largest <= largest, JSON.stringify(busy));
    const heard = new Set<number>();
    for (const node of fleet.nodes) node.wrote = () => heard.add(node.index);
    const back = figuresOf(fleet, await outage(fleet, 6 * minute, 7 * minute));
    assert.ok(back.writes.largest <= largest, JSON.stringify(back.writes));
    assert.equal(heard.size, fleet.nodes.length, 'all are there again');
  });
});

describe('three nodes', () => {
  it('show each change within a period', async () => {
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
