/** Makes the guest's disk and its initrd. */
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../../../../image/bundle.ts';
import { copyDiskDrivers } from '../../../cluster/guest/initrd.ts';
import type { Kernel } from '../../../cluster/guest/kernel.ts';
import { installBusybox } from '../../../cluster/images/archive.ts';
import { command } from '../../../cluster/machine/command.ts';
import { nobody } from '../container.ts';
import { postgresPrograms } from '../servers.ts';
import type { Work } from '../workers.ts';

/** @returns the file */
export async function makeDisk(scratch: string, reader: string, work: Work): Promise<string> {
  const root = path.join(scratch, 'disk');
  for (const name of 'dev proc sys run tmp var/tmp root'.split(' '))
    fs.mkdirSync(path.join(root, name), { recursive: true });
  await installBusybox(path.join(root, 'bin'));
  const node = path.join(root, 'bin/node');
  await command('strip', ['-o', node, fs.realpathSync(process.execPath)]);
  copy(root, reader, '/bin/reader');
  const postgres = postgresPrograms();
  const programs = [
    ...['initdb', 'postgres', 'pgbench', 'psql'].map((name) => `${postgres}/${name}`),
    ...['/usr/bin/redis-server', '/usr/bin/redis-benchmark', '/usr/bin/setpriv'],
  ];
  for (const program of programs) copy(root, program);
  for (const directory of ['lib', 'share'])
    copy(
      root,
      path.join(
        '/usr',
        directory,
        postgres.slice('/usr/lib/'.length, -'/bin'.length),
        directory === 'lib' ? 'lib' : '',
      ),
    );
  for (const zone of ['UTC', 'GMT', 'Etc/UTC']) copy(root, `/usr/share/zoneinfo/${zone}`);
  const libraries = await command('ldd', [node, ...programs]);
  for (const [library] of libraries.matchAll(/\/\S+\.so\S*/g))
    if (!library.endsWith(':') && !fs.existsSync(path.join(root, library))) copy(root, library);
  await bundle(path.join(root, 'realmem'));
  await build({
    entryPoints: [path.join(import.meta.dirname, 'inside.ts')],
    outfile: path.join(root, 'bench/inside.mjs'),
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node22', logLevel: 'warning' },
  });
  fs.writeFileSync(path.join(root, 'bench/work.json'), JSON.stringify(work));
  write(root, '/etc/passwd', `root:x:0:0::/:/bin/sh\nnobody:x:${nobody}:${nobody}::/:/bin/sh\n`);
  write(root, '/etc/group', `root:x:0:\nnogroup:x:${nobody}:\n`);
  copy(root, path.join(import.meta.dirname, 'init.sh'), '/sbin/init');
  fs.chmodSync(path.join(root, 'sbin/init'), 0o755);
  const image = path.join(scratch, 'disk.img');
  await command('mke2fs', [
    '-q',
    '-t',
    'ext4',
    '-O',
    '^has_journal',
    '-E',
    'lazy_itable_init=1',
    '-d',
    root,
    image,
    '4G',
  ]);
  fs.rmSync(root, { recursive: true });
  return image;
}

/** @returns the file */
export async function makeInitrd(scratch: string, kernel: Kernel): Promise<string> {
  const root = path.join(scratch, 'initrd');
  for (const name of ['bin', 'modules', 'dev', 'root'])
    fs.mkdirSync(path.join(root, name), { recursive: true });
  copy(root, '/bin/busybox');
  copyDiskDrivers(kernel, path.join(root, 'modules'));
  copy(root, path.join(import.meta.dirname, 'initrd.sh'), '/init');
  fs.chmodSync(path.join(root, 'init'), 0o755);
  const file = path.join(scratch, 'initrd.cpio');
  await command('sh', ['-c', 'find . | busybox cpio -o -H newc >"$1"', 'sh', file], { cwd: root });
  return file;
}

function copy(root: string, from: string, to = from): void {
  const file = path.join(root, to);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.cpSync(from, file, { recursive: true, dereference: true });
}

function write(root: string, to: string, text: string): void {
  const file = path.join(root, to);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
