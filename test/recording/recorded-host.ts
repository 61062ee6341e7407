/** A small host with one pod and one service, recorded and replayed. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { tickOnce } from '../../src/agent/replay.ts';
import { openNode } from '../../src/agent/source.ts';
import type { Node } from '../../src/agent/tick.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { record } from '../../src/recording/record.ts';
import { besideOf } from '../../src/recording/record-beside.ts';
import { openRecording } from '../../src/recording/recording.ts';
import type { Redaction } from '../../src/recording/redact.ts';
import { lay, tempDir } from '../temp.ts';
import { passOver } from './record-once.ts';

export const uid = '8a05cdc7-1ab4-4870-8afa-97b66d5c660b';
export const id = 'f0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
export const next = 'a0ee60ca0d9b506ee47dea98a019cb5d43f0ead799e80cb6d5c0859d0b78573d';
const pod = `kubepods/burstable/pod${uid}`;

const figures = (usage: number): Readonly<Record<string, string>> => ({
  'memory.usage_in_bytes': `${usage}\n`,
  'memory.stat': 'total_active_file 10\ntotal_inactive_file 20\ntotal_shmem 5\n',
});

const pods = {
  kind: 'List',
  items: [
    {
      kind: 'Pod',
      metadata: {
        ...{ uid, namespace: 'acme-shop', name: 'acme-cart-6d5f-x2x1z' },
        labels: { app: 'acme-cart', 'acme.com/team': 'acme-payments', 'pod-template-hash': '6d5f' },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'acme-cart-6d5f', controller: true }],
        annotations: { 'realmem.dev/memory': 'acme-cart 5Mi', note: 'hunter2' },
      },
      spec: {
        containers: [{ name: 'acme-web', env: [{ name: 'PASSWORD', value: 'hunter2' }], image: 'acme/web' }],
      },
      status: {
        qosClass: 'Burstable',
        containerStatuses: [{ name: 'acme-web', containerID: `containerd://${id}`, state: { running: {} } }],
      },
    },
  ],
};

const arcstats = (size: number): Readonly<Record<string, string>> => ({
  'proc/spl/kstat/zfs/arcstats': `12 1 0x01 1 1 1 1\nname type data\nsize 4 ${size}\nc_min 4 1000\n`,
});

/** Lays the files of the host. */
function hostIn(test: TestContext): string {
  const root = tempDir(test);
  const log = `acme-shop_acme-cart-x2x1z_${uid}/acme-web`;
  lay(root, { [`var/log/pods/${log}/0.log`]: 'hunter2\n', 'var/log/containers/': '' });
  fs.symlinkSync(
    `/var/log/pods/${log}/0.log`,
    path.join(root, `var/log/containers/acme-cart-x2x1z_acme-shop_acme-web-${id}.log`),
  );
  const at = (cgroup: string, usage: number) =>
    Object.fromEntries(
      Object.entries(figures(usage)).map(([file, text]) => [`sys/fs/cgroup/memory/${cgroup}/${file}`, text]),
    );
  lay(root, {
    ...{
      ...at('kubepods', 1000),
      ...at('kubepods/burstable', 900),
      ...at(pod, 800),
      ...at(`${pod}/${id}`, 700),
    },
    ...at('system.slice/acme-db.service', 300),
    'proc/meminfo': 'MemTotal: 99 kB\nMemFree: 50 kB\nBuffers: 1 kB\nCached: 9 kB\nShmem: 2 kB\n',
    ...arcstats(20_000),
    'proc/71/cgroup': `9:memory:/${pod}/${id}\n`,
    'proc/71/status': 'Name:\tacme-worker\nUid:\t1000\nVmSize:\t   90 kB\nVmRSS:\t   50 kB\n',
    'proc/71/statm': '22 12 3 1 0 5 0\n',
    'proc/71/stat': '71 (acme-worker) S 1 2 3\n',
    'proc/71/smaps_rollup': '5500-7fff ---p 00000000 00:00 0 [rollup]\nPss:   40 kB\n',
    'proc/71/cmdline': 'acme-worker\0--password=hunter2\0',
    'proc/71/environ': 'PASSWORD=hunter2\0',
    'proc/72/cgroup': '9:memory:/system.slice/acme-db.service\n',
    'proc/72/status': 'Name:\tacme-db\n',
  });
  return root;
}

/** A node that passes for a live one. @param change changes the host after each sample */
function liveNode(root: string, change: (sample: number) => void): Node {
  const node = openNode(
    { root, node: 'acme-node-1', pods: { file: 'pods', text: JSON.stringify(pods) } },
    [],
  );
  let sample = 0;
  const meminfo = () => {
    change(++sample);
    return node.host.meminfo();
  };
  return {
    ...node,
    host: { ...node.host, recording: undefined, machine: { pageBytes: 4096, cpus: 2 }, meminfo },
  };
}

interface Made {
  readonly root: string;
  readonly target: string;
  readonly report: NodeReport;
}

/**
 * Records the host.
 * @param named whether the names come from the API; otherwise from the kubelet's logs
 */
export async function recorded(
  test: TestContext,
  samples: number,
  redaction?: Redaction,
  named = true,
): Promise<Made> {
  const root = hostIn(test);
  const target = path.join(tempDir(test), 'recording');
  const write = (cgroup: string, usage: number): void => {
    for (const [file, text] of Object.entries(figures(usage)))
      lay(path.join(root, 'sys/fs/cgroup/memory'), { [`${cgroup}/${file}`]: text });
  };
  const node = liveNode(root, (sample) => {
    // The container grows and shrinks again. Another service replaces the first.
    if (sample === 1) write(`${pod}/${id}`, 5000);
    if (sample === 2) {
      write(`${pod}/${id}`, 600);
      fs.rmSync(path.join(root, 'sys/fs/cgroup/memory/system.slice/acme-db.service'), { recursive: true });
      write('system.slice/acme-new.service', 200);
      write(`${pod}/${next}`, 50);
      lay(root, arcstats(10_000));
    }
  });
  const { report } = await record(
    { ...node, pass: passOver(node) },
    openRecording(target, redaction),
    { samples, everyMs: 1, signal: new AbortController().signal },
    { ...besideOf(root), ...(named && { pods: { file: 'pods', text: JSON.stringify(pods) } }), redaction },
  );
  node.host.close();
  return { root, target, report };
}

export async function replayed(target: string): Promise<NodeReport> {
  const node = openNode({ root: target }, []);
  const { report } = await tickOnce(node, 0);
  node.host.close();
  assert.ok(report !== undefined);
  return report;
}
