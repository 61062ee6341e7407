/**
 * Tools and their formulas, one row each. docs/explain.md lists the sources. Formulas use the kernel's names: files of the
 * cgroup, keys of its memory.stat, and the prefixes that `ToolInputs.figures` in tools.ts describes.
 */
import type { Brief, Writing } from '../render/tool-reading.ts';

export interface ToolRow {
  readonly tool: string;
  readonly version: string;
  readonly writing: Writing;
  readonly v1: string | None;
  readonly v2: string | None;
  readonly why: string;
  /** The short screen shows this row, with this label and reason. */
  readonly brief?: Brief;
  /** Replaces `why` on v2. */
  readonly v2Why?: string;
  /** Replaces `why` under the multi-generational LRU. */
  readonly multiGenWhy?: string;
  /** The tool also shows the limit, and usage as a share of the limit. */
  readonly share?: true;
  /** What the tool shows if the difference is negative. Default: 0. */
  readonly belowZero?: 'usage';
  /** The figure is at least what the anonymous LRU lists contain. */
  readonly atLeastListed?: true;
  /** A part, a peak, a count or the node: not comparable with real. */
  readonly aside?: true;
}

/** The tool has no such figure on this cgroup version. */
interface None {
  readonly none: string;
}

const none = (why: string): None => ({ none: why });

const usage = { v1: 'memory.usage_in_bytes', v2: 'memory.current' };
const workingSet = {
  v1: `${usage.v1} − total_inactive_file`,
  v2: `${usage.v2} − inactive_file`,
  multiGenWhy:
    'subtracts inactive_file, where the multi-generational LRU keeps most page cache; so it is close to real on this kernel, and higher for the same container under the classic LRU',
};
const real = {
  v1: `${usage.v1} − total_active_file − total_inactive_file`,
  v2: `${usage.v2} − active_file − inactive_file`,
};
const rss = { v1: 'total_rss', v2: 'anon' };

const allCache =
  'counts all page cache as used, though the kernel can drop active_file and inactive_file; includes tmpfs, correctly';
const activeCache =
  'subtracts inactive_file but keeps active_file, which the kernel can drop too: it is page cache';
const anonOnly =
  'counts anonymous memory only; omits tmpfs, kernel memory and socket buffers, which the kernel cannot drop either';
const cacheItself = 'page cache plus tmpfs, not the memory in use';
const cache = { v1: 'total_cache', v2: 'file' };
const kernel = { v1: 'memory.kmem.usage_in_bytes', v2: '0' };
const onV1Alone = {
  v2Why: 'always 0 on v2, because libcontainer reads it from v1 files only',
  aside: true,
} as const;
const kernelPart = 'a part of real: kernel memory (slab, stacks, page tables)';
const tcpPart =
  'v1 counts TCP buffers outside usage, and only once a TCP limit is set; until then, 0 means "not counted"';
const hits =
  'a count: how often a charge would have exceeded the limit; the kernel may have reclaimed memory and killed nothing';
const notYet = none('docker runs on cgroup v2 from 20.10 only');
const processes =
  'adds up the RSS of the processes; counts a page once per process that maps it; includes mapped page cache; omits what no process maps (unmapped tmpfs, kernel memory, sockets)';
const wholeNode = 'the node, not the container: /proc/meminfo is the same in every container';

const ours: readonly ToolRow[] = [
  {
    ...{ tool: 'realmem', version: 'real', writing: 'bytes', ...real, atLeastListed: true },
    why: 'excludes page cache, and includes anonymous memory, tmpfs, kernel memory and sockets',
  },
  {
    ...{ tool: 'realmem', version: 'unreclaimable', writing: 'bytes', atLeastListed: true },
    v1: none('v1 does not report how much slab memory the kernel can reclaim, and realmem does not guess'),
    v2: `${real.v2} − slab_reclaimable`,
    why: 'real minus the inodes and dentries that the kernel can drop too',
  },
  {
    ...{ tool: 'asPublished', version: 'a misprint', writing: 'bytes' },
    v1: `${usage.v1} − total_rss − total_active_file − total_inactive_file`,
    v2: `${usage.v2} − anon − active_file − inactive_file`,
    why: 'a mistake in the article; the formula also subtracts rss, which is not cache, so little but tmpfs remains; the text of the article describes real',
  },
];

