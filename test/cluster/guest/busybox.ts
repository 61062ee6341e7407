/** A guest with busybox and one init script. It boots fast because it starts only what the node needs. */
import fs from 'node:fs';
import path from 'node:path';
import { installBusybox } from '../images/archive.ts';
import { type System, script } from './system.ts';

export const busybox: System = {
  driver: 'cgroupfs',
  name: 'root',
  texts: () => ({
    '/sbin/init': script('init.sh'),
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    '/etc/group': 'root:x:0:\n',
    '/etc/os-release': fs.readFileSync('/etc/os-release', 'utf8'),
  }),
  inputs: [],
  async prepare() {},
  async fill(root) {
    for (const name of 'dev proc sys run tmp root var'.split(' ')) fs.mkdirSync(path.join(root, name));
    fs.symlinkSync('/run', path.join(root, 'var/run'));
    await installBusybox(path.join(root, 'bin'));
  },
};
