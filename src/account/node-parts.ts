/** Splits the real memory of the node into pods, system services and a rest. */
import { bytes, minus, type Optional } from '../model/bytes.ts';
import { parentOf } from '../model/cgroup.ts';
import type { Accounted } from '../model/observation.ts';
import type { NodeParts } from '../model/report.ts';

/**
 * Counts each byte once: usage is hierarchical, so it adds only the topmost cgroups of each kind. A part can be negative,
 * because the agent reads each cgroup at a different moment.
 * @param realUsed real of the node according to `/proc/meminfo`, in bytes
 * @returns undefined if no cgroup has a real
 */
export function partsOf(accounted: readonly Accounted[], realUsed: Optional): NodeParts | undefined {
  const known = accounted.filter(({ usage }) => usage.realBytes !== undefined);
  if (known.length === 0) return undefined;
  const inPods = topmost(known.filter(({ role }) => role.kind === 'pod' || role.kind === 'container'));
  const kube = topmost(known.filter(({ role }) => role.kind === 'kube'));
  const pods = sumOfReal(inPods);
  const paths = new Set(kube.map(pathOf));
  const podsRest = sumOfReal(kube) - sumOfReal(inPods.filter((one) => isBelow(pathOf(one), paths)));
  const all = sumOfReal(topmost(known));
  const rest = minus(realUsed, bytes(all));
  return {
    podsBytes: bytes(pods),
    ...(kube.length > 0 && { podsRestBytes: bytes(podsRest) }),
    systemBytes: bytes(all - pods - (kube.length > 0 ? podsRest : 0)),
    ...(rest !== undefined && { restBytes: rest }),
  };
}

const pathOf = ({ sample }: Accounted): string => sample.id.path;

const sumOfReal = (observations: readonly Accounted[]): number =>
  observations.reduce((sum, { usage }) => sum + (usage.realBytes ?? 0), 0);

/** The observations without another one among their ancestors. */
function topmost(observations: readonly Accounted[]): readonly Accounted[] {
  const paths = new Set(observations.map(pathOf));
  return observations.filter((one) => !isBelow(pathOf(one), paths));
}

function isBelow(path: string, others: ReadonlySet<string>): boolean {
  for (let above = parentOf(path); above !== undefined; above = parentOf(above))
    if (others.has(above)) return true;
  return false;
}
