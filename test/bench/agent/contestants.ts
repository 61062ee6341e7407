/** The programs that take turns: realmem's agent as its pod runs it, and cAdvisor. */
import fs from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { bundle } from '../../../image/bundle.ts';
import { historyFilesIn } from '../../../src/checkpoint/kept-history.ts';
import { fieldsOf, listOf } from '../../../src/model/json.ts';
import { binary } from '../../cluster/bed/binaries.ts';
import { lastStage } from '../../cluster/images/dockerfile.ts';
import { findFreePort } from '../large-cluster-api.ts';
import type { NodeTree } from '../node-tree.ts';
import { isAnnotated, manifests, type NodeApi, namespace, node } from './node-api.ts';
import { get, type Running, run } from './program.ts';
import { twoWeeksOf } from './two-weeks.ts';

export interface Checked extends Running {
  /** @throws Error unless the program has figures of every container */
  check(): Promise<void>;
}

export interface Contestant {
  readonly name: 'realmem' | 'cAdvisor';
  /** Starts it and waits until it serves figures and has written what it writes once. @param period seconds between two samples */
  start(period: number): Promise<Checked>;
}

const root = new URL('../../../', import.meta.url);
const nodeProgram = fs.realpathSync(new URL('node_modules/.bin/node', root));

/** What the comparison needs, of the cluster's programs. */
export const programs = ['etcd', 'kube-apiserver', 'kubectl', 'cadvisor', 'metrics-server'] as const;

/** Puts realmem's bundle into the scratch directory, where a contestant expects it. */
export const bundleInto = (scratch: string): Promise<void> => bundle(path.join(scratch, 'realmem'));

/** Where the library that reads the account of a pod expects it, without the link /var/run. */
const account = '/run/secrets/kubernetes.io/serviceaccount';

/**
 * Arguments: scratch directory, directory of the cgroups, their place below the scratch directory, then the command. The mounts are in
 * a mount namespace of the agent, so they end with it. User and rights are those of the chart.
 */
const asPod = `set -e
mount --bind "$2" "$1/$3"
mount -o remount,bind,ro "$1/$3"
mount -t tmpfs tmpfs /run
mkdir -p ${account}
cp "$1/ca.crt" "$1/token" ${account}
shift 3
exec setpriv --reuid=65532 --regid=65532 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`;

/**
 * realmem's bundle with the flags and the environment of the image, and the settings of the chart, on the cgroups of the tree.
 * @param scratch has the bundle
 * @param others settings for experiments
 */
export function realmem(
  scratch: string,
  tree: NodeTree,
  { api: { kube }, port, certificate, token }: NodeApi,
  others: Readonly<Record<string, string>>,
): Contestant {
  const at = (name: string): string => path.join(scratch, name);
  const mountPoint = tree.version === 1 ? 'host/sys/fs/cgroup/memory' : 'host/sys/fs/cgroup';
  fs.mkdirSync(at(mountPoint), { recursive: true });
  fs.copyFileSync(certificate, at('ca.crt'));
  fs.writeFileSync(at('token'), token);
  fs.chmodSync(scratch, 0o755);
  const settings = { ...chartSettings(), ...others };
  return {
    name: 'realmem',
    async start(period) {
      const [probe, report] = [await findFreePort(), await findFreePort()];
      const historyDir = fs.mkdtempSync(at('history-'));
      const { file: historyFile } = historyFilesIn(historyDir, node);
      fs.writeFileSync(historyFile, twoWeeksOf(node, tree.pods, Date.now()));
      for (const one of [historyDir, historyFile]) fs.chownSync(one, 65532, 65532);
      // Everything else is as in the chart.
      const changed = {
        root: at('host'),
        period: `${period}s`,
        historyDir,
        probeAddress: `127.0.0.1:${probe}`,
        reportAddress: `127.0.0.1:${report}`,
      };
      fs.writeFileSync(at('config.yaml'), JSON.stringify({ ...settings, ...changed }));
      const child = run(
        'unshare',
        [
          '--mount',
          '--propagation=private',
          'sh',
          '-c',
          asPod,
          'sh',
          scratch,
          tree.directory,
          mountPoint,
        ].concat(agentCommand(nodeProgram, at('realmem')), 'agent'),
        {
          ...image.env,
          PATH: process.env['PATH'],
          KUBERNETES_SERVICE_HOST: '127.0.0.1',
          KUBERNETES_SERVICE_PORT: String(port),
          REALMEM_NODE: node,
          REALMEM_CONFIG: at('config.yaml'),
        },
        at('realmem.log'),
      );
      await child.until(
        'realmem to be ready',
        async () => (await get(`http://127.0.0.1:${probe}/readyz`)) !== undefined,
      );
      if (String(settings['annotations']) === 'true')
        await child.until('realmem to annotate all pods', () => isAnnotated(kube));
      return {
        ...child,
        async check() {
          const text = await get(`http://127.0.0.1:${report}/report.json`);
          const named = listOf(fieldsOf(JSON.parse(text ?? '{}'))['containers']).filter(
            ({ namespace: of, name }) => of === namespace && name !== undefined,
          );
          expectCount(
            'realmem',
            'named containers',
            named.length,
            tree.pods.flatMap(({ containers }) => containers).length,
          );
        },
      };
    },
  };
}

