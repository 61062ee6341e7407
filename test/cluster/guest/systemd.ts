/** A guest with Debian and systemd as its first process. It has only the units of a node. */
import fs from 'node:fs';
import path from 'node:path';
import { installBusybox } from '../images/archive.ts';
import { command } from '../machine/command.ts';
import { debianInputs, debianTree, makeDebianTree } from './debian.ts';
import { type System, script } from './system.ts';

const units = [
  'default.target',
  ...['network', 'control', 'containerd', 'kubelet'].map((name) => `${name}.service`),
];

export const systemd: System = {
  driver: 'systemd',
  name: 'systemd-root',
  texts: () => ({
    '/etc/systemd/system.conf': script('system.conf'),
    ...Object.fromEntries(units.map((unit) => [`/etc/systemd/system/${unit}`, script(`units/${unit}`)])),
  }),
  inputs: debianInputs,
  prepare: makeDebianTree,
  async fill(root) {
    await command('cp', ['-a', `${debianTree}/.`, root]);
    // systemd runs a dozen generators at each start. This guest needs none of them.
    fs.rmSync(path.join(root, 'usr/lib/systemd/system-generators'), { recursive: true });
    await installBusybox(path.join(root, 'opt/busybox'));
  },
};