const inWorkingSet = 'subtracts inactive page cache only; the kernel can drop active page cache too';
const briefs = {
  kubectl: { label: 'kubectl top', why: inWorkingSet },
  docker: { label: 'docker stats', why: inWorkingSet },
  workingSet: { label: 'cAdvisor working set', why: inWorkingSet },
  usage: { label: 'cAdvisor usage', why: 'counts all page cache as used' },
  rss: { label: 'cAdvisor rss', why: 'omits tmpfs, kernel memory and sockets, which the kernel cannot drop' },
  processes: {
    label: 'top, ps: RSS (KiB)',
    why: 'counts shared pages once per process, and mapped page cache',
  },
  node: { label: 'free, used (KiB)', why: 'the whole node: free shows the same in every container' },
} as const;

const docker: readonly ToolRow[] = [
  {
    ...{ tool: 'docker stats', version: '1.13 to 17.05', writing: 'binary', share: true },
    v1: usage.v1,
    v2: notYet,
    why: allCache,
  },
  {
    ...{ tool: 'docker stats', version: '17.06 to 19.03', writing: 'binary', share: true },
    v1: `${usage.v1} − total_cache`,
    v2: notYet,
    why: 'subtracts all of cache, including tmpfs, which the kernel cannot drop',
  },
  {
    ...{ tool: 'docker stats', version: 'from 20.10', writing: 'binary', share: true, ...workingSet },
    ...{ why: activeCache, brief: briefs.docker, belowZero: 'usage' },
  },
  {
    ...{ tool: 'crictl stats, cri-dockerd', version: '0.3', writing: 'decimal', ...usage },
    why: allCache,
  },
];

const kubernetes: readonly ToolRow[] = [
  {
    ...{ tool: 'kubectl top --containers', version: '1.30', writing: 'kubectl', ...workingSet },
    ...{ why: activeCache, brief: briefs.kubectl },
  },
  ...(
    [
      ['metrics-server', '0.7', 'quantity'],
      ['kubelet workingSetBytes', '1.30', 'bytes'],
      ['crictl stats', '1.30', 'decimal'],
    ] as const
  ).map(([tool, version, writing]): ToolRow => ({ tool, version, writing, ...workingSet, why: activeCache })),
];

type Formulas = Pick<ToolRow, 'v1' | 'v2'>;

const aside = { aside: true } as const;

/** A metric of the kubelet's /metrics/cadvisor, in the format that Prometheus reads. */
const metric = (name: string, formulas: Formulas, why: string, more: Partial<ToolRow> = {}): ToolRow => ({
  tool: `container_memory_${name}`,
  version: 'cAdvisor 0.49',
  writing: 'prometheus',
  ...formulas,
  why,
  ...more,
});

const cadvisor: readonly ToolRow[] = [
  metric('usage_bytes', usage, allCache, { brief: briefs.usage }),
  metric('working_set_bytes', workingSet, activeCache, { brief: briefs.workingSet }),
  metric('rss', rss, anonOnly, { brief: briefs.rss }),
  metric('cache', cache, cacheItself, aside),
  metric(
    'mapped_file',
    { v1: 'total_mapped_file', v2: 'file_mapped' },
    'a part of cache: the file and tmpfs pages that at least one process maps',
    aside,
  ),
  metric(
    'swap',
    { v1: 'total_swap', v2: 'memory.swap.current' },
    'memory on disk or in zswap, so real does not include it',
    aside,
  ),
  metric(
    'max_usage_bytes',
    { v1: 'memory.max_usage_in_bytes', v2: 'memory.peak' },
    'the highest usage so far, page cache included; reading files can raise it to the limit, where it stays',
    aside,
  ),
  metric('kernel_usage', kernel, kernelPart, onV1Alone),
  metric('failcnt', { v1: 'memory.failcnt', v2: '0' }, hits, { ...onV1Alone, writing: 'count' }),
];

