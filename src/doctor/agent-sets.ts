/** Checks the DaemonSets that run the agents. */

import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';
import { chartLabel, version } from '../model/product.ts';
import { isRefused, type Lists, notChecked, type Refused } from './asking.ts';
import { type Check, fail, ok, warn } from './check.ts';

export interface AgentSetState {
  readonly namespace: string;
  readonly name: string;
  /** From its label. */
  readonly version?: string;
  /** The helm release that it belongs to: `namespace/name`. Absent: applied without helm. */
  readonly release?: string;
  readonly desired: number;
  readonly ready: number;
}

/** Selects the chart's objects. */
export const ownLabel = `labelSelector=${encodeURIComponent(chartLabel)}`;

export interface AgentSets {
  readonly sets: readonly AgentSetState[];
}

export async function readAgentSets(lists: Lists): Promise<AgentSets | Refused> {
  const found = await lists.all(`/apis/apps/v1/daemonsets?${ownLabel}`);
  return isRefused(found) ? found : { sets: found.map(stateOf) };
}

/** The release in the annotations that helm sets. Absent: none. */
export function releaseOf(metadata: Fields): string | undefined {
  const annotations = fieldsOf(metadata['annotations']);
  const name = textOf(annotations['meta.helm.sh/release-name']);
  return name && `${textOf(annotations['meta.helm.sh/release-namespace']) ?? ''}/${name}`;
}

function stateOf(item: Fields): AgentSetState {
  const metadata = fieldsOf(item['metadata']);
  const status = fieldsOf(item['status']);
  const agent = textOf(fieldsOf(metadata['labels'])['app.kubernetes.io/version']);
  const release = releaseOf(metadata);
  return {
    namespace: textOf(metadata['namespace']) ?? '',
    name: textOf(metadata['name']) ?? '',
    ...(agent !== undefined && { version: agent }),
    ...(release !== undefined && { release }),
    desired: countIn(status, 'desiredNumberScheduled'),
    ready: countIn(status, 'numberReady'),
  };
}

const countIn = (status: Fields, key: string): number => {
  const count = status[key];
  return typeof count === 'number' && Number.isSafeInteger(count) ? count : 0;
};

export async function checkAgents(lists: Lists, agents: AgentSets | Refused): Promise<readonly Check[]> {
  const name = 'agents';
  if ('why' in agents) return [notChecked(name, 'list daemonsets.apps', agents)];
  if (agents.sets.length === 0)
    return [
      fail(
        name,
        'no DaemonSet with the label app.kubernetes.io/name=realmem: no agent runs in this cluster',
        'helm install realmem charts/realmem --namespace realmem --create-namespace',
      ),
    ];
  return Promise.all(agents.sets.map((set) => checkSet(lists, set)));
}

async function checkSet(lists: Lists, set: AgentSetState): Promise<Check> {
  const name = 'agents';
  const { namespace, desired, ready } = set;
  const found = `DaemonSet ${namespace}/${set.name}${set.version === undefined ? '' : ` ${set.version}`}: ${ready} of ${desired} ready`;
  if (desired === 0)
    return warn(
      name,
      `${found}. It selects no node.`,
      'check nodeSelector, affinity and tolerations of the chart',
    );
  if (ready < desired) {
    const refusal = await lastRefusal(lists, set);
    if (refusal !== undefined)
      return fail(
        name,
        `${found}. Its pods cannot be created: ${refusal}`,
        // The event of a refused pod has no code.
        refusal.includes('violates PodSecurity')
          ? `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged`
          : `kubectl -n ${namespace} describe daemonset ${set.name}`,
      );
    const todo = `kubectl -n ${namespace} get pods -o wide, then kubectl -n ${namespace} logs POD`;
    return ready === 0 ? fail(name, found, todo) : warn(name, found, todo);
  }
  if (set.version !== undefined && set.version !== version)
    return warn(
      name,
      `${found}. This command has version ${version}.`,
      'upgrade the older of the two: helm upgrade, or this command',
    );
  return ok(name, found);
}

/** Why the DaemonSet's controller could not create a pod: its newest event. Undefined: it could, or nobody may know. */
async function lastRefusal(lists: Lists, { namespace, name }: AgentSetState): Promise<string | undefined> {
  const selector = encodeURIComponent(
    `reason=FailedCreate,involvedObject.kind=DaemonSet,involvedObject.name=${name}`,
  );
  const events = await lists.all(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/events?fieldSelector=${selector}`,
  );
  return isRefused(events) ? undefined : textOf(listOf(events).at(-1)?.['message']);
}
