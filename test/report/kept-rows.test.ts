/** Rows that are the same as in the last report: made anew if anything changed that they show. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Judged } from '../../src/model/observation.ts';
import type { Pod, PodContainer } from '../../src/model/pod.ts';
import type { Recommendation } from '../../src/model/recommendation.ts';
import { buildReport } from '../../src/report/build.ts';
import { type JudgedContainer, type JudgedPod, KeptRows } from '../../src/report/kept-rows.ts';

const cart: PodContainer = { name: 'cart', type: 'container', ids: ['id-1'], running: true };
const pod: Pod = { ...{ uid: 'uid-1', namespace: 'shop', name: 'cart-x', labels: {} }, containers: [cart] };
const bounds = { target: bytes(10), lower: bytes(5), upper: bytes(20) };
const recommendation: Recommendation = {
  ...{ request: bounds, limit: bounds, confidence: 'high', days: 8, because: [] },
};
const judged: JudgedContainer = {
  role: { kind: 'container', podUID: 'uid-1', id: 'id-1' },
  sample: { id: { path: '/p/c', inode: 1 }, version: 2, faults: [] },
  ...{ pod, container: { pod, type: 'container', container: cart } },
  ...{ usage: { realBytes: bytes(7) }, verdict: 'OK', recommendation },
};

/** The row of the container in two reports, one after the other. */
function twice(first: Judged, next: Judged) {
  const rows = new KeptRows();
  const rowOf = (one: Judged, kept?: KeptRows) =>
    buildReport({
      ...{ node: 'node-1', observed: { agent: '0' }, accounted: [one], skipped: [], conditions: [] },
      ...(kept !== undefined && { rows: kept }),
    }).containers[0];
  return { before: rowOf(first, rows), after: rowOf(next, rows), fresh: rowOf(next) };
}

const { container: _, ...unnamed } = judged;
const { role } = judged;
const others: Readonly<Record<string, Judged>> = {
  'another runtime': { ...judged, role: { ...role, runtime: 'kata' } },
  'a role that shows a sandbox': { ...unnamed, role: { ...role, sandbox: true } },
  'another UID in its path': { ...judged, role: { ...role, podUID: 'uid-2' } },
  'other figures': { ...judged, usage: { realBytes: bytes(7) } },
  'another pod': { ...judged, pod: { ...pod, name: 'cart-y' } },
  'no container of that name': unnamed,
  'another type': { ...judged, container: { pod, type: 'sidecar', container: cart } },
  'another container': {
    ...judged,
    container: { pod, type: 'container', container: { ...cart, name: 'web' } },
  },
  'another verdict': { ...judged, verdict: 'NearLimit' },
  'another recommendation': { ...judged, recommendation: { ...recommendation, confidence: 'medium' } },
};

describe('the row of a container', () => {
  it('is the same object in the next report if nothing changed', () => {
    const { before, after, fresh } = twice(judged, {
      ...judged,
      container: { pod, type: 'container', container: cart },
    });
    assert.equal(after, before);
    assert.deepEqual(after, fresh);
  });

  for (const [what, next] of Object.entries(others))
    it(`is made anew with ${what}`, () => {
      const { before, after, fresh } = twice(judged, next);
      assert.notEqual(after, before);
      assert.deepEqual(after, fresh);
    });
});

const ofPod: JudgedPod = {
  role: { kind: 'pod', podUID: 'uid-1', qos: 'Burstable' },
  sample: { id: { path: '/p', inode: 2 }, version: 2, faults: [] },
  ...{ pod, usage: { realBytes: bytes(9) } },
};
const second: PodContainer = { ...cart, name: 'log', ids: ['id-2'] };
const beside: JudgedContainer = {
  ...judged,
  role: { ...role, id: 'id-2' },
  sample: { id: { path: '/p/d', inode: 3 }, version: 2, faults: [] },
  ...{ container: { pod, type: 'container', container: second }, usage: { realBytes: bytes(1) } },
};

describe('the row of a pod', () => {
  /** The row of the pod in two reports, one after the other, and how often a container of the pod was killed by the second. */
  function podTwice(first: readonly Judged[], next: readonly Judged[], kills?: number) {
    const rows = new KeptRows();
    const rowOf = (accounted: readonly Judged[], killed: number | undefined, kept?: KeptRows) =>
      buildReport({
        ...{ node: 'node-1', observed: { agent: '0' }, accounted, skipped: [], conditions: [] },
        killsOf: () => killed,
        ...(kept !== undefined && { rows: kept }),
      }).pods[0];
    return {
      before: rowOf(first, undefined, rows),
      after: rowOf(next, kills, rows),
      fresh: rowOf(next, kills),
    };
  }

  it('is the same object in the next report if neither the pod nor a container changed', () => {
    const { before, after, fresh } = podTwice([ofPod, judged], [{ ...ofPod }, judged]);
    assert.equal(after, before);
    assert.deepEqual(after, fresh);
  });

  const moved: readonly [string, readonly Judged[]][] = [
    ['other figures', [{ ...ofPod, usage: { realBytes: bytes(9) } }, judged]],
    ['another pod', [{ ...ofPod, pod: { ...pod, name: 'cart-y' } }, judged]],
    ['another QoS class', [{ ...ofPod, role: { ...ofPod.role, qos: 'Guaranteed' } }, judged]],
    ['other figures of a container', [ofPod, { ...judged, usage: { realBytes: bytes(8) } }]],
    ['one more container', [ofPod, judged, beside]],
    ['no container', [ofPod]],
  ];
  for (const [what, next] of moved)
    it(`is made anew with ${what}`, () => {
      const { before, after, fresh } = podTwice([ofPod, judged], next);
      assert.notEqual(after, before);
      assert.deepEqual(after, fresh);
    });

  it('is made anew when an ended container is known to be killed', () => {
    const ended = { ...cart, running: false, oomKilled: [{ id: 'id-1' }] };
    const of = { ...ofPod, pod: { ...pod, containers: [ended] } };
    const { after, fresh } = podTwice([of], [of], 3);
    assert.equal(after?.killed?.[0]?.oomKills, 3);
    assert.deepEqual(after, fresh);
  });
});