const libcontainer: readonly ToolRow[] = (
  [
    ['cache', cache, cacheItself, aside],
    ['usage', usage, allCache, {}],
    [
      'swap usage',
      { v1: 'memory.memsw.usage_in_bytes', v2: 'memory.swap.current + memory.current' },
      'memory plus swap, despite its name',
      aside,
    ],
    ['kernel usage', kernel, kernelPart, onV1Alone],
    ['kernel tcp usage', { v1: 'memory.kmem.tcp.usage_in_bytes', v2: '0' }, tcpPart, onV1Alone],
  ] as const
).map(([name, formulas, why, more]) => ({
  ...{ tool: `libcontainer ${name}`, version: 'runc 1.1', writing: 'bytes' },
  ...{ ...formulas, why, ...more },
}));

const podman: readonly ToolRow[] = [
  {
    ...{ tool: 'podman stats', version: '4.0 to 5.5', writing: 'decimal', share: true },
    v1: usage.v1,
    v2: 'anon',
    ...{ why: allCache, v2Why: anonOnly },
  },
  {
    ...{ tool: 'podman stats', version: 'from 5.6', writing: 'decimal', share: true, ...workingSet },
    why: activeCache,
  },
];

const agents: readonly ToolRow[] = [
  {
    ...{ tool: 'Koordinator, without page cache', version: '1.5', writing: 'quantity' },
    v1: 'total_active_anon + total_inactive_anon + total_unevictable',
    v2: 'active_anon + inactive_anon + unevictable',
    why: 'adds up the LRU lists of anonymous memory and tmpfs, and locked pages; omits kernel memory and sockets',
  },
  {
    ...{ tool: 'coroot', version: 'node-agent 1.2x', writing: 'prometheus' },
    v1: 'total_rss + total_mapped_file',
    v2: 'anon + file_mapped',
    why: 'counts anonymous memory and mapped file pages; includes mapped page cache, which the kernel can drop; omits unmapped tmpfs and kernel memory',
  },
  { ...{ tool: 'Netdata mem_usage', version: '2', writing: 'MiB', ...workingSet }, why: activeCache },
];

const byProcess: readonly ToolRow[] = [
  {
    ...{ tool: 'ps, RSS', version: 'procps-ng 4.0', writing: 'KiB', v1: 'Σ VmRSS', v2: 'Σ VmRSS' },
    why: processes,
  },
  {
    ...{ tool: 'top, RES', version: 'procps-ng 4.0', writing: 'KiB', v1: 'Σ VmRSS', v2: 'Σ VmRSS' },
    ...{ why: processes, brief: briefs.processes },
  },
  {
    ...{ tool: 'pmap -d, writeable/private', version: 'procps-ng 4.0', writing: 'K' },
    ...{ v1: 'Σ writeable/private', v2: 'Σ writeable/private' },
    why: 'writable address space, with or without memory behind it',
  },
];

const free = (version: string, formula: string, why: string): ToolRow => ({
  ...{ tool: 'free, used', version, writing: 'KiB', v1: formula, v2: formula, aside: true, why },
});

const node: readonly ToolRow[] = [
  free(
    'to 3.3.9, -/+',
    'MemTotal − MemFree − Buffers − Cached',
    `${wholeNode}; counts tmpfs as free, because Cached includes tmpfs`,
  ),
  free(
    '3.3.10 to 4.0.0',
    'MemTotal − MemFree − Buffers − Cached − SReclaimable',
    `${wholeNode}; counts tmpfs as free, because Cached includes tmpfs`,
  ),
  { ...free('from 4.0.1', 'MemTotal − MemAvailable', wholeNode), brief: briefs.node },
  {
    ...{ tool: 'kubelet eviction, memory.available', version: '1.30', writing: 'quantity' },
    v1: 'MemTotal − root memory.usage_in_bytes + root total_inactive_file',
    v2: 'MemTotal − root anon − root file + root inactive_file',
    ...{ aside: true },
    why: 'the node: capacity minus the working set of the root cgroup, so active page cache can cause evictions',
  },
];

export const toolRows: readonly ToolRow[] = [
  ...ours,
  ...docker,
  ...kubernetes,
  ...cadvisor,
  ...libcontainer,
  ...podman,
  ...agents,
  ...byProcess,
  ...node,
];
