/** Runs crictl in a pod on each node, against the socket of the node's containerd. */
import fs from 'node:fs';
import path from 'node:path';
import type { Bed } from '../bed/bed.ts';
import { binary } from '../bed/binaries.ts';
import { installBusybox } from '../images/archive.ts';
import { containerdSocket, dirs } from '../machine/paths.ts';
import { cellOf, known } from './table.ts';

const image = 'localhost/crictl:1';

export interface Crictl {
  stats(node: string, id: string): Promise<CrictlStats>;
}

interface CrictlStats {
  readonly workingSetBytes: number;
  readonly usageBytes: number;
  /** The cell MEM of the printed table. */
  readonly table: string;
}

interface Listed {
  readonly stats: readonly {
    readonly memory: Readonly<Record<'workingSetBytes' | 'usageBytes', { readonly value: string }>>;
  }[];
}

export async function startCrictl(bed: Bed, namespace: string): Promise<Crictl> {
  const rootfs = path.join(dirs.images, 'crictl');
  // The container needs a command that waits, for kubectl exec to enter.
  await installBusybox(path.join(rootfs, 'bin'));
  fs.copyFileSync(binary('crictl'), path.join(rootfs, 'bin/crictl'));
  await bed.importImage({ name: image, rootfs, command: ['sleep', 'infinity'] });
  fs.rmSync(rootfs, { recursive: true });
  await bed.apply(bed.nodes.map((node) => podOn(namespace, node)).join('---\n'));
  const crictl = (node: string, ...args: readonly string[]): Promise<string> =>
    bed.kubectl(
      ...['exec', `crictl-${node}`, '--namespace', namespace, '--'],
      ...['crictl', '--runtime-endpoint', `unix://${containerdSocket}`, ...args],
    );
  return {
    async stats(node, id) {
      const { stats } = JSON.parse(await crictl(node, 'stats', '--output', 'json', '--id', id)) as Listed;
      const { workingSetBytes, usageBytes } = known(stats[0], `${id} in crictl stats`).memory;
      const table = await crictl(node, 'stats', '--id', id);
      return {
        workingSetBytes: Number(workingSetBytes.value),
        usageBytes: Number(usageBytes.value),
        table: cellOf(table, 'MEM', () => true),
      };
    },
  };
}

const podOn = (namespace: string, node: string): string => `apiVersion: v1
kind: Pod
metadata: {name: crictl-${node}, namespace: ${namespace}}
spec:
  nodeName: ${node}
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${image}
    imagePullPolicy: Never
    volumeMounts: [{name: socket, mountPath: ${path.dirname(containerdSocket)}}]
  volumes: [{name: socket, hostPath: {path: ${path.dirname(containerdSocket)}}}]
`;
