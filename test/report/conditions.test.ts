import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Condition } from '../../src/model/report.ts';
import { completeCondition, namesFresh, since } from '../../src/report/conditions.ts';

const now = '2026-01-02T03:04:05Z';
const then = '2026-01-01T00:00:00Z';
const condition = (type: string, status: Condition['status'], lastTransitionTime?: string): Condition => ({
  ...{ type, status, reason: 'R', message: 'm' },
  ...(lastTransitionTime !== undefined && { lastTransitionTime }),
});

describe('lastTransitionTime of a condition', () => {
  it('is now for a new condition', () =>
    assert.deepEqual(since([condition('A', 'True')], [], now), [condition('A', 'True', now)]));

  it('stays the same while the status does, even if reason and message change', () => {
    const last = [{ ...condition('A', 'False', then), reason: 'Other', message: 'other' }];
    assert.deepEqual(since([condition('A', 'False')], last, now), [condition('A', 'False', then)]);
  });

  it('is now if the status changed', () =>
    assert.deepEqual(since([condition('A', 'True')], [condition('A', 'False', then)], now), [
      condition('A', 'True', now),
    ]));

  it('does not come from a condition of another type', () =>
    assert.deepEqual(since([condition('A', 'True')], [condition('B', 'True', then)], now), [
      condition('A', 'True', now),
    ]));

  it('is absent for a recording without a time', () =>
    assert.deepEqual(since([condition('A', 'True')], [], undefined), [condition('A', 'True')]));
});

describe('Complete', () => {
  it('is True if every file was read', () =>
    assert.deepEqual(
      [completeCondition([], undefined).status, completeCondition([], undefined).reason],
      ['True', 'AllRead'],
    ));

  it('is False with unread files, names the first one and counts the others', () => {
    const faults = ['a', 'b', 'c'].map((name) => ({ cgroup: `/${name}`, why: 'EACCES' }));
    const one = completeCondition(faults.slice(0, 1), undefined);
    assert.deepEqual([one.status, one.reason], ['False', 'ReadFailed']);
    assert.match(one.message, /: \/a: EACCES$/);
    assert.match(completeCondition(faults, undefined).message, /: \/a: EACCES \(and 2 more, see skipped\)$/);
  });

  it('does not repeat the path of a cgroup if the fault begins with it', () => {
    const said = (cgroup: string, why: string): string =>
      completeCondition([{ cgroup, why }], undefined).message;
    assert.match(said('/a', '/a/memory.stat:1: bad'), /parse: \/a\/memory\.stat:1: bad$/);
    assert.match(said('/a', '/ab/memory.stat:1: bad'), /parse: \/a: \/ab\/memory\.stat:1: bad$/);
    assert.match(said('/', '/proc/meminfo:1: bad'), /parse: \/proc\/meminfo:1: bad$/);
  });

  it('is False with too many cgroups, and counts the omitted ones', () => {
    const omitted = { count: 7, usageBytes: bytes(5 * 2 ** 20) };
    const faults = [{ cgroup: '/a', why: 'EACCES' }];
    const { status, reason, message } = completeCondition(faults, undefined, omitted, '9 services');
    assert.deepEqual([status, reason], ['False', 'TooMany']);
    assert.match(message, /omits the smallest ones, 7 with 5Mi in total\. The limits are 9 services\.$/);
    const more = completeCondition([], undefined, { ...omitted, atLeast: true }, '9 services');
    assert.match(more.message, /omits the smallest ones, at least 7 with /);
  });

  it('is False without cgroups, and says why', () => {
    const { status, reason, message } = completeCondition([], 'because');
    assert.deepEqual([status, reason, message], ['False', 'NoCgroups', 'because']);
  });
});

describe('NamesFresh', () => {
  it('is True if every container has a name', () => {
    const { status, message } = namesFresh({ source: 'a file of pods', faults: [] }, 0);
    assert.deepEqual([status, message], ['True', 'Names come from a file of pods.']);
  });

  it('is False without a source of names, and says which flag to pass', () => {
    const { status, reason, message } = namesFresh(undefined, 0);
    assert.deepEqual([status, reason], ['False', 'NoSource']);
    assert.match(message, /--pods FILE/);
  });

  it('is False with unusable pods, and names them', () => {
    const { status, reason, message } = namesFresh({ source: 'x', faults: ['items[0] …', 'items[3] …'] }, 0);
    assert.deepEqual([status, reason], ['False', 'Faulty']);
    assert.equal(message, '2 pods from x cannot be used: items[0] …; items[3] …');
  });

  it('names five unusable pods at most, and counts the others', () => {
    const faults = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { message } = namesFresh({ source: 'x', faults, moreFaults: 100 }, 0);
    assert.equal(message, '106 pods from x cannot be used: a; b; c; d; e; and 101 more');
  });

  it('is False if the source does not list the pods of some containers', () => {
    const { status, reason, message } = namesFresh({ source: 'a file of pods', faults: [] }, 3);
    assert.deepEqual([status, reason], ['False', 'Unknown']);
    assert.match(message, /^No names for 3 containers: a file of pods does not list/);
  });

  it('is False while the source does not answer, and says for how long and why', () => {
    const { status, reason, message } = namesFresh(
      { source: 'x', faults: [], outOfStep: 'for 65 s: refused' },
      0,
    );
    assert.deepEqual([status, reason], ['False', 'OutOfStep']);
    assert.equal(message, 'Names may be stale: x has not answered for 65 s: refused');
  });
});
