/** An API server with agents: real listeners, each over a recorded host, behind port-forwards. */
import type { TestContext } from 'node:test';
import { Health } from '../../../src/agent/health.ts';
import { inspections } from '../../../src/agent/inspections.ts';
import { tickOnce } from '../../../src/agent/replay.ts';
import { reportSite } from '../../../src/agent/serve.ts';
import { openNode } from '../../../src/agent/source.ts';
import { listen } from '../../../src/http/listener.ts';
import { type Destination, forwardPorts } from '../../kube/forwarder.ts';
import { type Answer, fakeCluster } from './api.ts';

/** An agent over a recorded host. @returns the port of its listener */
export async function agentOn(test: TestContext, host: string, name: string): Promise<number> {
  const root = new URL(`../../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
  const node = openNode({ root, node: name }, []);
  const health = new Health(5_000, 0);
  health.ticked(await tickOnce(node, 0), 0, 1);
  const inspect = inspections(
    async (inspection) =>
      (await import('../../../src/agent/inspection.ts')).inspect(node, root, inspection, 0),
    () => 0,
  );
  const listener = await listen({ host: '127.0.0.1', port: 0 }, reportSite(health, inspect));
  test.after(async () => {
    await listener.close();
    node.host.close();
  });
  return Number(listener.address.split(':')[1]);
}

/** The pod of an agent as the API sends it. */
export const agentPodOn = (node: string, { namespace = 'realmem', ...more }: PodOptions = {}): object => ({
  metadata: {
    ...{
      namespace,
      name: `realmem-${node}`,
      creationTimestamp: more.creationTimestamp ?? '2026-01-01T00:00:00Z',
    },
    ...(more.deletionTimestamp !== undefined && { deletionTimestamp: more.deletionTimestamp }),
    ownerReferences: [{ kind: more.owner ?? 'DaemonSet', controller: true }],
  },
  spec: {
    nodeName: node,
    containers: [{ name: 'agent', ...(more.ports !== undefined && { ports: more.ports }) }],
  },
  status: { phase: more.phase ?? 'Running' },
});

interface PodOptions {
  readonly namespace?: string;
  readonly owner?: string;
  readonly phase?: string;
  readonly ports?: readonly object[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/**
 * @param agents where the port of each node's agent leads
 * @param answers more answers of the API, by path
 */
export async function clusterWithAgents(
  test: TestContext,
  agents: Readonly<Record<string, Destination>>,
  answers: Readonly<Record<string, Answer | ((url: URL) => Answer)>> = {},
) {
  const pods = (url: URL): Answer => {
    const [, node = ''] = /^spec\.nodeName=(.*)$/.exec(url.searchParams.get('fieldSelector') ?? '') ?? [];
    return JSON.stringify({ items: Object.hasOwn(agents, node) ? [agentPodOn(node)] : [] });
  };
  const cluster = await fakeCluster(test, { '/api/v1/pods': pods, ...answers });
  const asked = forwardPorts(cluster.server, ({ pod }) => agents[pod.replace('realmem-', '')] ?? 'refused');
  return { ...cluster, forwarded: asked };
}
