/** Connects the agent to the cluster of its node: one API client to read pods and to write reports. */

import { sleep, ticks } from '../edges/clock.ts';
import { type NameSource, namesFromCluster } from '../identify/names-source.ts';
import { openAccess } from '../kube/access.ts';
import { ApiError } from '../kube/api-error.ts';
import { ApiFailures } from '../kube/api-failures.ts';
import { type Kube, openKube } from '../kube/client.ts';
import { countNodes, largestCluster } from '../kube/node-count.ts';
import { checkPolicy, policiesNotChecked } from '../kube/policy-check.ts';
import { type Identity, whoAmI } from '../kube/self.ts';
import type { AgentMetrics } from '../metrics/agent.ts';
import { BackOff } from '../model/back-off.ts';
import { messageOf } from '../model/located-error.ts';
import type { Condition } from '../model/report.ts';
import { printable } from '../model/text.ts';

export interface Cluster {
  readonly kube: Kube;
  readonly names: NameSource;
  /** Counters of API failures and of pods not kept, since the start. */
  readonly metrics: Pick<AgentMetrics, 'apiFailures' | 'podsNotKept'>;
  /** Undefined until the API server has answered. */
  readonly identity: Identity | undefined;
  /** Number of nodes. Until the API server has answered, that of the largest supported cluster. */
  readonly nodes: number;
  /** Whether an admission policy restricts the agent to the pods of its own node. */
  readonly policy: Condition;
  readonly mayWritePods: boolean;
  /** Aborted by `close`. */
  readonly ended: AbortSignal;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  close(): void;
}

export interface ClusterOptions {
  /** Undefined: use the service account of the pod. */
  readonly kubeconfig: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly node: string;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** What the agent does with pods. It checks the policy only if it may write. */
  readonly pods: 'read' | 'write where a policy allows' | 'write';
  /** Receives a message at each change of state. */
  readonly say: (message: string) => void;
  /** Receives the time by the API server's clock, in milliseconds since 1970, with each answer. */
  readonly heard?: (at: number) => void;
}

const minuteMs = 60_000;
const firstWaitMs = 1_000;
const recheckMs = 10 * minuteMs;

const consequenceOf = ({ status }: Condition, pods: ClusterOptions['pods']): string =>
  status === 'True'
    ? ''
    : pods === 'write'
      ? ' The agent writes to pods all the same (allowUnguardedWrites).'
      : ' So the agent writes to no pod.';

/** @throws InputError if the kubeconfig or the service account is unusable; an API server that does not answer is no error */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, node, pods, say, random } = options;
  const direct = openKube(
    (await openAccess({ file: kubeconfig, env: options.env })).credentials,
    options.heard,
  );
  const failures = new ApiFailures();
  const kube: Kube = {
    ...direct,
    async call(call) {
      try {
        return await direct.call(call);
      } catch (error) {
        // A POST here is a review (who am I, may I), which only reads.
        failures.add(call.method === 'PATCH' || call.method === 'DELETE' ? 'write' : 'read', error);
        throw error;
      }
    },
  };
  const end = new AbortController();
  let identity: Identity | undefined;
  let nodes = largestCluster;
  let policy = policiesNotChecked;

  /** The longest back-off: all nodes together send about ten requests per second at most. */
  const longestWaitMs = (): number => Math.max(minuteMs, nodes * 120);

  /**
   * Repeats a question until the end, with jitter.
   * @param ask returns the time until the next one in milliseconds; undefined: repeat soon, with exponential back-off
   * @param failed receives the error of `ask`; the back-off applies then, too
   */
  const keepAsking = async (
    ask: () => Promise<number | undefined>,
    failed: (error: unknown) => void,
  ): Promise<void> => {
    const backOff = new BackOff({ firstMs: firstWaitMs, longestMs: longestWaitMs, random });
    while (!end.signal.aborted) {
      let wait: number | undefined;
      let retryAfterMs: number | undefined;
      try {
        wait = await ask();
      } catch (error) {
        retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
        failed(error);
      }
      if (wait !== undefined) backOff.reset();
      // A period of our own may be shorter or longer. A wait that the server asked for is never shorter.
      await sleep(wait === undefined ? backOff.next(retryAfterMs) : wait * (0.75 + random() / 2), end.signal);
    }
  };

  let lastSaid = '';
  const sayIfNew = (message: string): void => {
    if (message !== lastSaid) say(message);
    lastSaid = message;
  };

  void keepAsking(
    async () => {
      identity = await whoAmI(kube);
      if (pods === 'read') return recheckMs;
      // The check provokes a refusal on purpose. So bypass the failure counters.
      const found = await checkPolicy(direct, identity, node, random);
      policy = { ...found, message: `${found.message}${consequenceOf(found, pods)}` };
      sayIfNew(policy.message);
      return policy.status === 'True' ? recheckMs : undefined;
    },
    (error) => {
      const why = printable(messageOf(error));
      sayIfNew(`cannot find out the identity of this agent and whether a policy restricts it: ${why}`);
      // A known result stays in force until the API server gives another one.
      if (policy.status === 'Unknown')
        policy = { ...policiesNotChecked, message: `${policiesNotChecked.message} ${why}` };
    },
  );
  void keepAsking(
    async () => {
      nodes = await countNodes(kube);
      return 60 * minuteMs;
    },
    () => {},
  );
  const names = await namesFromCluster(direct, node, failures, say, random);
  return {
    kube,
    names,
    get metrics() {
      const { faults = [], moreFaults = 0 } = names.state(ticks()) ?? {};
      return { apiFailures: failures.all, podsNotKept: faults.length + moreFaults };
    },
    get identity() {
      return identity;
    },
    get nodes() {
      return nodes;
    },
    get policy() {
      return policy;
    },
    get mayWritePods() {
      return pods === 'write' || policy.status === 'True';
    },
    ended: end.signal,
    random,
    close() {
      end.abort();
      names.close();
      kube.close();
    },
  };
}
