/** The rights that a probe in a cluster needs, beyond those of `explain`. */
import { isAllowed, type Right, resourceOf } from '../kube/access-review.ts';
import type { Kube } from '../kube/client.ts';
import { NoRight } from '../model/located-error.ts';

/** In the namespace of the agents. */
const needed: readonly Right[] = [
  { verb: 'create', group: 'batch', resource: 'jobs' },
  { verb: 'get', group: 'batch', resource: 'jobs' },
  { verb: 'delete', group: 'batch', resource: 'jobs' },
  { verb: 'get', group: '', resource: 'pods' },
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'pods', subresource: 'log' },
];

/** @throws ApiError; NoRight if the user lacks one */
export async function checkProbeRights(kube: Pick<Kube, 'call'>, namespace: string): Promise<void> {
  const allowed = await Promise.all(needed.map((right) => isAllowed(kube, { ...right, namespace })));
  const missing = needed.filter((_, index) => allowed[index] === false).map(wordsOf);
  if (missing.length === 0) return;
  throw new NoRight({
    where: `namespace ${namespace}`,
    expected: 'the right to run a Job that probes',
    got: { message: `no right to ${missing.join(', ')}` },
    todo: `ask for a Role in ${namespace} with ${ruleOf()} (docs/probe.md)`,
  });
}

const wordsOf = (right: Right): string => `${right.verb} ${resourceOf(right)}`;

/** `create, get, delete on jobs.batch; list on pods; …` */
function ruleOf(): string {
  const byResource = Map.groupBy(needed, resourceOf);
  return [...byResource]
    .map(([resource, rights]) => `${rights.map(({ verb }) => verb).join(', ')} on ${resource}`)
    .join('; ');
}
