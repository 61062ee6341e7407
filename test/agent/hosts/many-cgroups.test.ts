/** The agent on a host with far more cgroups than a usual node, within the memory that the image gives it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../cli/run.ts';
import { lay, makeTempDir } from '../../temp.ts';

const dockerfile = fs.readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
const memory = /--max-semi-space-size=\d+|--max-old-space-size=\d+/g;

/** Equal files are hard links to one file, so the tree takes only a second or two to write. */
class Host {
  readonly root: string;
  private readonly hierarchy: string;

  constructor(root: string) {
    this.root = root;
    this.hierarchy = path.join(root, 'sys/fs/cgroup');
    const stat = fileURLToPath(
      new URL(
        '../../../fixtures/hosts/kubernetes-v2-systemd/root/sys/fs/cgroup/memory.stat',
        import.meta.url,
      ),
    );
    lay(root, {
      'sys/fs/cgroup/cgroup.controllers': 'memory\n',
      'proc/meminfo': 'MemTotal: 99999999 kB\nMemFree: 50 kB\nBuffers: 1 kB\nCached: 9 kB\nShmem: 2 kB\n',
      stat: fs.readFileSync(stat, 'utf8'),
    });
  }

  add(cgroup: string, usage: number): void {
    const directory = path.join(this.hierarchy, cgroup);
    fs.mkdirSync(directory);
    fs.linkSync(path.join(this.root, 'stat'), path.join(directory, 'memory.stat'));
    fs.writeFileSync(path.join(directory, 'memory.current'), `${usage}\n`);
  }
}

const id = (number: number): string => number.toString(16).padStart(64, '0');
/** A pass reads 500 services and 500 containers outside pods. More would only make the survey longer. */
const [services, containers, podsHere] = [3_000, 600, 250];
/** Each pod has a sandbox and two containers. */
const inPod = 3;

describe('a host with 3,000 services, 600 containers outside pods and 250 pods', () => {
  const root = makeTempDir();
  after(() => fs.rmSync(root, { recursive: true, force: true }));
  before(() => {
    const host = new Host(root);
    for (const parent of ['/system.slice', '/docker', '/kubepods']) host.add(parent, 2 ** 40);
    const long = 'x'.repeat(230);
    for (let number = 0; number < services; number++)
      host.add(`/system.slice/${long}-${number}.service`, 4096 * number);
    for (let number = 0; number < containers; number++) host.add(`/docker/${id(number)}`, 4096 * number);
    for (let number = 0; number < podsHere; number++) {
      host.add(`/kubepods/pod${number}`, 4096 * inPod);
      for (let one = 0; one < inPod; one++)
        host.add(`/kubepods/pod${number}/${id(number * inPod + one)}`, 4096);
    }
  });

  it('is sampled and reported within the memory of the image', () => {
    const flags = dockerfile.match(memory) ?? [];
    assert.equal(flags.length, 2);
    const agent = fileURLToPath(new URL('many-cgroups-agent.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, agent, root], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr.slice(-2_000));
    const found = JSON.parse(stdout);
    assert.deepEqual(found, {
      ...{ pods: podsHere, containers: podsHere * inPod, others: 1_000, complete: 'TooMany' },
      omitted: { count: services + containers + 2 - 1_000, usageBytes: found.omitted.usageBytes },
    });
  });

  it('shows its largest cgroups in a table, and a line about the others', async () => {
    const { stdout } = await run(['top', '--root', root, '--all']);
    const [, ...rows] = stdout.split('\n\n')[0]?.split('\n') ?? [];
    assert.equal(rows.length, podsHere * inPod + 1_000);
    assert.match(
      stdout,
      /^Too many cgroups: the report omits the smallest ones, 2602 with [\d.]+Gi in total\./m,
    );
  });
});
