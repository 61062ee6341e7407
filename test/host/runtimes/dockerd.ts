/** Starts a dockerd for a test, on its own containerd. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { cgroupOf, clearCgroup, removeParentLater } from '../machine/cgroups.ts';
import type { Cleanup } from '../machine/cleanup.ts';
import { requireTools, run } from '../machine/command.ts';
import type { Container } from './container.ts';
import type { Containerd } from './containerd.ts';
import { startDaemon, untilAnswers } from './daemon.ts';
import { imageName, rootFileSystem } from './image.ts';

export interface Dockerd {
  /** A prefix that runs a command where /etc/docker is that of this daemon. */
  readonly inside: Containerd['inside'];
  start(script: string, ...flags: readonly string[]): Container;
  /** Changes the limit of a container, running or paused. */
  limit(container: Container, bytes: number): void;
  /** The output of `docker stats` for these containers, in their order. */
  stats(containers: readonly Container[]): readonly DockerStats[];
  /** The figures of libcontainer: `runc events --stats`. */
  libcontainer(container: Container): LibcontainerMemory;
}

export interface DockerStats {
  readonly ID: string;
  /** `72.07MiB / 128MiB` */
  readonly MemUsage: string;
  /** `56.31%` */
  readonly MemPerc: string;
}

/** runc omits figures that are 0. */
interface LibcontainerMemory {
  readonly cache?: number;
  readonly usage: { readonly usage?: number };
  readonly swap: { readonly usage?: number };
  readonly kernel: { readonly usage?: number };
  readonly kernelTCP: { readonly usage?: number };
}

export async function startDockerd(cleanup: Cleanup, containerd: Containerd): Promise<Dockerd> {
  requireTools('dockerd', 'docker');
  const directory = cleanup.directory();
  const host = `unix://${directory}/docker.sock`;
  const log = `${directory}/log`;
  removeParentLater(cleanup, '/docker');
  // dockerd reads /etc/docker, and older versions write a key there: mount another one. Its daemon.json tells realmem where
  // the names of containers are.
  const data = `${directory}/data`;
  const start = `
    if test -d /etc/docker; then
      mount --no-mtab -t tmpfs tmpfs /etc/docker
      echo '{"data-root": "${data}"}' > /etc/docker/daemon.json
    else
      set -- --data-root '${data}' "$@"
    fi
    exec dockerd "$@"`;
  const daemon = startDaemon(cleanup, log, [
    ...containerd.inside,
    ...['sh', '-c', start, 'sh'],
    ...['--exec-root', `${directory}/exec`],
    ...['--pidfile', `${directory}/pid`, '--host', host],
    ...['--containerd', containerd.address, '--storage-driver', 'vfs'],
    // Do not change the machine's network.
    ...['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'],
  ]);
  // The settings of the user's docker, such as its context, must not point to another daemon.
  const docker = (...args: readonly string[]): string =>
    run(['docker', '--config', `${directory}/client`, '--host', host, ...args]);
  await untilAnswers(daemon, log, ['docker', '--config', `${directory}/client`, '--host', host, 'info']);
  fs.writeFileSync(`${directory}/root.tar`, rootFileSystem());
  docker('import', `${directory}/root.tar`, imageName);

  return {
    inside: containerd.inside,
    start(script, ...flags) {
      const command = ['run', '--detach', '--network', 'none', ...flags, imageName, 'sh', '-c', script];
      const id = docker(...command).trim();
      cleanup.add(() => clearCgroup(`/docker/${id}`));
      const cgroup = cgroupOf(Number(docker('inspect', '--format', '{{.State.Pid}}', id)));
      assert.equal(cgroup, `/docker/${id}`);
      return {
        id,
        cgroup,
        pause: () => void docker('pause', id),
        remove: () => void docker('rm', '--force', id),
      };
    },
    limit({ id }, bytes) {
      docker('update', '--memory', String(bytes), '--memory-swap', '-1', id);
    },
    stats(containers) {
      const ids = containers.map(({ id }) => id);
      const lines = docker('stats', '--no-stream', '--no-trunc', '--format', '{{json .}}', ...ids);
      const printed = lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as DockerStats);
      return ids.map((id) => {
        const found = printed.find(({ ID }) => ID === id);
        assert.ok(found !== undefined, `docker stats does not print ${id}: ${lines}`);
        return found;
      });
    },
    libcontainer({ id }) {
      const root = `${directory}/exec/runtime-runc/moby`;
      const event = run([...containerd.inside, 'runc', '--root', root, 'events', '--stats', id]);
      return (JSON.parse(event) as { readonly data: { readonly memory: LibcontainerMemory } }).data.memory;
    },
  };
}