/** The metrics of cAdvisor, all of them but that of memory. */
const withoutMemory =
  'cpu,sched,percpu,memory_numa,cpuLoad,diskIO,disk,network,tcp,advtcp,udp,app,process,hugetlb,perf_event,referenced_memory,cpu_topology,resctrl,cpuset,oom_event,pressure';

/** @param period seconds between two samples @param top name of the cgroup whose descendants it reads */
export const cadvisorFlags = (period: string, top: string, port: number): readonly string[] => [
  `--housekeeping_interval=${period}s`,
  `--max_housekeeping_interval=${period}s`,
  '--allow_dynamic_housekeeping=false',
  `--disable_metrics=${withoutMemory}`,
  `--raw_cgroup_prefix_whitelist=/${top}`,
  '--listen_ip=127.0.0.1',
  `--port=${port}`,
];

/** cAdvisor with the same period, the same cgroups, and nothing but memory. */
export function cadvisor(scratch: string, tree: NodeTree): Contestant {
  const name = path.basename(tree.directory);
  return {
    name: 'cAdvisor',
    async start(period) {
      const port = await findFreePort();
      const child = run(
        binary('cadvisor'),
        cadvisorFlags(String(period), name, port),
        { PATH: process.env['PATH'] },
        path.join(scratch, 'cadvisor.log'),
      );
      const metrics = `http://127.0.0.1:${port}/metrics`;
      await child.until('cAdvisor to be ready', async () => (await get(metrics)) !== undefined);
      return {
        ...child,
        async check() {
          const text = (await get(metrics)) ?? '';
          const found = text.match(new RegExp(`^container_memory_usage_bytes\\{id="/${name}/`, 'gm'));
          expectCount(
            'cAdvisor',
            'cgroups',
            found?.length ?? 0,
            tree.cgroups.filter((one) => one !== '/').length,
          );
        },
      };
    },
  };
}

function expectCount(program: string, what: string, got: number, expected: number): void {
  if (got !== expected) throw new Error(`${program}: expected figures of ${expected} ${what}, got ${got}`);
}

/** The agent's settings, as the chart writes them with its default values. */
export function chartSettings(): Readonly<Record<string, unknown>> {
  for (const document of parseAllDocuments(fs.readFileSync(manifests, 'utf8'))) {
    const { kind, metadata, data } = fieldsOf(document.toJS());
    if (kind === 'ConfigMap' && fieldsOf(metadata)['name'] === 'config-realmem')
      return fieldsOf(parse(String(fieldsOf(data)['config.yaml'])));
  }
  throw new Error(`${manifests}: expected the ConfigMap config-realmem, got none`);
}

/** The last stage of the Dockerfile. */
const image = lastStage(fs.readFileSync(new URL('Dockerfile', root), 'utf8'));

/** The image's command with its flags, for a program and a bundle in other places. */
export const agentCommand = (program: string, bundled: string): readonly string[] =>
  image.entrypoint.map((word) =>
    word === '/usr/local/bin/node' ? program : word.replace(/^\/realmem\//, `${bundled}/`),
  );
