/** A virtual machine with cgroup v2 that runs the contestants in turns. QEMU emulates it, so it needs no KVM. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fetchKernel } from '../../../cluster/guest/kernel.ts';
import { emulated } from '../../../cluster/guest/qemu.ts';
import { installBusybox } from '../../../cluster/images/archive.ts';
import { command } from '../../../cluster/machine/command.ts';
import { installPackages } from '../../../cluster/machine/packages.ts';
import type { Progress } from '../../../cluster/machine/progress.ts';

/** Files of the guest by their path there: those of this machine, and texts. */
export interface GuestFiles {
  readonly copies: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Boots the guest and hands over each line that it prints, until it powers off. */
export async function runGuest(
  scratch: string,
  { copies, texts }: GuestFiles,
  progress: Progress,
  line: (text: string) => void,
): Promise<void> {
  await installPackages(['busybox-static', 'lz4', 'qemu-system-x86'], progress);
  const kernel = await fetchKernel(progress);
  const root = path.join(scratch, 'guest');
  await installBusybox(path.join(root, 'bin'));
  const place = (to: string, write: (file: string) => void): void => {
    const file = path.join(root, to);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    write(file);
  };
  for (const [to, from] of Object.entries(copies))
    place(to, (file) => fs.cpSync(from, file, { recursive: true, dereference: true }));
  for (const [to, text] of Object.entries(texts)) place(to, (file) => fs.writeFileSync(file, text));
  place('init', (file) => {
    fs.copyFileSync(new URL('init.sh', import.meta.url), file);
    fs.chmodSync(file, 0o755);
  });
  // The whole system is the kernel's initial file system, so the guest needs no disk and no driver.
  const initrd = path.join(scratch, 'guest.cpio');
  await command('sh', ['-c', 'find . | busybox cpio -o -H newc >"$1"', 'sh', initrd], { cwd: root });
  const child = spawn(
    'qemu-system-x86_64',
    [...emulated({ kernel: kernel.file, initrd, memoryMiB: 1536 }), '-device', 'virtio-rng-pci'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  for await (const text of createInterface({ input: child.stdout })) line(text.trimEnd());
  if (child.exitCode === null) await once(child, 'exit');
  process.off('exit', kill);
}
