/** Why the sum over the processes differs from what the kernel charges to their cgroup. */
import { type Bytes, bytes, formatBytes } from '../model/bytes.ts';
import type { Processes, ProcessSums } from '../model/process.ts';
import type { MemoryUsage } from '../model/usage.ts';

/** One sentence for each reason, the largest difference first. */
export function sumReasonsOf(
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
  say(more, file, 'of mapped files (programs, libraries): droppable page cache');
  say(
    more,
    minus(rss, pss),
    'counted more than once: pages that several processes map, here or elsewhere, including mapped files',
  );
  say(less, minus(shmem, mappedShmem), 'of tmpfs that no process maps (files in /dev/shm, memory volumes)');
  say(less, kernel, 'of kernel memory: slab, stacks, page tables');
  say(less, sock, 'of socket buffers');
  const texts = (list: [number, string][]): readonly string[] =>
    list.sort(([a], [b]) => b - a).map(([, text]) => `  ${text}`);
  const lines = [
    ...(rss === undefined || real === undefined ? [] : [compared(rss, real)]),
    ...(more.length > 0 ? ['In RSS but not in real:', ...texts(more)] : []),
    ...(less.length > 0 ? ['In real but in no RSS:', ...texts(less)] : []),
  ];
  const charged =
    'The kernel charges a page to the cgroup that touched it first. A page that another cgroup touched first counts here in RSS only.';
  const unread = processes.filter(
    ({ none, pssBytes }) => none === undefined && pssBytes === undefined,
  ).length;
  const missing = [
    ...(unread > 0
      ? [
          `PSS is unknown for ${unread} of ${processes.length} processes: only their owner or root may read it.`,
        ]
      : []),
    ...(gone > 0 ? [`Ended before realmem could read them: ${gone}.`] : []),
    ...(unseen > 0
      ? [
          `${unseen} more are in another PID namespace, which is hidden from here (for an agent, install realmem with --set hostPID=true).`,
        ]
      : []),
    ...faults
      .slice(0, 1)
      .map((fault) => (faults.length > 1 ? `${fault} (and ${faults.length - 1} more)` : fault)),
  ];
  return [...lines, ...(lines.length > 0 ? [charged] : []), ...missing];
}

function compared(rss: Bytes, real: Bytes): string {
  const off = rss - real;
  const both = `RSS adds up to ${formatBytes(rss)}, but the real memory of the cgroup is ${formatBytes(real)}`;
  return off === 0
    ? `RSS adds up to ${formatBytes(rss)}. The real memory of the cgroup is the same, by chance.`
    : `${both}: ${formatBytes(bytes(Math.abs(off)))} ${off > 0 ? 'less' : 'more'}.`;
}

const minus = (from: Bytes | undefined, part: Bytes | undefined): number | undefined =>
  from === undefined || part === undefined ? undefined : from - part;
