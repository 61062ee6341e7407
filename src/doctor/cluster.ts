/** Checks a cluster with the rights of the user. */

import { readCluster } from '../cluster/read.ts';
import type { ClusterView } from '../cluster/view.ts';
import { ApiError } from '../kube/api-error.ts';
import { messageOf, NoRight } from '../model/located-error.ts';
import { usualNamespace } from '../model/product.ts';
import { checkAgents, readAgentSets } from './agent-sets.ts';
import type { ClusterWorld } from './api.ts';
import { checkApi } from './api.ts';
import { asking, notChecked } from './asking.ts';
import { type Check, fail } from './check.ts';
import { checkConditions } from './conditions.ts';
import { checkDefinition } from './definition.ts';
import { checkHistories } from './histories.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkPolicies } from './policies.ts';
import { checkReports } from './reports.ts';
import { checkRights } from './rights.ts';

/** Reads only. @throws errors that are not the cluster's */
export async function checkCluster(world: ClusterWorld): Promise<readonly Check[]> {
  const { checks, isReachable, at } = await checkApi(world);
  if (!isReachable) return checks;
  const lists = asking(world.kube);
  const agents = await readAgentSets(lists);
  const namespace = ('why' in agents ? undefined : agents.sets[0]?.namespace) ?? usualNamespace;
  const [rights, definition, view, policies, ofAgents] = await Promise.all([
    checkRights(world.kube, namespace),
    checkDefinition(lists, agents),
    viewOf(world, at),
    checkPolicies(lists),
    checkAgents(lists, agents),
  ]);
  const ofReports =
    'nodes' in view
      ? [
          ...checkReports(namespace, view, at),
          ...checkConditions(namespace, view),
          ...(await checkHistories(lists, namespace, view, at)),
        ]
      : [view];
  const isGone = !('why' in agents) && agents.sets.length === 0;
  const left = await checkLeftovers(
    lists,
    namespace,
    'nodes' in view ? view : isGone ? 'no agents' : undefined,
  );
  return [...checks, ...rights, definition, ...ofAgents, policies, ...ofReports, ...left];
}

async function viewOf(world: ClusterWorld, now: number): Promise<ClusterView | Check> {
  try {
    return await readCluster(world.kube, { now });
  } catch (error) {
    if (error instanceof NoRight)
      return notChecked('reports', 'list nodememoryreports.realmem.dev', { why: error.message, status: 403 });
    return fail('reports', messageOf(error instanceof ApiError ? world.printed(error) : error));
  }
}
