/** A guest of Debian whose first process is systemd, with the units of a node and no others. */
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../command.ts';
import { installBusybox } from '../images.ts';
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
    // For each start a dozen programs, of which none has anything to say here.
    fs.rmSync(path.join(root, 'usr/lib/systemd/system-generators'), { recursive: true });
    await installBusybox(path.join(root, 'opt/busybox'));
  },
};
