import assert from 'node:assert/strict';
import { it } from 'node:test';
import { filterReport } from '../../src/report/choose-pods.ts';
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
