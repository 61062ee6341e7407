/** The cluster, for tests. `npm run test:cluster` brings it up around them. */
import { binary } from './binaries.ts';
import { command } from './command.ts';
import { ctr } from './containerd.ts';
import { startApiServer } from './control-plane.ts';
import { importIntoGuest, inGuest, isGuestRunning } from './guest/guest.ts';
import { archive, type Image } from './images.ts';
import { guestNode, hostNode, kubeconfig } from './paths.ts';
import { stop } from './processes.ts';
import { until } from './until.ts';
import { isUp } from './up.ts';

export { busyboxImage } from './images.ts';
export { guestNode, hostNode } from './paths.ts';

export interface Bed {
  /** A file of the cluster's administrator. */
  readonly kubeconfig: string;
  /** What kubectl writes to its output. */
  kubectl(...args: string[]): Promise<string>;
  /** Creates or changes what the YAML describes. */
  apply(yaml: string): Promise<void>;
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
  /** Asks until there is an answer; an error of the check counts as none. */
  waitFor: typeof until;
  /** At once: asked politely, it first waits for its watches to end, up to a minute. */
  stopApiServer(): Promise<void>;
  /** Waits until it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
}

export async function openBed(): Promise<Bed> {
  if (!(await isUp())) throw new Error('no cluster runs: npm run cluster up');
  const env = { KUBECONFIG: kubeconfig('admin') };
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    command(binary('kubectl'), args, input === undefined ? { env } : { env, input });
  const stopApiServer = (): Promise<void> => stop('kube-apiserver', 0);
  return {
    kubeconfig: env.KUBECONFIG,
    nodes: isGuestRunning() ? [hostNode, guestNode] : [hostNode],
    kubectl: (...args) => kubectl(args),
    async apply(yaml) {
      await kubectl(['apply', '--server-side', '-f', '-'], yaml);
    },
    ctr,
    inGuest,
    async importImage(image) {
      const file = await archive(image);
      await ctr('images', 'import', file);
      if (!isGuestRunning()) return;
      const listed = ['images', 'list', `name==${image.name}`];
      const there = await inGuest(`ctr --namespace k8s.io ${listed.join(' ')}`);
      if (there.trim() !== (await ctr(...listed)).trim()) await importIntoGuest(file);
    },
    waitFor: until,
    stopApiServer,
    startApiServer,
    async restartApiServer() {
      await stopApiServer();
      await startApiServer();
    },
  };
}
