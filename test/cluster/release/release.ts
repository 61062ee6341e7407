/** Installs the work tree's chart with the work tree's image on all nodes. */
import type { NodeReport } from '../../../src/model/report.ts';
import type { Bed, Forward } from '../bed/bed.ts';

export const namespace = 'realmem';
export const chart = new URL('../../../charts/realmem', import.meta.url).pathname;

export type Values = Readonly<Record<string, string>>;

/** The chart's own settings. */
export const asShipped: Values = {
  'image.registry': '',
  'image.repository': 'localhost/realmem',
  'image.tag': 'test',
  'image.pullPolicy': 'Never',
};

/** Shorter periods than the chart's, so no test waits for minutes. */
export const fast: Values = {
  ...asShipped,
  'config.period': '1s',
  'config.reportPeriod': '1s',
  'config.publishPeriod': '2s',
  'config.annotationPeriod': '5s',
  'config.configMap': 'true',
  // On a slow emulated machine the agent needs more memory.
  'resources.limits.memory': '192Mi',
};

/** Returns the settings as flags of helm. */
export const setting = (values: Values): readonly string[] =>
  Object.entries(values).flatMap(([key, value]) => [
    // helm needs --set for lists, booleans and numbers.
    /^(true|false|\d+|\{.*\})$/.test(value) ? '--set' : '--set-string',
    `${key}=${value}`,
  ]);

export interface Release {
  /** Installs or upgrades the release. Resolves when the agent of every node is ready. */
  install(changes?: Values): Promise<void>;
  /** Returns the name of a node's agent pod. */
  podOf(node: string): Promise<string>;
  /** Fetches the report of a node's agent from its loopback address. Its figures are in bytes. */
  report(node: string): Promise<NodeReport>;
  uninstall(): Promise<void>;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  }[];
}

export function releaseOn(bed: Bed, values = fast): Release {
  const forwards = new Map<string, { readonly pod: string; readonly forward: Forward }>();

  const podOf = async (node: string): Promise<string> => {
    const text = await bed.kubectl(
      ...['get', 'pods', '--namespace', namespace, '--selector', 'app.kubernetes.io/name=realmem'],
      ...['--field-selector', `spec.nodeName=${node},status.phase=Running`],
      ...['--output', 'json'],
    );
    const { items } = JSON.parse(text) as PodList;
    const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (pod === undefined) throw new Error(`no agent runs on ${node}`);
    return pod.metadata.name;
  };

  async function forwardTo(node: string): Promise<Forward> {
    const pod = await podOf(node);
    const known = forwards.get(node);
    if (known?.pod === pod) return known.forward;
    await known?.forward.close();
    const forward = await bed.portForward(namespace, pod, 9644);
    forwards.set(node, { pod, forward });
    return forward;
  }

  return {
    async install(changes = {}) {
      await bed.helm(
        'upgrade',
        '--install',
        'realmem',
        chart,
        '--namespace',
        namespace,
        '--create-namespace',
        ...setting({ ...values, ...changes }),
      );
      await bed.kubectl('rollout', 'status', 'daemonset/realmem', '--namespace', namespace, '--timeout=180s');
    },
    podOf,
    async report(node) {
      const { port } = await forwardTo(node);
      try {
        const signal = AbortSignal.timeout(20_000);
        const response = await fetch(`http://127.0.0.1:${port}/report.json`, { signal });
        if (!response.ok) throw new Error(`the agent of ${node} answers ${response.status}`);
        return (await response.json()) as NodeReport;
      } catch (error) {
        // A new pod may have replaced this one.
        await forwards.get(node)?.forward.close();
        forwards.delete(node);
        throw error;
      }
    },
    async uninstall() {
      for (const { forward } of forwards.values()) await forward.close();
      forwards.clear();
      // No clean-up job is needed: the deletions below remove the same objects.
      const quick = ['--ignore-not-found', '--wait', '--no-hooks'];
      await bed.helm('uninstall', 'realmem', '--namespace', namespace, ...quick);
      await bed.kubectl('delete', 'crd', 'nodememoryreports.realmem.dev', '--ignore-not-found');
      await bed.kubectl('delete', 'namespace', namespace, '--ignore-not-found');
    },
  };
}
