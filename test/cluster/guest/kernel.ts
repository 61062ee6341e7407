/** Downloads and unpacks Debian's kernel for virtual machines, without installing it. */
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { dirs } from '../machine/paths.ts';
import type { Progress } from '../machine/progress.ts';

export interface Kernel {
  readonly version: string;
  /** The kernel as ELF. QEMU boots it directly, so the emulated processor has nothing to decompress. */
  readonly file: string;
  readonly modules: string;
}

const unpacked = path.join(dirs.guest, 'kernel');
const elf = path.join(unpacked, 'vmlinux');

export async function fetchKernel(progress: Progress): Promise<Kernel> {
  if (!fs.existsSync(elf)) await progress.part('kernel of the guest', () => fetch(progress.signal));
  const [version = ''] = fs.readdirSync(path.join(unpacked, 'lib/modules'));
  return { version, file: elf, modules: path.join(unpacked, 'lib/modules', version) };
}

async function fetch(signal: AbortSignal): Promise<void> {
  fs.rmSync(unpacked, { recursive: true, force: true });
  fs.mkdirSync(unpacked, { recursive: true });
  const options = { cwd: unpacked, signal };
  await command('apt-get', ['update', '-qq'], options);
  // The metapackage depends on the package of the current kernel version.
  const depends = await command('apt-cache', ['depends', 'linux-image-cloud-amd64'], options);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error('no package linux-image-cloud-amd64 on this machine');
  await command('apt-get', ['download', '-qq', name], options);
  const [archive = ''] = fs.readdirSync(unpacked);
  await command('dpkg', ['-x', archive, '.'], options);
  fs.rmSync(path.join(unpacked, archive));
  const [version = ''] = fs.readdirSync(path.join(unpacked, 'lib/modules'));
  await command('busybox', ['depmod', '-b', unpacked, version], options);
  await decompress(path.join(unpacked, 'boot', `vmlinuz-${version}`), signal);
}

/**
 * Extracts the kernel from its self-extracting image. The payload is an LZ4 stream in the legacy format, and only the
 * image's header gives its end.
 */
async function decompress(image: string, signal: AbortSignal): Promise<void> {
  const start = fs.readFileSync(image).indexOf(Buffer.from([0x02, 0x21, 0x4c, 0x18]));
  const unfinished = `${elf}.unfinished`;
  // lz4 reports an error for the bytes after the stream. The check of the ELF magic below decides instead.
  const script = 'tail -c "+$1" "$2" | lz4 -qdc >"$3" 2>/dev/null || true';
  await command('sh', ['-c', script, 'sh', String(start + 1), image, unfinished], { signal });
  const magic = Buffer.alloc(4);
  const file = fs.openSync(unfinished, 'r');
  fs.readSync(file, magic);
  fs.closeSync(file);
  if (start < 0 || magic.toString('latin1') !== '\x7fELF')
    throw new Error(`${image}: no kernel in LZ4 found`);
  fs.renameSync(unfinished, elf);
}
