/**
 * A disk of its own for the workloads, as most nodes have it: ext4, and the kernel's usual read-ahead. Some machines read megabytes
 * ahead. These come back with each missed page, so the smallest limit of a workload would depend on the machine.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Cleanup } from '../../host/machine/cleanup.ts';

/** The kernel's default. */
const readAheadKiB = 128;
const sizeBytes = 6 * 2 ** 30;

const run = (...[program, ...words]: readonly [string, ...string[]]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/**
 * A mounted file system in a file. Needs root and loop devices.
 * @returns its mount point
 */
export function makeDisk(cleanup: Cleanup): string {
  const directory = fs.mkdtempSync('/var/tmp/realmem-bench-');
  cleanup.add(() => fs.rmSync(directory, { recursive: true, force: true }));
  fs.chmodSync(directory, 0o755);
  const image = path.join(directory, 'disk');
  fs.writeFileSync(image, '');
  fs.truncateSync(image, sizeBytes);
  run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  // Direct I/O: the file behind the disk has no page cache of its own, which the kernel would charge to the workload.
  const device = run('losetup', '--find', '--show', '--direct-io=on', image);
  cleanup.add(() => run('losetup', '--detach', device));
  fs.writeFileSync(`/sys/block/${path.basename(device)}/queue/read_ahead_kb`, String(readAheadKiB));
  const mounted = path.join(directory, 'mounted');
  fs.mkdirSync(mounted);
  run('mount', '-t', 'ext4', device, mounted);
  cleanup.add(() => run('umount', '--lazy', mounted));
  return mounted;
}
