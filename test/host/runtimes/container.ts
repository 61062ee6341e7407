/** A container of either runtime, and its workload. */
import { readMemory } from '../machine/cgroups.ts';
import { until } from '../machine/command.ts';

export interface Container {
  readonly id: string;
  /** Its path in the memory hierarchy. */
  readonly cgroup: string;
  /** Uses the freezer of its cgroup. */
  pause(): void;
  remove(): void;
}

export const mebibyte = 1024 ** 2;

/** The sizes of `rereads`: tmpfs, which the kernel cannot drop, and a file, which it can. */
export const tmpfsBytes = 20 * mebibyte;
export const fileBytes = 50 * mebibyte;

/** The case of the article: tmpfs in use, and a file that is read so often that all its pages are active. */
export const rereads = `
  dd if=/dev/zero of=/dev/shm/kept bs=1048576 count=${tmpfsBytes / mebibyte}
  dd if=/dev/zero of=/file bs=1048576 count=${fileBytes / mebibyte}
  while :; do cat /file > /dev/null; usleep 100000; done`;

export const idle = 'while :; do sleep 3600; done';

/** Waits until `rereads` has filled tmpfs and has read its file again. */
export async function untilWarm({ cgroup }: Container): Promise<void> {
  await until(`${cgroup} to have read its file again`, () => {
    const { shmem, activeFile } = readMemory(cgroup);
    return (shmem >= tmpfsBytes && activeFile >= fileBytes) || undefined;
  });
}
