/** The cluster that this node belongs to: one client for the names that come from it and the reports that go there. */

import { sleep, ticks } from '../edges/clock.ts';
import { type NameSource, namesFromCluster } from '../identify/names-source.ts';
import { openAccess } from '../kube/access.ts';
import { ApiFailures } from '../kube/api-failures.ts';
import { type Kube, openKube } from '../kube/client.ts';
import { countNodes, largestFleet } from '../kube/node-count.ts';
import { checkPolicy, notChecked } from '../kube/policy-check.ts';
import { type Identity, whoAmI } from '../kube/self.ts';
import { BackOff } from '../model/back-off.ts';
import { messageOf } from '../model/located-error.ts';
import type { Condition } from '../model/report.ts';
import { printable } from '../model/text.ts';
import type { AgentMetrics } from '../render/metrics.ts';

export interface Cluster {
  readonly kube: Kube;
  readonly names: NameSource;
  /** What is counted of the API since the start. */
  readonly metrics: Pick<AgentMetrics, 'apiFailures' | 'podsNotKept'>;
  /** Undefined: not known yet. */
  readonly identity: Identity | undefined;
  readonly nodes: number;
  /** Whether a policy holds the agent to its node. */
  readonly policy: Condition;
  readonly mayWritePods: boolean;
  /** Given at the end. */
  readonly ended: AbortSignal;
  close(): void;
}

export interface ClusterOptions {
  /** Undefined: the pod's own. */
  readonly kubeconfig: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly node: string;
  /** What the agent does with pods: the policy matters only to who writes to them. */
  readonly pods: 'read' | 'write where a policy allows' | 'write';
  /** Told of what changed for better or worse. */
  readonly say: (message: string) => void;
  /** Told what time it is by the API server's clock, in milliseconds since 1970. */
  readonly heard?: (at: number) => void;
}

const minuteMs = 60_000;
const firstWaitMs = 1_000;
const asLong = 10 * minuteMs;

const consequenceOf = ({ status }: Condition, pods: ClusterOptions['pods']): string =>
  status === 'True'
    ? ''
    : pods === 'write'
      ? ' Pods are written to all the same (allowUnguardedWrites).'
      : ' So no pod is written to.';

/** @throws InputFault */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, node, pods, say } = options;
  const direct = openKube(await openAccess(kubeconfig, options.env), options.heard);
  const failures = new ApiFailures();
  const kube: Kube = {
    ...direct,
    async call(call) {
      try {
        return await direct.call(call);
      } catch (error) {
        // What is posted asks who it is.
        failures.add(call.method === 'PATCH' || call.method === 'DELETE' ? 'write' : 'read', error);
        throw error;
      }
    },
  };
  const end = new AbortController();
  let identity: Identity | undefined;
  let nodes = largestFleet;
  let policy = notChecked;

  /** All nodes together ask no more often than some ten times a second. */
  const patienceMs = (): number => Math.max(minuteMs, nodes * 120);

  /** Asks again after so long as the answer says; where it gives no time, or there is none, sooner, and ever less so. */
  const keepAsking = async (
    ask: () => Promise<number | undefined>,
    failed: (error: unknown) => void,
  ): Promise<void> => {
    const backOff = new BackOff({ firstMs: firstWaitMs, longestMs: patienceMs, random: Math.random });
    while (!end.signal.aborted) {
      let wait: number | undefined;
      try {
        wait = await ask();
      } catch (error) {
        failed(error);
      }
      if (wait !== undefined) backOff.reset();
      await sleep(wait === undefined ? backOff.next() : wait * (0.75 + Math.random() / 2), end.signal);
    }
  };

  let trouble = '';
  /** Says what is new. */
  const sayOnce = (message: string): void => {
    if (message !== trouble) say(message);
    trouble = message;
  };

  void keepAsking(
    async () => {
      identity = await whoAmI(kube);
      if (pods === 'read') return asLong;
      // That it is refused is no failure.
      const found = await checkPolicy(direct, identity, node);
      policy = { ...found, message: `${found.message}${consequenceOf(found, pods)}` };
      sayOnce(policy.message);
      return policy.status === 'True' ? asLong : undefined;
    },
    (error) => {
      const why = printable(messageOf(error));
      sayOnce(`who this agent is, and whether a policy holds it, is not known: ${why}`);
      // What was found out stays true until the API says otherwise.
      if (policy.status === 'Unknown') policy = { ...notChecked, message: `${notChecked.message} ${why}` };
    },
  );
  void keepAsking(
    async () => {
      nodes = await countNodes(kube);
      return 60 * minuteMs;
    },
    () => {},
  );
  const names = await namesFromCluster(direct, node, failures, say);
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
    close() {
      end.abort();
      names.close();
      kube.close();
    },
  };
}
