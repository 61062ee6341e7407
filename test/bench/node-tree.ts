/** The cgroups of a node for the benchmark: real ones if the machine allows it, else plain files. */
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CgroupVersion } from '../../src/model/cgroup.ts';
import { codeOf, messageOf } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import { parseMountinfo } from '../../src/sample/mountinfo.ts';

/** The files of a container, if the machine allows no cgroups. */
const recorded = fileURLToPath(
  new URL(
    '../../fixtures/hosts/nri-docker-v1/root/sys/fs/cgroup/memory/docker/my-container',
    import.meta.url,
  ),
);

/** Moves itself into each cgroup, and writes a file of another size there, so the figures have realistic lengths. */
const charge = `
  n=0
  for directory; do
    echo 0 > "$directory/cgroup.procs" && head -c $((n % 16 * 4096 + 4096)) /dev/zero > "$0/$n" || exit
    n=$((n + 1))
  done`;

/** The UID of a pod, and how many containers it has beside its sandbox. By the pod's index. */
export interface PodShape {
  readonly uid: (index: number) => string;
  readonly containers: (index: number) => number;
}

/** Every second pod has two containers. */
const mixed: PodShape = { uid: () => randomUUID(), containers: (index) => 1 + (index % 2) };

export class NodeTree {
  readonly version: CgroupVersion;
  /** The cgroup that acts as the node's root. */
  readonly directory: string;
  /** Why these are plain files. Undefined for real cgroups. */
  readonly plain: string | undefined;
  readonly pods: Pod[] = [];
  /** The paths of all cgroups that a pass samples, parents first. */
  readonly cgroups: string[] = [];
  private readonly scratch: string;
  /** The cleanup removes only what is listed here. */
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
      // On v2 its files show that it is not the root of the hierarchy. On v1 nothing shows it.
      if (this.version === 2) this.cgroups.push('/');
    } catch (error) {
      this.remove();
      this.plain = messageOf(error);
      this.version = 1;
      this.directory = path.join(scratch, name);
      fs.mkdirSync(this.directory);
    }
  }

  /** Adds pods up to this number. Each has a sandbox beside its containers. */
  grow(pods: number, shape = mixed): void {
    if (this.pods.length === 0) {
      this.makeCgroup('/kubepods', true);
      this.makeCgroup('/kubepods/burstable', true);
    }
    const leaves: string[] = [];
    while (this.pods.length < pods) {
      const uid = shape.uid(this.pods.length);
      const pod = `/kubepods/burstable/pod${uid}`;
      const [sandbox, ...ids] = Array.from({ length: 1 + shape.containers(this.pods.length) }, () =>
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
    if (status !== 0) throw new Error(`could not charge the cgroups: ${stderr}`);
  }

  remove(): void {
    for (let directory = this.made.pop(); directory !== undefined; directory = this.made.pop()) {
      try {
        removeCgroup(directory);
      } catch (error) {
        process.stderr.write(`could not remove: ${messageOf(error)}\n`);
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

  /** On v2 a cgroup has a controller only if its parent enables it. */
  private handDown(directory: string): void {
    if (this.version === 2) fs.writeFileSync(`${directory}/cgroup.subtree_control`, '+memory');
  }
}

/** A killed process may take a moment to leave its cgroup. */
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

/** The mount point of the memory hierarchy. On hybrid hosts it is v1. */
function memoryMount(): { readonly version: CgroupVersion; readonly directory: string } {
  const file = '/proc/self/mountinfo';
  const mounts = parseMountinfo(file, fs.readFileSync(file, 'utf8'));
  const mount =
    mounts.find(({ controllers }) => controllers.includes('memory')) ??
    mounts.find(({ version }) => version === 2);
  if (mount === undefined) throw new Error('no memory hierarchy is mounted here');
  return { version: mount.version, directory: mount.mountPoint };
}
