/** The test cluster, as the tests use it. `npm run test:cluster` starts it before the tests and stops it afterwards. */
import path from 'node:path';
import { inGuest, isGuestRunning } from '../guest/guest.ts';
import { archive, type Image } from '../images/archive.ts';
import { importArchive } from '../images/import.ts';
import { command } from '../machine/command.ts';
import { dirs, guestNode, hostNode, kubeconfig } from '../machine/paths.ts';
import { isRunning, stop } from '../machine/processes.ts';
import { until } from '../machine/until.ts';
import { binary } from './binaries.ts';
import { ctr } from './containerd.ts';
import { startApiServer } from './control-plane.ts';
import { type Forward, portForward } from './port-forward.ts';
import { putStaticPod, removeStaticPod } from './static-pods.ts';
import { isUp, programs } from './up.ts';

export { agentImage } from '../images/agent-image.ts';
export { busyboxImage } from '../images/archive.ts';
export { guestNode, hostNode } from '../machine/paths.ts';
export type { Forward } from './port-forward.ts';

export interface Bed {
  /** The kubeconfig file of the cluster's administrator. */
  readonly kubeconfig: string;
  /** Runs kubectl and returns its standard output. */
  kubectl(...args: string[]): Promise<string>;
  /** Runs kubectl with plugins from a directory, before those of PATH. */
  kubectlWithPlugins(directory: string, ...args: string[]): Promise<string>;
  /** Applies a YAML manifest with `kubectl apply`. */
  apply(yaml: string, ...flags: string[]): Promise<void>;
  /** Runs helm 3 and returns its standard output. No repositories are configured. */
  helm(...args: string[]): Promise<string>;
  /** Runs helm 4 in the same way. */
  helm4(...args: string[]): Promise<string>;
  /** Runs helm 3 or helm 4, and kills it with SIGKILL when the signal aborts. */
  helmUntil(signal: AbortSignal, program: 'helm' | 'helm-4', ...args: string[]): Promise<string>;
  /** Runs ctr against containerd on this machine. */
  ctr(...args: string[]): Promise<string>;
  /** Runs a shell script in the guest. */
  inGuest(script: string): Promise<string>;
  /** The nodes that exist: this machine's, and the guest's if the guest runs. */
  readonly nodes: readonly string[];
  /**
   * Imports an image on all nodes. Pods use it by name and never pull. The guest needs about half a second per MB,
   * unless its disk has the image already.
   */
  importImage(image: Image): Promise<void>;
  /** Creates a static pod on a node. The API server shows it as `<name of the pod>-<node>`. */
  putStaticPod(node: string, name: string, yaml: string): Promise<void>;
  removeStaticPod(node: string, name: string): Promise<void>;
  /** Forwards a port of 127.0.0.1 to a port of the pod. The pod may listen on its loopback address only. */
  portForward(namespace: string, pod: string, port: number): Promise<Forward>;
  /** Repeats a check until it returns a value. An error of the check counts as no value. */
  waitFor: typeof until;
  /** Kills the API server. After a SIGTERM it would first wait up to a minute for its watches to end. */
  stopApiServer(): Promise<void>;
  /** Starts the API server and waits until it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
}

/** Helm keeps its files in the cluster's directory, so it leaves the user's own alone. */
const helmHomes = Object.fromEntries(
  ['cache', 'config', 'data'].map((what) => [
    `HELM_${what.toUpperCase()}_HOME`,
    path.join(dirs.run, 'helm', what),
  ]),
);

/**
 * Limit for one command. A roll-out may take three minutes, and deleting a namespace waits for the kubelets. A command
 * that takes longer hangs.
 */
const timeoutMs = 240_000;

export async function openBed(): Promise<Bed> {
  if (!programs.every(isRunning)) throw new Error('no cluster runs; start one with: npm run cluster up');
  // A node needs time to be Ready again after a test has stopped the API server.
  await until('the cluster to be ready', isUp);
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
    kubectlWithPlugins: (directory, ...args) =>
      command(binary('kubectl'), args, {
        env: { ...env, PATH: `${directory}${path.delimiter}${process.env['PATH']}` },
        timeoutMs,
      }),
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
