/** The report of a host → a state of the live view. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportState } from '../../src/live/source.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Condition, NodeReport, OtherReport, PodReport } from '../../src/model/report.ts';
import { mebibytes } from './opened-view.ts';

const reportOf = (more: Partial<NodeReport> = {}): NodeReport => ({
  ...{
    apiVersion: 'a',
    kind: 'NodeMemoryReport',
    metadata: { name: 'node-1' },
    observed: { agent: '0.1.0' },
  },
  ...{ pods: [], containers: [], others: [], skipped: [], conditions: [], ...more },
});

const condition = (type: string, status: Condition['status']): Condition => ({
  ...{ type, status, reason: 'R', message: `${type} is ${status}.` },
});

describe('the state of a report', () => {
  it('is of the time of the report, else of the time at which it arrived', () => {
    const observed = { agent: '0.1.0', at: '2026-01-05T12:00:00Z' };
    assert.equal(reportState(reportOf({ observed }), false, 7).at, Date.UTC(2026, 0, 5, 12));
    assert.equal(reportState(reportOf(), false, 7).at, 7);
    assert.equal(reportState(reportOf({ observed: { ...observed, at: 'soon' } }), false, 7).at, 7);
  });

  it('has the name of the node, and what is known of it, as its title', () => {
    assert.deepEqual(reportState(reportOf(), false, 0).title, ['NODE node-1']);
    const node = { totalBytes: mebibytes(1024), realUsedBytes: mebibytes(256) };
    const observed = { agent: '0.1.0', cgroupVersion: 2, kernel: '6.8.0' } as const;
    assert.deepEqual(reportState(reportOf({ node, observed }), false, 0).title, [
      'NODE node-1   cgroup v2   Linux 6.8.0',
      'REAL 256Mi of 1Gi (25%)',
    ]);
    const more = { ...node, usedBytes: mebibytes(512), availableBytes: bytes(0) };
    assert.equal(
      reportState(reportOf({ node: more }), false, 0).title[1],
      'REAL 256Mi of 1Gi (25%)   USED with cache 512Mi   AVAILABLE 0',
    );
  });

  it('has the troubles first, then the conditions that are not true', () => {
    const conditions = [
      condition('Complete', 'False'),
      condition('HistoryKept', 'True'),
      condition('ClockTrusted', 'Unknown'),
    ];
    assert.deepEqual(reportState(reportOf({ conditions }), false, 0, ['Not updated.']).notes, [
      'Not updated.',
      'Complete is False.',
      'ClockTrusted is Unknown.',
    ]);
  });

  it('says that names of pods are missing only where there are pods', () => {
    const conditions = [condition('NamesFresh', 'False')];
    assert.deepEqual(reportState(reportOf({ conditions }), false, 0).notes, []);
    const pods = [{ uid: '1', cgroup: '/kubepods/pod1' } as PodReport];
    assert.deepEqual(reportState(reportOf({ conditions, pods }), false, 0).notes, ['NamesFresh is False.']);
  });

  it('has the services of the host beside its pods only if asked for all', () => {
    const others = [{ cgroup: '/system.slice/ssh.service', type: 'service', name: 'ssh' } as OtherReport];
    const containers = [
      {
        cgroup: '/kubepods/pod1/c',
        podUID: '1',
        id: 'c',
        type: 'container',
        namespace: 'shop',
        pod: 'cart',
        name: 'web',
      },
    ] as unknown as NodeReport['containers'];
    const targets = (all: boolean): number =>
      reportState(reportOf({ others, containers }), all, 0).rows('container').length;
    assert.deepEqual([targets(false), targets(true)], [1, 2]);
  });
});
