/**
 * Derives the role of a cgroup from its path. A state machine reads the path segment by segment; each state has a table of
 * rules (rules.ts). A container is a final state: a workload chooses the names below its own cgroup, so they prove nothing.
 */
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { PathState, Rule } from './rule.ts';
import { rules } from './rules.ts';

/** The kernel's NAME_MAX. It bounds the cost of each regular expression, so the work is linear in the path's length. */
const longestName = 255;

/** The role of the cgroup at `path`. @param path from the root of the hierarchy, beginning with `/` */
export function roleOf(path: string): CgroupRole {
  const segments = path.split('/').filter((segment) => segment !== '');
  let role: CgroupRole = { kind: 'root' };
  let state: PathState = 'host';
  let pod = { podUID: '', qos: '' };
  let parent = '';
  let inside: string | undefined;
  for (const [index, segment] of segments.entries()) {
    if (segment.length > longestName)
      return { kind: 'skip', why: `its name is longer than ${longestName} bytes` };
    const table: readonly Rule[] = rules[state];
    for (const rule of table) {
      const match = rule.name.exec(segment);
      if (!match) continue;
      role = rule.role(match, { parent, pod });
      if (rule.below === 'nodeContainer') inside ??= `/${segments.slice(0, index + 1).join('/')}`;
      state = rule.below;
      break;
    }
    if (role.kind === 'pod') pod = role;
    parent = segment;
  }
  if (inside === undefined || (role.kind !== 'pod' && role.kind !== 'container')) return role;
  return { ...role, inside };
}

/** Whether the report needs the cgroup's children. A container outside pods may be a node with pods. */
export function holdsOthers(role: CgroupRole): boolean {
  if (role.kind === 'inner') return role.mayHoldPods === true;
  return role.kind === 'root' || role.kind === 'kube' || role.kind === 'pod' || role.kind === 'other';
}
