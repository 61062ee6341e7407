/** Checks the claims of docs/scale.md with a part of a cluster of 5,000 nodes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeKinds } from './changes.ts';
import { measure } from './measures.ts';
import {
  annotatedSeconds,
  longestWaitSeconds,
  mostBytes,
  mostWrites,
  periodSeconds,
} from './requirements.ts';

/** With so few nodes the largest second is about 2.5 times the mean by chance. */
const largest = 200;

describe('a cluster of 5,000 nodes', () => {
  it('writes and stores less than its budget in a steady state', async () => {
    const { writes, stored, by } = await measure('steady');
    assert.ok(writes.mean > 40 && writes.mean < mostWrites, `${writes.mean} writes/s`);
    assert.ok(stored.mean < mostBytes, `${stored.mean} bytes/s`);
    assert.ok(by.report <= 50 && by.annotation <= 20, JSON.stringify(by));
  });

  it('stores a tenth less than its byte budget in the ten minutes after a first install', async () => {
    const { stored, by } = await measure('tenMinutesOfInstall');
    assert.ok(by.history > 0 && stored.mean < 0.9 * mostBytes, `${stored.mean} bytes/s`);
  });

  it('stays within its byte budget with many large pods', async () => {
    const { stored } = await measure('largePods');
    assert.ok(stored.mean > 0.5 * mostBytes && stored.mean < mostBytes, `${stored.mean} bytes/s`);
  });

  it('annotates every pod in bounded time after a first install', async () => {
    const { longest, bareLongest } = await measure('firstInstall');
    // A new pod waits for the next share of its node's budget.
    assert.ok(
      longest <= longestWaitSeconds && bareLongest < 20 * 60,
      `longest wait ${longest} s, without an annotation ${bareLongest} s`,
    );
  });

  it('has no thundering herd when all agents start at once', async () => {
    const { writes, histories } = await measure('startOfAll');
    assert.ok(writes.mean > 40 && writes.largest <= largest, JSON.stringify(writes));
    // 0.4 per second for one of ten nodes: random arrivals already give four or five.
    assert.ok(histories > 0 && histories <= 5, `${histories} histories in one second`);
  });

  it('has no thundering herd in a roll-out, after Retry-After, and after an outage', async () => {
    const { rolled, busy, back, heard, nodes } = await measure('trouble');
    assert.ok(rolled.writes.largest <= largest, JSON.stringify(rolled.writes));
    assert.ok(busy.writes.largest <= largest && busy.refused.largest <= largest, JSON.stringify(busy));
    assert.ok(back.writes.largest <= largest, JSON.stringify(back.writes));
    assert.equal(heard, nodes, 'some nodes did not write after the outage');
  });
});

describe('three nodes', () => {
  it('publish each change within its deadline', async () => {
    const changes = await measure('changes');
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
