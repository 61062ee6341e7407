/** What the agent on the container's node tells about a probe there: its image, and where the container's cgroup is. */
import { type AgentPod, type AgentsKube, type AskOptions, askAgent } from '../cluster/agents.ts';
import { receivedExplanation } from '../cluster/inspect.ts';
import { readPod } from '../kube/read-pod.ts';
import { fieldsOf, listOf, textOf } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import type { ProbeTarget } from './target.ts';

export interface ProbeSite {
  /** Of the agents. */
  readonly namespace: string;
  readonly image: string;
  readonly pullPolicy?: string;
  readonly pullSecrets: readonly string[];
  /** Directory of the container's cgroup on its node. */
  readonly directory: string;
}

/** @param agent on the node of the target @throws ApiError; LocatedError if the agent does not know probes */
export async function readSite(
  kube: AgentsKube,
  agent: AgentPod,
  target: ProbeTarget,
  ask: AskOptions,
): Promise<ProbeSite> {
  const directory = await directoryOf(kube, agent, target, ask);
  const { spec } = await readPod(kube, agent.namespace, agent.name);
  const { containers, imagePullSecrets, volumes } = fieldsOf(spec);
  // Anyone can label a pod like an agent's. In a namespace that allows this volume, the probe's pod adds no power.
  if (!listOf(volumes).some((volume) => textOf(fieldsOf(volume['hostPath'])['path']) === '/sys/fs/cgroup'))
    throw unknown(
      agent,
      'an agent, which has the volume /sys/fs/cgroup of its node',
      undefined,
      'a pod without it',
    );
  const own = listOf(containers).find((container) => container['name'] === 'agent') ?? {};
  const image = textOf(own['image']);
  if (image === undefined) throw unknown(agent, 'a container "agent" with an image');
  const pullPolicy = textOf(own['imagePullPolicy']);
  return {
    ...{ namespace: agent.namespace, image, directory },
    ...(pullPolicy !== undefined && { pullPolicy }),
    pullSecrets: listOf(imagePullSecrets).flatMap((secret) => textOf(secret['name']) ?? []),
  };
}

async function directoryOf(
  kube: AgentsKube,
  agent: AgentPod,
  { namespace, pod, container, id }: ProbeTarget,
  ask: AskOptions,
): Promise<string> {
  const parts = [namespace, pod, container].map(encodeURIComponent);
  const answer = await askAgent(kube, agent, `/explain/${parts.join('/')}.json`, ask);
  const directory = receivedExplanation(answer)?.directory;
  if (directory === undefined)
    throw unknown(agent, 'an agent that knows probes', 'upgrade realmem in the cluster: docs/install.md');
  if (!isCgroupOf(directory, id))
    throw unknown(agent, `a directory below /sys/fs/cgroup whose name contains ${id}`, undefined, directory);
  return directory;
}

/** The probe's pod mounts it writable, so nothing else may be there. A colon cannot be in the path of a mount. */
const isCgroupOf = (directory: string, id: string): boolean =>
  /^\/sys\/fs\/cgroup(?:\/[\w.@-]+)+$/.test(directory) &&
  !/\/\.\.?(?:\/|$)/.test(directory) &&
  directory.slice(directory.lastIndexOf('/')).includes(id);

const unknown = (
  { namespace, name }: AgentPod,
  expected: string,
  todo?: string,
  got = 'another',
): LocatedError =>
  new LocatedError({
    where: `pod ${namespace}/${name}`,
    ...{ expected, got },
    ...(todo !== undefined && { todo }),
  });
