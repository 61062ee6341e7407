/** Splits the real memory of the node into pods, system services and a rest. */
import { bytes, minus, type Optional } from '../model/bytes.ts';
import { parentOf } from '../model/cgroup.ts';
import type { CgroupRole } from '../model/cgroup-role.ts';
import type { Accounted } from '../model/observation.ts';
import type { NodeParts } from '../model/report.ts';

/**
 * Counts each byte once: usage is hierarchical, so it adds only the topmost cgroups of each kind. A part can be negative,
 * because the agent reads each cgroup at a different moment.
 * @param realUsed real of the node according to `/proc/meminfo`, in bytes
 * @returns undefined if no cgroup has a real
 */
export function partsOf(accounted: readonly Accounted[], realUsed: Optional): NodeParts | undefined {
  const kinds = new Map<string, Kind>();
  for (const { sample, role, usage } of accounted)
    if (usage.realBytes !== undefined) kinds.set(sample.id.path, kindOf(role));
  if (kinds.size === 0) return undefined;
  let [all, pods, kube, podsInKube] = [0, 0, 0, 0];
  let hasKube = false;
  for (const { sample, usage } of accounted) {
    const { realBytes: real } = usage;
    const kind = kinds.get(sample.id.path);
    if (real === undefined || kind === undefined) continue;
    const above = kindsAbove(sample.id.path, kinds);
    if (!above.any) all += real;
    if (kind === 'pods' && !above.pods) {
      pods += real;
      if (above.kube) podsInKube += real;
    }
    if (kind !== 'kube') continue;
    hasKube = true;
    if (!above.kube) kube += real;
  }
  const podsRest = kube - podsInKube;
  const rest = minus(realUsed, bytes(all));
  return {
    podsBytes: bytes(pods),
    ...(hasKube && { podsRestBytes: bytes(podsRest) }),
    systemBytes: bytes(all - pods - (hasKube ? podsRest : 0)),
    ...(rest !== undefined && { restBytes: rest }),
  };
}

type Kind = 'pods' | 'kube' | 'other';

const kindOf = ({ kind }: CgroupRole): Kind =>
  kind === 'pod' || kind === 'container' ? 'pods' : kind === 'kube' ? 'kube' : 'other';

/** Which kinds of cgroups with a real are among the ancestors of a path. */
function kindsAbove(
  path: string,
  kinds: ReadonlyMap<string, Kind>,
): { readonly any: boolean; readonly pods: boolean; readonly kube: boolean } {
  let [any, pods, kube] = [false, false, false];
  for (let above = parentOf(path); above !== undefined; above = parentOf(above)) {
    const kind = kinds.get(above);
    any ||= kind !== undefined;
    pods ||= kind === 'pods';
    kube ||= kind === 'kube';
  }
  return { any, pods, kube };
}
