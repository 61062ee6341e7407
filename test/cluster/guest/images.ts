/**
 * Makes the guest's second disk: containerd's data directory with images already imported. Importing a large image
 * inside the guest takes minutes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { binary } from '../bed/binaries.ts';
import { command } from '../machine/command.ts';
import { dirs } from '../machine/paths.ts';
import { start, stop, untilReady } from '../machine/processes.ts';
import { isListening } from '../machine/sockets.ts';

const name = 'guest-images';
const directory = path.join(dirs.run, name);

/** The configuration of a temporary containerd. It fills the directory that becomes the disk, and then stops. */
const configuration = (root: string, socket: string): string => `version = 4
root = '${root}'
state = '${directory}/state'
disabled_plugins = ['io.containerd.grpc.v1.cri', 'io.containerd.nri.v1.nri', 'io.containerd.internal.v1.tracing']

[plugins.'io.containerd.server.v1.grpc']
address = '${socket}'

[plugins.'io.containerd.server.v1.ttrpc']
address = '${socket}.ttrpc'

[plugins.'io.containerd.internal.v1.opt']
path = '${directory}/opt'
`;

export async function makeImageDisk(archives: readonly string[], signal: AbortSignal): Promise<string> {
  const root = path.join(directory, 'root');
  const socket = path.join(directory, 'sock');
  const configFile = path.join(directory, 'containerd.toml');
  fs.mkdirSync(root, { recursive: true });
  fs.writeFileSync(configFile, configuration(root, socket));
  await start(name, binary('containerd'), ['--config', configFile]);
  await untilReady(name, () => isListening(socket), { signal });
  for (const archive of archives)
    await command(binary('ctr'), ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive]);
  await stop(name, 10_000);
  const disk = path.join(directory, 'disk.img');
  await command('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', root, disk, '8G']);
  fs.rmSync(root, { recursive: true });
  return disk;
}
