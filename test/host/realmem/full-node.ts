/** A node with the maximum number of pods, as plain files: its scrape is the longest that an agent serves. */
import fs from 'node:fs';
import path from 'node:path';
import { lay } from '../../temp.ts';

const recorded = new URL(
  '../../../fixtures/hosts/nri-docker-v2/root/sys/fs/cgroup/system.slice/containerd.service/',
  import.meta.url,
);

const hexadecimal = (number: number, length: number): string => number.toString(16).padStart(length, '0');

/** Writes the root of the node and its list of pods to the directory. @returns arguments of the agent */
export function layFullNode(directory: string, pods = 250): readonly string[] {
  const cgroup = Object.fromEntries(
    ['memory.current', 'memory.stat', 'memory.max', 'memory.swap.current', 'memory.events'].map((name) => [
      name,
      fs.readFileSync(new URL(name, recorded), 'utf8'),
    ]),
  );
  const root = path.join(directory, 'root');
  const kubepods = 'sys/fs/cgroup/kubepods/burstable';
  const layCgroup = (below: string): void =>
    lay(root, Object.fromEntries(Object.entries(cgroup).map(([name, text]) => [`${below}/${name}`, text])));
  const items = Array.from({ length: pods }, (_, pod) => {
    const uid = `${hexadecimal(pod, 8)}-5c1e-4b7a-9d3f-2a6b8c0d4e1f`;
    layCgroup(`${kubepods}/pod${uid}`);
    const containers = ['server', 'istio-proxy'].slice(0, 1 + (pod % 2)).map((name, index) => {
      const id = hexadecimal(pod * 2 + index + 1, 64);
      layCgroup(`${kubepods}/pod${uid}/${id}`);
      return { name, containerID: `containerd://${id}`, state: { running: {} } };
    });
    const resources = { requests: { memory: '512Mi' }, limits: { memory: '1Gi' } };
    return {
      metadata: {
        uid,
        namespace: `team-${pod % 40}`,
        name: `recommendation-${hexadecimal(pod, 10)}-x7k2p`,
      },
      spec: { containers: containers.map(({ name }) => ({ name, resources })) },
      status: { phase: 'Running', containerStatuses: containers },
    };
  });
  lay(directory, { 'pods.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  lay(root, {
    'proc/meminfo': fs.readFileSync('/proc/meminfo', 'utf8'),
    'proc/sys/kernel/osrelease': '6.8.0\n',
  });
  return ['--root', root, '--pods', path.join(directory, 'pods.json'), '--node', 'full'];
}
