/**
 * A cgroup's path → what it is. The path is read from the top, one segment after the other, and each segment is
 * looked up in the table for where we stand. A container ends it: whatever a workload names below its own cgroup is
 * its own affair and never believed.
 */
import type { CgroupRole } from '../model/cgroup-role.ts';
import { type Rule, rules, type Standing } from './rules.ts';

/** The kernel's NAME_MAX: with it the work on a path is linear in its length, whatever the expressions cost. */
const longestName = 255;

/** What the cgroup at `path` (from the root of the hierarchy, beginning with `/`) is. */
export function roleOf(path: string): CgroupRole {
  const segments = path.split('/').filter((segment) => segment !== '');
  let role: CgroupRole = { kind: 'root' };
  let standing: Standing = 'host';
  let pod = { podUID: '', qos: '' };
  let parent = '';
  let inside: string | undefined;
  for (const [index, segment] of segments.entries()) {
    if (segment.length > longestName)
      return { kind: 'skip', why: `a name of more than ${longestName} bytes` };
    const table: readonly Rule[] = rules[standing];
    for (const rule of table) {
      const match = rule.name.exec(segment);
      if (!match) continue;
      role = rule.role(match, { parent, pod });
      if (rule.below === 'nodeContainer') inside ??= `/${segments.slice(0, index + 1).join('/')}`;
      standing = rule.below;
      break;
    }
    if (role.kind === 'pod') pod = role;
    parent = segment;
  }
  if (inside === undefined || (role.kind !== 'pod' && role.kind !== 'container')) return role;
  return { ...role, inside };
}

/** Whether anything of interest can stand below. A container outside pods may be a node. */
export function holdsOthers(role: CgroupRole): boolean {
  if (role.kind === 'inner') return role.mayHoldPods === true;
  return role.kind === 'root' || role.kind === 'kube' || role.kind === 'pod' || role.kind === 'other';
}
