/** The node's real memory taken apart: pods, what is outside them, and a rest. */
import { bytes, minus, type Optional } from '../model/bytes.ts';
import type { Accounted } from '../model/observation.ts';
import type { NodeParts } from '../model/report.ts';
import { parentOf } from './limit.ts';

/**
 * Each byte once: usage is hierarchical, so only the topmost cgroups of a kind are added. Undefined where no cgroup has
 * a figure. Signed, since each is read at its own moment.
 * @param realUsed of the node, by `/proc/meminfo`
 */
export function partsOf(accounted: readonly Accounted[], realUsed: Optional): NodeParts | undefined {
  const known = accounted.filter(({ usage }) => usage.realBytes !== undefined);
  if (known.length === 0) return undefined;
  const inPods = topmost(known.filter(({ role }) => role.kind === 'pod' || role.kind === 'container'));
  const kube = topmost(known.filter(({ role }) => role.kind === 'kube'));
  const pods = realOf(inPods);
  const paths = new Set(kube.map(pathOf));
  const podsRest = realOf(kube) - realOf(inPods.filter((one) => isBelow(pathOf(one), paths)));
  const all = realOf(topmost(known));
  const rest = minus(realUsed, bytes(all));
  return {
    podsBytes: bytes(pods),
    ...(kube.length > 0 && { podsRestBytes: bytes(podsRest) }),
    systemBytes: bytes(all - pods - (kube.length > 0 ? podsRest : 0)),
    ...(rest !== undefined && { restBytes: rest }),
  };
}

const pathOf = ({ sample }: Accounted): string => sample.id.path;

const realOf = (observations: readonly Accounted[]): number =>
  observations.reduce((sum, { usage }) => sum + (usage.realBytes ?? 0), 0);

/** Those that have none of the others above them. */
function topmost(observations: readonly Accounted[]): readonly Accounted[] {
  const paths = new Set(observations.map(pathOf));
  return observations.filter((one) => !isBelow(pathOf(one), paths));
}

function isBelow(path: string, others: ReadonlySet<string>): boolean {
  for (let above = parentOf(path); above !== undefined; above = parentOf(above))
    if (others.has(above)) return true;
  return false;
}
