/** The same workloads on cgroup v2, in a virtual machine. QEMU emulates it, so it needs no KVM. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fetchKernel, type Kernel } from '../../../cluster/guest/kernel.ts';
import { emulated } from '../../../cluster/guest/qemu.ts';
import { installPackages } from '../../../cluster/machine/packages.ts';
import type { Progress } from '../../../cluster/machine/progress.ts';
import type { Listener, Work } from '../workers.ts';
import { makeDisk, makeInitrd } from './image.ts';
import { parsePrinted } from './printed.ts';

export interface GuestWork extends Work {
  readonly isMultiGenerational: boolean;
}

export async function kernelOfGuest(progress: Progress): Promise<Kernel> {
  await installPackages(['busybox-static', 'e2fsprogs', 'lz4', 'qemu-system-x86'], progress);
  return fetchKernel(progress);
}

/** @param reader the program of known need */
export async function measureInGuest(
  scratch: string,
  reader: string,
  kernel: Kernel,
  { isMultiGenerational, ...work }: GuestWork,
  progress: Progress,
  { say, measured, failed }: Listener,
): Promise<void> {
  const disk = await progress.part('disk of the guest', () => makeDisk(scratch, reader, work));
  const initrd = await makeInitrd(scratch, kernel);
  const parameters = [`LRU_GEN=${isMultiGenerational ? 'y' : 'n'}`];
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...emulated({ kernel: kernel.file, initrd, memoryMiB: 2048, parameters }),
      ...['-drive', `file=${disk},if=virtio,format=raw,cache=unsafe`, '-device', 'virtio-rng-pci'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let isDone = false;
  const left = new Set(work.names);
  for await (const line of createInterface({ input: child.stdout })) {
    const printed = parsePrinted(line.trimEnd());
    if (printed === undefined) say(line.trimEnd());
    else if (printed.said !== undefined) say(printed.said);
    else if (printed.measured !== undefined) {
      left.delete(printed.measured.name);
      measured(printed.measured);
    } else if (printed.failed !== undefined) {
      left.delete(printed.failed.name);
      failed(printed.failed.name, printed.failed.why);
    } else isDone = printed.isDone === true;
  }
  if (child.exitCode === null) await once(child, 'exit');
  process.off('exit', kill);
  for (const name of isDone ? [] : left) failed(name, 'the guest ended early');
}
