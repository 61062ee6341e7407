/** Groups the conditions of all nodes that are not True. */

import type { ClusterView } from '../cluster/view.ts';
import { countedText } from '../report/conditions.ts';
import { type Check, fail, logsOn, named, ok, warn } from './check.ts';

/** What to do, by type and reason; then by type. Otherwise the log of the agent says more. */
const todos: Readonly<Record<string, string>> = {
  'Complete/TooMany': 'find out who creates thousands of cgroups there: find /sys/fs/cgroup -type d | wc -l',
  'Complete/NoCgroups': "boot without cgroup_disable=memory, or mount the host's /sys/fs/cgroup",
  Complete: 'realmem doctor on the node',
  'NamesFresh/Faulty': 'use fewer containers in that pod, or shorter names: an agent keeps 64 KiB of a pod',
  'NamesFresh/OutOfStep': "check the network between the node and the API server, and the agent's log",
  'PolicyEnforced/NoNodeClaim':
    'upgrade Kubernetes to 1.30 or newer: tokens of earlier versions name no node',
  PolicyEnforced: 'helm upgrade with policy.enabled=true',
  ClockTrusted: 'set the clock of the node: timedatectl',
  'HistoryKept/InUse': 'stop the other agent, or pass --history-dir',
  'HistoryKept/SetAside':
    'start an agent of the version that wrote the history, or accept that learning begins anew',
};

/** @param namespace of the agents */
export function checkConditions(namespace: string, { nodes }: ClusterView): readonly Check[] {
  const name = 'conditions';
  const wrong = nodes.flatMap((node) =>
    node.conditions
      .filter(({ status }) => status !== 'True')
      .map((condition) => ({ node: node.name, condition, key: `${condition.type}/${condition.reason}` })),
  );
  if (wrong.length === 0) return [ok(name, `all true on ${countedText(nodes.length, 'node')}`)];
  return [...Map.groupBy(wrong, ({ key }) => key)].map(([key, all]) => {
    const [first] = all;
    const type = first?.condition.type ?? '';
    const where = `${countedText(all.length, 'node')} (${named(all.map(({ node }) => node))})`;
    const message = `${type} is ${first?.condition.status}/${first?.condition.reason} on ${where}: ${first?.condition.message}`;
    const todo = todoOf(key) ?? todoOf(type) ?? logsOn(namespace, first?.node);
    // Without the policy agents annotate nothing. The others make reports less exact.
    return type === 'PolicyEnforced' && first?.condition.status === 'False'
      ? fail(name, message, todo)
      : warn(name, message, todo);
  });
}

const todoOf = (key: string): string | undefined => (Object.hasOwn(todos, key) ? todos[key] : undefined);
