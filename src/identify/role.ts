/**
 * A cgroup's path → what it is. The path is read from the top, one segment after the other, and each segment is
 * looked up in the table for where we stand. A container ends it: whatever a workload names below its own cgroup is
 * its own affair and never believed.
 */
import type { Place } from '../model/cgroup-role.ts';
import { type Rule, rules, type Standing } from './rules.ts';

/** The kernel's NAME_MAX: with it the work on a path is linear in its length, whatever the expressions cost. */
const longestName = 255;

/** What the cgroup at `path` (from the root of the hierarchy, beginning with `/`) is. */
export function placeOf(path: string): Place {
  const segments = path.split('/').filter((segment) => segment !== '');
  let place: Place = { kind: 'root' };
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
      place = rule.place(match, { parent, pod });
      if (rule.below === 'nodeContainer') inside ??= `/${segments.slice(0, index + 1).join('/')}`;
      standing = rule.below;
      break;
    }
    if (place.kind === 'pod') pod = place;
    parent = segment;
  }
  if (inside === undefined || (place.kind !== 'pod' && place.kind !== 'container')) return place;
  return { ...place, inside };
}

/** Whether anything of interest can stand below. A container outside pods may be a node. */
export function holdsOthers(place: Place): boolean {
  if (place.kind === 'inner') return place.mayHoldPods === true;
  return place.kind === 'root' || place.kind === 'kube' || place.kind === 'pod' || place.kind === 'other';
}
