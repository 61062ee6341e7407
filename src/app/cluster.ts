/** The cluster that this node belongs to: one client for the names that come from it and the reports that go there. */
import { openAccess } from '../edges/access.ts';
import { sleep } from '../edges/clock.ts';
import { type Kube, openKube } from '../edges/kube.ts';
import { messageOf } from '../model/fault.ts';
import type { Condition } from '../model/report.ts';
import { printable } from '../model/text.ts';
import { countNodes, largestFleet } from './fleet.ts';
import { checkPolicy, notChecked } from './guard.ts';
import { type Identity, whoAmI } from './identity.ts';
import { type NameSource, namesFromCluster } from './names.ts';

export interface Cluster {
  readonly kube: Kube;
  readonly names: NameSource;
  /** Undefined: not known yet. */
  readonly identity: Identity | undefined;
  readonly nodes: number;
  /** Whether a policy holds the agent to its node. */
  readonly policy: Condition;
  /** Given at the end. */
  readonly ended: AbortSignal;
  close(): void;
}

export interface ClusterOptions {
  /** Undefined: the pod's own. */
  readonly kubeconfig: string | undefined;
  readonly node: string;
  /** Whether the policy is to be asked about. */
  readonly writesPods: boolean;
}

const minuteMs = 60_000;
const firstWaitMs = 1_000;

/** @throws InputFault */
export async function openCluster({ kubeconfig, node, writesPods }: ClusterOptions): Promise<Cluster> {
  const kube = openKube(await openAccess(kubeconfig));
  const end = new AbortController();
  let identity: Identity | undefined;
  let nodes = largestFleet;
  let policy = notChecked;

  /** Asks again after so long as the answer says; where it gives no time, or there is none, sooner, and ever less so. */
  const keepAsking = async (
    ask: () => Promise<number | undefined>,
    failed: (error: unknown) => void,
  ): Promise<void> => {
    let tries = 0;
    while (!end.signal.aborted) {
      let wait: number | undefined;
      try {
        wait = await ask();
      } catch (error) {
        failed(error);
      }
      if (wait === undefined) wait = Math.min(minuteMs, firstWaitMs * 2 ** tries++);
      else tries = 0;
      await sleep(wait * (0.75 + Math.random() / 2), end.signal);
    }
  };

  void keepAsking(
    async () => {
      identity = await whoAmI(kube);
      if (writesPods) policy = await checkPolicy(kube, identity, node);
      // A policy that was just installed takes a second to be enforced.
      return !writesPods || policy.status === 'True' ? 10 * minuteMs : undefined;
    },
    (error) => {
      // What was found out stays true until the API says otherwise.
      if (policy.status === 'Unknown')
        policy = { ...notChecked, message: `${notChecked.message} ${printable(messageOf(error))}` };
    },
  );
  void keepAsking(
    async () => {
      nodes = await countNodes(kube);
      return 60 * minuteMs;
    },
    () => {},
  );
  const names = await namesFromCluster(kube, node);
  return {
    kube,
    names,
    get identity() {
      return identity;
    },
    get nodes() {
      return nodes;
    },
    get policy() {
      return policy;
    },
    ended: end.signal,
    close() {
      end.abort();
      names.close();
      kube.close();
    },
  };
}
