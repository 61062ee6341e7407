import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytes } from '../../src/model/bytes.ts';
import type { Condition } from '../../src/model/report.ts';
import { complete, namesFresh, since } from '../../src/report/conditions.ts';

const now = '2026-01-02T03:04:05Z';
const then = '2026-01-01T00:00:00Z';
const condition = (type: string, status: Condition['status'], lastTransitionTime?: string): Condition => ({
  ...{ type, status, reason: 'R', message: 'm' },
  ...(lastTransitionTime !== undefined && { lastTransitionTime }),
});

describe('the time of a condition', () => {
  it('is now for a new one', () =>
    assert.deepEqual(since([condition('A', 'True')], [], now), [condition('A', 'True', now)]));

  it('stays as long as its status does, whatever the reason', () => {
    const last = [{ ...condition('A', 'False', then), reason: 'Other', message: 'other' }];
    assert.deepEqual(since([condition('A', 'False')], last, now), [condition('A', 'False', then)]);
  });

  it('is now where its status changed', () =>
    assert.deepEqual(since([condition('A', 'True')], [condition('A', 'False', then)], now), [
      condition('A', 'True', now),
    ]));

  it('is its own', () =>
    assert.deepEqual(since([condition('A', 'True')], [condition('B', 'True', then)], now), [
      condition('A', 'True', now),
    ]));

  it('is absent where a recording does not say when it was', () =>
    assert.deepEqual(since([condition('A', 'True')], [], undefined), [condition('A', 'True')]));
});

describe('Complete', () => {
  it('holds where everything was read', () =>
    assert.deepEqual([complete([], undefined).status, complete([], undefined).reason], ['True', 'AllRead']));

  it('names the first file that was not read, and how many more there are', () => {
    const faults = ['a', 'b', 'c'].map((name) => ({ cgroup: `/${name}`, why: 'EACCES' }));
    const one = complete(faults.slice(0, 1), undefined);
    assert.deepEqual([one.status, one.reason], ['False', 'ReadFailed']);
    assert.match(one.message, /: \/a: EACCES$/);
    assert.match(complete(faults, undefined).message, /: \/a: EACCES \(and 2 more, see skipped\)$/);
  });

  it('says the path of a cgroup once where the fault begins with it', () => {
    const said = (cgroup: string, why: string): string => complete([{ cgroup, why }], undefined).message;
    assert.match(said('/a', '/a/memory.stat:1: bad'), /understood: \/a\/memory\.stat:1: bad$/);
    assert.match(said('/a', '/ab/memory.stat:1: bad'), /understood: \/a: \/ab\/memory\.stat:1: bad$/);
    assert.match(said('/', '/proc/meminfo:1: bad'), /understood: \/proc\/meminfo:1: bad$/);
  });

  it('does not hold where there are too many cgroups, and says how many are missing', () => {
    const omitted = { count: 7, usageBytes: bytes(5 * 2 ** 20) };
    const faults = [{ cgroup: '/a', why: 'EACCES' }];
    const { status, reason, message } = complete(faults, undefined, omitted, '9 services');
    assert.deepEqual([status, reason], ['False', 'TooMany']);
    assert.match(message, /left out, 7 with 5Mi in all\. The limits are 9 services\.$/);
    const more = complete([], undefined, { ...omitted, atLeast: true }, '9 services');
    assert.match(more.message, /left out, at least 7 with /);
  });

  it('does not hold without cgroups, and says why', () => {
    const { status, reason, message } = complete([], 'because');
    assert.deepEqual([status, reason, message], ['False', 'NoCgroups', 'because']);
  });
});

describe('NamesFresh', () => {
  it('holds where every container has a name', () => {
    const { status, message } = namesFresh({ source: 'a file of pods', faults: [] }, 0);
    assert.deepEqual([status, message], ['True', 'From a file of pods.']);
  });

  it('does not hold without a source, and says what to give', () => {
    const { status, reason, message } = namesFresh(undefined, 0);
    assert.deepEqual([status, reason], ['False', 'NoSource']);
    assert.match(message, /--pods FILE/);
  });

  it('does not hold where pods were left out, and says which', () => {
    const { status, reason, message } = namesFresh({ source: 'x', faults: ['items[0] …', 'items[3] …'] }, 0);
    assert.deepEqual([status, reason], ['False', 'Faulty']);
    assert.equal(message, 'In x 2 pods cannot be used: items[0] …; items[3] …');
  });

  it('names five of the pods that were left out, and counts the others', () => {
    const faults = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { message } = namesFresh({ source: 'x', faults, moreFaults: 100 }, 0);
    assert.equal(message, 'In x 106 pods cannot be used: a; b; c; d; e; and 101 more');
  });

  it('does not hold where containers belong to pods that nobody knows', () => {
    const { status, reason, message } = namesFresh({ source: 'a file of pods', faults: [] }, 3);
    assert.deepEqual([status, reason], ['False', 'Unknown']);
    assert.match(message, /^3 containers .* a file of pods/);
  });

  it('does not hold while the source is silent, and says since when and why', () => {
    const { status, reason, message } = namesFresh(
      { source: 'x', faults: [], outOfStep: 'for 65 s: refused' },
      0,
    );
    assert.deepEqual([status, reason], ['False', 'OutOfStep']);
    assert.equal(message, 'Names are kept, but x has not answered for 65 s: refused');
  });
});
