/** Claims of cgroups on pods and containers that are resolved only when a cgroup or its role is another one than in the last report. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveClaims } from '../../../src/identify/claims.ts';
import { roleOf } from '../../../src/identify/role.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { KeptClaims } from '../../../src/sample/reuse/kept-claims.ts';

const uid = '11111111-2222-3333-4444-555555555555';
const hex = (digit: string): string => digit.repeat(64);

const at = (path: string): Observation => {
  const role = roleOf(path);
  assert.ok(role.kind !== 'skip' && role.kind !== 'inner' && role.kind !== 'root', path);
  return { role, sample: { id: { path, inode: 1 }, version: 1, faults: [] } };
};

const pod = at(`/kubepods/burstable/pod${uid}`);
const container = at(`/kubepods/burstable/pod${uid}/${hex('a')}`);
/** Claims the ID of that container. */
const second = at(`/kubepods/burstable/pod${uid.replace('1', '2')}/${hex('a')}`);
const other = at('/system.slice/ssh.service');
/** The same cgroups in the next report. */
const again = (one: Observation): Observation => ({ ...one, sample: { ...one.sample } });

describe('the claims of a report', () => {
  const reports: readonly [string, readonly (readonly Observation[])[]][] = [
    ['the same cgroups', [[pod, container, other], [pod, container, other].map(again)]],
    [
      'a cgroup with a disputed ID',
      [[pod, container], [pod, container, second], [pod, container, second].map(again)],
    ],
    ['a dispute that has ended', [[pod, container, second], [pod, container].map(again)]],
    ['as many cgroups, one of them another', [[pod, container, other], [pod, container, second].map(again)]],
    [
      'a cgroup whose role is another one',
      [
        [pod, container, other],
        [pod, container, { ...other, role: second.role }],
      ],
    ],
  ];
  for (const [what, passes] of reports)
    it(`are resolved as without the last report with ${what}`, () => {
      const kept = new KeptClaims();
      for (const observations of passes)
        assert.deepEqual(kept.resolve(observations), resolveClaims(observations));
    });

  it('are not looked at again when nothing changed', () => {
    const kept = new KeptClaims();
    kept.resolve([pod, container]);
    const next = [pod, container].map(again);
    assert.equal(kept.resolve(next).observations, next);
  });
});
