/** What the tables of rules decide for one name. */
import assert from 'node:assert/strict';
import type { Above, PathState } from '../../src/identify/rule.ts';
import { rules } from '../../src/identify/rules.ts';
import type { CgroupRole, OtherType } from '../../src/model/cgroup-role.ts';

export const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
export const U_U = UID.replaceAll('-', '_');
export const ID = '73051af271105c07e1f493b34856a77e665e3b0b4fc72f76c807dfbffeb881bd';
export const shortId = ID.slice(0, 12);

const above: Above = { parent: 'parent', pod: { podUID: UID, qos: 'Burstable' } };

/** The role and the next state of a name. */
export function decide(
  state: PathState,
  name: string,
  more: Partial<Above> = {},
): readonly [CgroupRole, PathState] {
  for (const rule of rules[state]) {
    const match = rule.name.exec(name);
    if (match !== null) return [rule.role(match, { ...above, ...more }), rule.below];
  }
  throw new assert.AssertionError({ message: `no rule in ${state} for ${name}` });
}

export const other = (type: OtherType, name: string, more: object = {}): CgroupRole =>
  ({ kind: 'other', type, name, ...more }) as CgroupRole;
export const pod = (podUID: string, qos: string): CgroupRole => ({ kind: 'pod', podUID, qos });
