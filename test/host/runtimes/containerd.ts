/** Starts a containerd for a test. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { cgroupOf, clearCgroup, removeParentLater } from '../machine/cgroups.ts';
import type { Cleanup } from '../machine/cleanup.ts';
import { endProcesses, requireTools, run } from '../machine/command.ts';
import type { Container } from './container.ts';
import { mountsOf, processesIn, startDaemon, untilAnswers } from './daemon.ts';
import { imageArchive, imageName, rootFileSystem } from './image.ts';

export interface Containerd {
  readonly address: string;
  /** A prefix that runs a command in the mount namespace of containerd. */
  readonly inside: readonly [string, ...string[]];
  /** Runs a shell script in a container of the default namespace, like `ctr run`. */
  start(name: string, script: string): Container;
}

export async function startContainerd(cleanup: Cleanup): Promise<Containerd> {
  requireTools('containerd', 'ctr', 'runc', 'unshare', 'nsenter', 'mount');
  const directory = cleanup.directory();
  const address = `${directory}/containerd.sock`;
  const log = `${directory}/log`;
  fs.writeFileSync(`${directory}/config.toml`, config(directory, address));
  removeParentLater(cleanup, '/default');

  let namespace: string | undefined;
  // Runs last in the cleanup: it ends the shims that outlived containerd, and their mounts.
  cleanup.add(() => {
    if (namespace !== undefined) endProcesses(processesIn(namespace));
  });
  // Shims always keep their sockets in /run/containerd, so mount another /run for them.
  const start = 'mount --no-mtab -t tmpfs tmpfs /run && exec containerd --config "$0"';
  const daemon = startDaemon(cleanup, log, [
    'unshare',
    '--mount',
    'sh',
    '-c',
    start,
    `${directory}/config.toml`,
  ]);
  await untilAnswers(daemon, log, ['ctr', '--address', address, 'version']);
  const pid = daemon.pid as number;
  namespace = mountsOf(pid);

  const inside = ['nsenter', `--mount=/proc/${pid}/ns/mnt`] as const;
  const ctr = (...args: readonly string[]): string => run([...inside, 'ctr', '--address', address, ...args]);
  fs.writeFileSync(`${directory}/image.tar`, imageArchive(rootFileSystem()));
  // The native snapshotter copies files, because a machine may lack overlayfs.
  ctr('images', 'import', '--snapshotter', 'native', `${directory}/image.tar`);

  return {
    address,
    inside,
    start(name, script) {
      const id = `realmem-test-${process.pid}-${name}`;
      const pidFile = `${directory}/${name}.pid`;
      cleanup.add(() => clearCgroup(`/default/${id}`));
      ctr(
        ...['run', '--detach', '--snapshotter', 'native', '--pid-file', pidFile],
        ...[imageName, id, 'sh', '-c', script],
      );
      const cgroup = cgroupOf(Number(fs.readFileSync(pidFile, 'utf8')));
      assert.equal(cgroup, `/default/${id}`);
      return {
        id,
        cgroup,
        pause: () => void ctr('tasks', 'pause', id),
        remove: () => {
          ctr('tasks', 'rm', '--force', id);
          ctr('containers', 'rm', id);
        },
      };
    },
  };
}

/** Keeps all files in `directory`, and disables the plugins for Kubernetes. */
const config = (directory: string, address: string): string => `
version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${address}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
`;
