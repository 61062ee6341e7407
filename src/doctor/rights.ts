/** Checks the rights of the user that the commands need. */

import { isAllowed, type Right, resourceOf } from '../kube/access-review.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { type Check, ok, warn } from './check.ts';

interface Needed extends Right {
  /** What the user lacks without it. */
  readonly lacks: string;
}

/** @param namespace of the agents */
const rightsIn = (namespace: string): readonly Needed[] => [
  {
    ...{ verb: 'list', group: 'realmem.dev', resource: 'nodememoryreports' },
    lacks: 'commands read only the annotations of one namespace',
  },
  { verb: 'list', group: '', resource: 'pods', lacks: 'no filter by labels, no suggestions in place' },
  { verb: 'list', group: '', resource: 'nodes', lacks: 'no allocatable memory, no missing nodes' },
  // A port-forward by WebSocket is a GET. From Kubernetes 1.35 on, the API server asks for `create` too (KEP-4006, gate
  // AuthorizePodWebsocketUpgradeCreatePermission).
  {
    ...{ verb: 'get', group: '', resource: 'pods', subresource: 'portforward', namespace },
    lacks: 'no figures from the agents themselves: explain, ps, --fresh',
  },
  {
    ...{ verb: 'create', group: '', resource: 'pods', subresource: 'portforward', namespace },
    lacks: 'no figures from the agents themselves on Kubernetes 1.35 and newer: explain, ps, --fresh',
  },
];

export async function checkRights(kube: Pick<Kube, 'call'>, namespace: string): Promise<readonly Check[]> {
  const name = 'rights';
  const rights = rightsIn(namespace);
  try {
    const allowed = await Promise.all(rights.map((right) => isAllowed(kube, right)));
    const missing = rights.filter((_, index) => allowed[index] === false);
    if (missing.length === 0) return [ok(name, rights.map(textOf).join(', '))];
    return missing.map((right) =>
      warn(name, `you may not ${textOf(right)}: ${right.lacks}`, `ask for the right: ${askFor(right)}`),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [warn(name, `not checked: ${error.message}`)];
  }
}

const textOf = (right: Right): string =>
  `${right.verb} ${resourceOf(right)}${right.namespace === undefined ? '' : ` in ${right.namespace}`}`;

const askFor = (right: Right): string =>
  `kubectl auth can-i ${right.verb} ${resourceOf(right)}${right.namespace === undefined ? ' -A' : ` -n ${right.namespace}`} must say yes`;
