/** Reads from the API on which nodes an agent should run, and the memory that pods can request there. */
import { ApiError } from '../kube/api-error.ts';
import type { Bytes } from '../model/bytes.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { Faults } from '../model/located-error.ts';
import { chartLabel } from '../model/product.ts';
import { compareText, printable } from '../model/text.ts';
import { listAll, type Source } from './listing.ts';
import { isLinuxMachine, type NodeFacts, nodeFactsOf, placementOf } from './placement.ts';
import { Pool } from './pool.ts';

/** The DaemonSet of an installation. A cluster can have several, for nodes of different kinds. */
export interface AgentSet {
  readonly namespace: string;
  readonly name: string;
  /** On how many nodes its controller wants a pod. Absent: not known yet. */
  readonly desired?: number;
  readonly runsOn: (node: NodeFacts) => boolean;
}

/** The API refused it, or did not answer. */
interface Unknown {
  readonly why: string;
}

export interface ClusterNodes {
  readonly agents: readonly AgentSet[] | Unknown;
  readonly nodes: ReadonlyMap<string, ClusterNode> | Unknown;
  readonly notes: readonly string[];
}

export interface ClusterNode {
  readonly allocatable?: Bytes;
  /** Whether it is a Linux machine on which a DaemonSet of realmem runs a pod; without a known DaemonSet, a Linux machine. */
  readonly isExpected: boolean;
}

const agentsPath = `/apis/apps/v1/daemonsets?labelSelector=${encodeURIComponent(chartLabel)}`;
/** More than any cluster has. */
const mostNodes = 20_000;

/** Never rejects with an ApiError: tables without these figures are better than none. */
export async function readNodes(source: Source): Promise<ClusterNodes> {
  const faults = new Faults();
  const agents = await orWhy(readAgents(source, faults));
  const nodes = await orWhy(listNodes(source, 'why' in agents ? [] : agents, faults));
  return { agents, nodes, notes: faults.notes };
}

async function orWhy<Value extends object>(work: Promise<Value>): Promise<Value | Unknown> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { why: error.message };
  }
}

async function readAgents(source: Source, faults: Faults): Promise<readonly AgentSet[]> {
  const agents: AgentSet[] = [];
  await listAll(source, agentsPath, {
    begin: () => agents.splice(0),
    each: (item) => {
      const { metadata, spec, status } = fieldsOf(item);
      const { namespace, name } = fieldsOf(metadata);
      const { desiredNumberScheduled: desired } = fieldsOf(status);
      agents.push({
        namespace: textOf(namespace) ?? '',
        name: textOf(name) ?? '',
        ...(typeof desired === 'number' && Number.isSafeInteger(desired) && { desired }),
        runsOn: placementOf(fieldsOf(fieldsOf(fieldsOf(spec)['template'])['spec'])),
      });
    },
    unread: { large: ({ why }) => faults.addMessage(() => `A DaemonSet of realmem is too large: ${why}`) },
  });
  return agents;
}

async function listNodes(
  source: Source,
  agents: readonly AgentSet[],
  faults: Faults,
): Promise<ReadonlyMap<string, ClusterNode>> {
  const pool = new Pool();
  const nodes = new Map<string, ClusterNode>();
  // Whole nodes: no shorter form of the API has taints and allocatable memory. They stream, and few fields are kept.
  await listAll(source, '/api/v1/nodes', {
    begin: () => nodes.clear(),
    each: (item) => {
      const facts = nodeFactsOf(item);
      if (facts === undefined || nodes.size >= mostNodes) return;
      const text = fieldsOf(fieldsOf(fieldsOf(item)['status'])['allocatable'])['memory'];
      const allocatable = pool.size(text);
      if (allocatable === undefined && text !== undefined)
        faults.add({
          where: `node ${facts.name}: status.allocatable.memory`,
          expected: 'a quantity such as 64Gi',
          got: String(text),
        });
      nodes.set(facts.name, {
        ...(allocatable !== undefined && { allocatable }),
        isExpected:
          isLinuxMachine(facts) && (agents.length === 0 || agents.some(({ runsOn }) => runsOn(facts))),
      });
    },
    unread: {
      large: ({ metadata, why }) =>
        faults.addMessage(() => `node ${printable(metadata.name ?? '?')} is too large: ${why}`),
    },
  });
  return nodes;
}

export interface Missing {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

/** The nodes without a report on which an agent should run, by name. */
export function missingOf({ agents, nodes }: ClusterNodes, reported: ReadonlySet<string>): Missing {
  if ('why' in nodes) {
    const lacks = `No allocatable memory, and no names of nodes without an agent: ${nodes.why}`;
    const desired = 'why' in agents ? undefined : desiredOf(agents);
    const isShort = desired !== undefined && desired > reported.size;
    const short = `${reported.size} of the ${desired} nodes on which an agent should run have a report`;
    return { names: [], notes: [...(isShort ? [short] : []), lacks] };
  }
  const without = [...nodes].flatMap(([name, { isExpected }]) =>
    isExpected && !reported.has(name) ? [name] : [],
  );
  if (!('why' in agents) && agents.length > 0) return { names: without.toSorted(compareText), notes: [] };
  // The chart lets administrators choose the nodes. A guess would call nodes missing on which no agent should run.
  const why = 'why' in agents ? agents.why : `found no DaemonSet with the label ${chartLabel}`;
  const count = `${without.length} Linux ${without.length === 1 ? 'node has' : 'nodes have'} no report`;
  const doubt = `${count}; whether an agent should run there is unknown: ${why}`;
  return { names: [], notes: without.length === 0 ? [] : [doubt] };
}

/** Undefined: not known of one of them. */
function desiredOf(agents: readonly AgentSet[]): number | undefined {
  let sum: number | undefined;
  for (const { desired } of agents) {
    if (desired === undefined) return undefined;
    sum = (sum ?? 0) + desired;
  }
  return sum;
}

/** The namespace of an agent, for the next command to type. */
export const agentNamespace = ({ agents }: ClusterNodes): string =>
  ('why' in agents ? undefined : agents[0]?.namespace) || 'realmem';
