/** A container of either runtime, and what it is made to do. */
import { readMemory } from './cgroups.ts';
import { until } from './command.ts';

export interface Container {
  readonly id: string;
  /** Where the kernel accounts its memory: a path in that hierarchy. */
  readonly cgroup: string;
  /** By the freezer of its cgroup. */
  pause(): void;
  remove(): void;
}

export const mebibyte = 1024 ** 2;

/** What `rereads` keeps in tmpfs, where nothing can be dropped, and in a file, all of which can. */
export const kept = 20 * mebibyte;
export const reread = 50 * mebibyte;

/** The founding document's case: tmpfs that is in use, and a file read so often that no page of it is inactive. */
export const rereads = `
  dd if=/dev/zero of=/dev/shm/kept bs=1048576 count=${kept / mebibyte}
  dd if=/dev/zero of=/file bs=1048576 count=${reread / mebibyte}
  while :; do cat /file > /dev/null; usleep 100000; done`;

export const idle = 'while :; do sleep 3600; done';

/** Waits until `rereads` has everything where it belongs. */
export async function untilWarm({ cgroup }: Container): Promise<void> {
  await until(`${cgroup} to have read its file again`, () => {
    const { shmem, activeFile } = readMemory(cgroup);
    return (shmem >= kept && activeFile >= reread) || undefined;
  });
}
