import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Names } from '../../src/identify/names.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import { chooser, filterReport, type PodChoice } from '../../src/report/choose-pods.ts';
import { containerOf, otherOf, podOf, reportOf } from './reports.ts';

it('a report filtered by pods has these pods and their containers, and nothing outside pods', () => {
  const report = reportOf({
    pods: [podOf({ uid: 'a' }), podOf({ uid: 'b' })],
    containers: [containerOf({ podUID: 'a' }), containerOf({ podUID: 'b' }), containerOf({ podUID: 'b' })],
    others: [otherOf()],
    skipped: [{ cgroup: '/x', why: 'y' }],
  });
  const filtered = filterReport(report, new Set(['b', 'unknown']));
  assert.deepEqual(filtered, {
    ...report,
    pods: [podOf({ uid: 'b' })],
    containers: [containerOf({ podUID: 'b' }), containerOf({ podUID: 'b' })],
    others: [],
  });
  assert.equal(report.pods.length, 2);
});

describe('chooser', () => {
  const known = (uid: string, namespace: string, labels: Readonly<Record<string, string>>): Pod => ({
    ...{ uid, namespace, name: uid, labels, containers: [] },
  });
  const pods = [
    known('a', 'shop', { app: 'cart' }),
    known('b', 'shop', { app: 'web' }),
    known('c', 'ops', { app: 'cart' }),
    known('d', 'ops', {}),
  ];
  const node = { names: { names: new Names(pods) } };
  // The API does not know the pod `x`.
  const report = reportOf({
    pods: ['a', 'b', 'c', 'd', 'x'].map((uid) => podOf({ uid })),
    containers: ['a', 'c', 'x'].map((podUID) => containerOf({ podUID })),
    others: [otherOf()],
  });
  const chosen = (selection: PodChoice): readonly string[] =>
    chooser(selection)(node, report).pods.map(({ uid }) => uid);

  it('returns the same report without namespace and selector', () =>
    assert.equal(chooser({})(node, report), report));

  it('keeps the pods of a namespace', () => {
    assert.deepEqual(chosen({ namespace: 'shop' }), ['a', 'b']);
    assert.deepEqual(chosen({ namespace: 'sho' }), []);
    assert.deepEqual(chosen({ namespace: '' }), []);
  });

  it('keeps the pods with a label, of every namespace', () => {
    assert.deepEqual(chosen({ selector: 'app=cart' }), ['a', 'c']);
    assert.deepEqual(chosen({ selector: 'app!=cart' }), ['b', 'd']);
    assert.deepEqual(chosen({ selector: '!app' }), ['d']);
  });

  it('keeps the pods that match both', () =>
    assert.deepEqual(chosen({ namespace: 'ops', selector: 'app=cart' }), ['c']));

  it('keeps every known pod for an empty selector, and removes everything else', () => {
    const { pods: kept, containers, others } = chooser({ selector: '' })(node, report);
    assert.deepEqual(
      [kept.map(({ uid }) => uid), containers.map(({ podUID }) => podUID), others],
      [['a', 'b', 'c', 'd'], ['a', 'c'], []],
    );
  });

  it('throws for an invalid selector before it sees a report', () =>
    assert.throws(
      () => chooser({ selector: 'a=b=c' }),
      (error) => error instanceof LocatedError && error.message.startsWith('--selector'),
    ));

  it('takes the names of each report, which may change', () => {
    const choose = chooser({ namespace: 'shop' });
    const later = { names: { names: new Names([known('c', 'shop', {})]) } };
    assert.deepEqual(
      [node, later].map((one) => choose(one, report).pods.map(({ uid }) => uid)),
      [['a', 'b'], ['c']],
    );
  });
});
