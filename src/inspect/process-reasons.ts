/** Why processes added up are not what their cgroup is charged with. */
import { type Bytes, bytes, formatBytes } from '../model/bytes.ts';
import type { Processes, ProcessSums } from '../model/process.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** A sentence for each reason, largest first where both are known. */
export function reasonsOf(
  { processes, gone, unseen, faults }: Processes,
  sums: ProcessSums,
  usage: MemoryUsage,
): readonly string[] {
  const { realBytes: real, shmemBytes: shmem, kernelBytes: kernel, sockBytes: sock } = usage;
  const { rssBytes: rss, pssBytes: pss, fileBytes: file, shmemBytes: mappedShmem } = sums;
  const more: [number, string][] = [];
  const less: [number, string][] = [];
  const say = (list: [number, string][], size: number | undefined, text: string): void => {
    if (size !== undefined && size > 0) list.push([size, `${formatBytes(bytes(size))} ${text}`]);
  };
  say(more, file, 'of mapped files (programs, libraries): page cache, which can be dropped');
  say(
    more,
    minus(rss, pss),
    'counted more than once: pages that several processes map, here or elsewhere, mapped files among them',
  );
  say(less, minus(shmem, mappedShmem), 'of tmpfs that no process maps (files in /dev/shm, memory volumes)');
  say(less, kernel, 'of kernel memory: slab, stacks, page tables');
  say(less, sock, 'of socket buffers');
  const texts = (list: [number, string][]): readonly string[] =>
    list.sort(([a], [b]) => b - a).map(([, text]) => `  ${text}`);
  const lines = [
    ...(rss === undefined || real === undefined ? [] : [compared(rss, real)]),
    ...(more.length > 0 ? ['In RSS and not in real:', ...texts(more)] : []),
    ...(less.length > 0 ? ['In real and in no RSS:', ...texts(less)] : []),
  ];
  const charged =
    'A page is charged to the cgroup that touched it first: what another one brought in counts here as RSS alone.';
  const unread = processes.filter(
    ({ none, pssBytes }) => none === undefined && pssBytes === undefined,
  ).length;
  const missing = [
    ...(unread > 0
      ? [`PSS is not known of ${unread} of ${processes.length} processes: it takes their owner or root.`]
      : []),
    ...(gone > 0 ? [`${gone} ended meanwhile.`] : []),
    ...(unseen > 0
      ? [`${unseen} more are of another PID namespace, which cannot be seen from here (in a pod: hostPID).`]
      : []),
    ...faults
      .slice(0, 1)
      .map((fault) => (faults.length > 1 ? `${fault} (and ${faults.length - 1} more)` : fault)),
  ];
  return [...lines, ...(lines.length > 0 ? [charged] : []), ...missing];
}

function compared(rss: Bytes, real: Bytes): string {
  const off = rss - real;
  const both = `RSS adds up to ${formatBytes(rss)}, and the cgroup really uses ${formatBytes(real)}`;
  return off === 0
    ? `${both}: the same, by chance.`
    : `${both}: ${formatBytes(bytes(Math.abs(off)))} ${off > 0 ? 'less' : 'more'}.`;
}

const minus = (from: Bytes | undefined, part: Bytes | undefined): number | undefined =>
  from === undefined || part === undefined ? undefined : from - part;
