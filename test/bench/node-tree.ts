/** The cgroups of a node to measure on: real ones where they can be made, plain files elsewhere. */
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CgroupVersion } from '../../src/model/cgroup.ts';
import { codeOf, messageOf } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';

/** A container's files, for where there are no cgroups to be made. */
const recorded = fileURLToPath(
  new URL(
    '../../fixtures/hosts/nri-docker-v1/root/sys/fs/cgroup/memory/docker/my-container',
    import.meta.url,
  ),
);

/** Moves itself into one cgroup after the other and leaves it a file of its own size: figures of some length. */
const charge = `
  n=0
  for directory; do
    echo 0 > "$directory/cgroup.procs" && head -c $((n % 16 * 4096 + 4096)) /dev/zero > "$0/$n" || exit
    n=$((n + 1))
  done`;

export class NodeTree {
  readonly version: CgroupVersion;
  /** The cgroup that stands for the node's root. */
  readonly directory: string;
  /** Set where these are plain files: why. */
  readonly plain: string | undefined;
  readonly pods: Pod[] = [];
  /** The paths of all cgroups that a pass samples, parents first. */
  readonly cgroups: string[] = [];
  private readonly scratch: string;
  /** Nothing but what is listed here is removed. */
  private readonly made: string[] = [];

  /** @param scratch a directory for plain files; the caller removes it */
  constructor(scratch: string) {
    this.scratch = scratch;
    const name = `realmem-bench-${process.pid}`;
    try {
      const mount = memoryMount();
      this.version = mount.version;
      this.directory = path.join(mount.directory, name);
      this.makeDirectory(this.directory);
      this.handDown(this.directory);
      // Its files tell that it is not the hierarchy's own root; on v1 nothing does.
      if (this.version === 2) this.cgroups.push('/');
    } catch (error) {
      this.remove();
      this.plain = messageOf(error);
      this.version = 1;
      this.directory = path.join(scratch, name);
      fs.mkdirSync(this.directory);
    }
  }

  /** Adds pods until there are this many: each a sandbox and a container, every second one two. */
  grow(pods: number): void {
    if (this.pods.length === 0) {
      this.makeCgroup('/kubepods', true);
      this.makeCgroup('/kubepods/burstable', true);
    }
    const leaves: string[] = [];
    while (this.pods.length < pods) {
      const uid = randomUUID();
      const pod = `/kubepods/burstable/pod${uid}`;
      const [sandbox, ...ids] = Array.from({ length: 2 + (this.pods.length % 2) }, () =>
        randomBytes(32).toString('hex'),
      );
      this.makeCgroup(pod, true);
      for (const id of [sandbox, ...ids]) leaves.push(this.makeCgroup(`${pod}/${id}`, false));
      const containers = ids.map(
        (id, index) => ({ name: `container-${index}`, type: 'container', ids: [id], running: true }) as const,
      );
      this.pods.push({ uid, namespace: 'bench', name: `pod-${this.pods.length}`, labels: {}, containers });
    }
    if (this.plain !== undefined) return;
    const files = fs.mkdtempSync(path.join(this.scratch, 'charged-'));
    const { status, stderr } = spawnSync('sh', ['-c', charge, files, ...leaves], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the cgroups could not be charged: ${stderr}`);
  }

  remove(): void {
    for (let directory = this.made.pop(); directory !== undefined; directory = this.made.pop()) {
      try {
        removeCgroup(directory);
      } catch (error) {
        process.stderr.write(`left behind: ${messageOf(error)}\n`);
      }
    }
  }

  private makeCgroup(cgroup: string, parent: boolean): string {
    const directory = `${this.directory}${cgroup}`;
    if (this.plain !== undefined) fs.cpSync(recorded, directory, { recursive: true });
    else {
      this.makeDirectory(directory);
      if (parent) this.handDown(directory);
    }
    this.cgroups.push(cgroup);
    return directory;
  }

  private makeDirectory(directory: string): void {
    fs.mkdirSync(directory);
    this.made.push(directory);
  }

  /** On v2 a cgroup has a controller only where its parent hands it down. */
  private handDown(directory: string): void {
    if (this.version === 2) fs.writeFileSync(`${directory}/cgroup.subtree_control`, '+memory');
  }
}

/** A process that was stopped may take a moment to leave. */
function removeCgroup(directory: string): void {
  for (let tries = 20; ; tries--)
    try {
      fs.rmdirSync(directory);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EBUSY' || tries === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
}

/** Where memory's hierarchy is mounted. On hybrid hosts it is on v1. */
function memoryMount(): { readonly version: CgroupVersion; readonly directory: string } {
  const file = '/proc/self/mountinfo';
  const mounts = parseMountinfo(file, fs.readFileSync(file, 'utf8'));
  const mount =
    mounts.find(({ controllers }) => controllers.includes('memory')) ??
    mounts.find(({ version }) => version === 2);
  if (mount === undefined) throw new Error('no memory hierarchy is mounted here');
  return { version: mount.version, directory: mount.mountPoint };
}
