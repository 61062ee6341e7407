/** The cluster, for tests. `npm run test:cluster` brings it up around them. */
import path from 'node:path';
import { binary } from './binaries.ts';
import { command } from './command.ts';
import { ctr } from './containerd.ts';
import { startApiServer } from './control-plane.ts';
import { inGuest, isGuestRunning } from './guest/guest.ts';
import { archive, type Image } from './images.ts';
import { importArchive } from './import.ts';
import { dirs, guestNode, hostNode, kubeconfig } from './paths.ts';
import { type Forward, portForward } from './port-forward.ts';
import { isRunning, stop } from './processes.ts';
import { putStaticPod, removeStaticPod } from './static-pods.ts';
import { until } from './until.ts';
import { isUp, programs } from './up.ts';

export { agentImage } from './agent-image.ts';
export { busyboxImage } from './images.ts';
export { guestNode, hostNode } from './paths.ts';
export type { Forward } from './port-forward.ts';

export interface Bed {
  /** A file of the cluster's administrator. */
  readonly kubeconfig: string;
  /** What kubectl writes to its output. */
  kubectl(...args: string[]): Promise<string>;
  /** Creates or changes what the YAML describes. */
  apply(yaml: string, ...flags: string[]): Promise<void>;
  /** What helm 3 writes to its output. It knows no repositories. */
  helm(...args: string[]): Promise<string>;
  /** Helm 4 alike. */
  helm4(...args: string[]): Promise<string>;
  /** Either of them, killed when the signal comes: it can do nothing more. */
  helmUntil(signal: AbortSignal, program: 'helm' | 'helm-4', ...args: string[]): Promise<string>;
  /** Containers as containerd on this machine knows them. */
  ctr(...args: string[]): Promise<string>;
  /** Runs a shell script in the guest. */
  inGuest(script: string): Promise<string>;
  /** The nodes that there are: that of this machine, and that of the guest if it is up. */
  readonly nodes: readonly string[];
  /**
   * An image for pods of all nodes; pods use it by its name and never pull. The guest takes about half a second for each
   * MB, unless it started with the image.
   */
  importImage(image: Image): Promise<void>;
  /** A pod that the node's kubelet runs by itself; in the API it is `<name of the pod>-<node>`. */
  putStaticPod(node: string, name: string, yaml: string): Promise<void>;
  removeStaticPod(node: string, name: string): Promise<void>;
  /** From a port of 127.0.0.1 to one that a pod listens at, also on its loopback address. */
  portForward(namespace: string, pod: string, port: number): Promise<Forward>;
  /** Asks until there is an answer; an error of the check counts as none. */
  waitFor: typeof until;
  /** At once: asked politely, it first waits for its watches to end, up to a minute. */
  stopApiServer(): Promise<void>;
  /** Waits until it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
}

/** What helm keeps is the cluster's, not the user's. */
const helmHomes = Object.fromEntries(
  ['cache', 'config', 'data'].map((what) => [
    `HELM_${what.toUpperCase()}_HOME`,
    path.join(dirs.run, 'helm', what),
  ]),
);

/** A roll-out may take three minutes, and a namespace waits for the kubelets of its pods; what takes longer never ends. */
const timeoutMs = 240_000;

export async function openBed(): Promise<Bed> {
  if (!programs.every(isRunning)) throw new Error('no cluster runs: npm run cluster up');
  // After a test that took the API server away, a node takes its time to be ready again.
  await until('the cluster ready', isUp);
  const env = { KUBECONFIG: kubeconfig('admin') };
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    command(binary('kubectl'), args, { env, timeoutMs, ...(input === undefined ? {} : { input }) });
  const helm = (program: string, args: readonly string[], signal?: AbortSignal): Promise<string> =>
    command(binary(program), args, { env: { ...env, ...helmHomes }, signal, timeoutMs });
  const stopApiServer = (): Promise<void> => stop('kube-apiserver', 0);
  return {
    kubeconfig: env.KUBECONFIG,
    nodes: isGuestRunning() ? [hostNode, guestNode] : [hostNode],
    kubectl: (...args) => kubectl(args),
    async apply(yaml, ...flags) {
      await kubectl(['apply', '--server-side', '-f', '-', ...flags], yaml);
    },
    helm: (...args) => helm('helm', args),
    helm4: (...args) => helm('helm-4', args),
    helmUntil: (signal, program, ...args) => helm(program, args, signal),
    ctr,
    inGuest,
    async importImage(image) {
      await importArchive(image.name, await archive(image));
    },
    putStaticPod,
    removeStaticPod,
    portForward: (namespace, pod, port) => portForward(env.KUBECONFIG, namespace, pod, port),
    waitFor: until,
    stopApiServer,
    startApiServer,
    async restartApiServer() {
      await stopApiServer();
      await startApiServer();
    },
  };
}
