/**
 * Tools and their formulas, a line for each. Where they stand is in docs/explain.md. Names are the kernel's: files of
 * the cgroup, keys of its memory.stat, and what `account/rivals.ts` says beside.
 */
import type { Writing } from '../render/tool-reading.ts';

export interface Row {
  readonly tool: string;
  readonly version: string;
  readonly writing: Writing;
  readonly v1: string | None;
  readonly v2: string | None;
  readonly why: string;
  /** On v2, where it is another. */
  readonly v2Why?: string;
  /** Under the multi-generational LRU, where it is another. */
  readonly multiGenWhy?: string;
  /** Shown with a limit and as a share of it. */
  readonly share?: true;
  /** What it shows where the difference is below zero; 0 unless said. */
  readonly belowZero?: 'usage';
  /** Never below the anonymous lists. */
  readonly atLeastListed?: true;
  readonly aside?: true;
}

/** This tool has no such figure there. */
interface None {
  readonly none: string;
}

const none = (why: string): None => ({ none: why });

const usage = { v1: 'memory.usage_in_bytes', v2: 'memory.current' };
const workingSet = {
  v1: `${usage.v1} − total_inactive_file`,
  v2: `${usage.v2} − inactive_file`,
  multiGenWhy:
    'takes inactive_file away, where most page cache stands under the multi-generational LRU: so it is close to real on this kernel, and higher for the same container under the classic LRU',
};
const real = {
  v1: `${usage.v1} − total_active_file − total_inactive_file`,
  v2: `${usage.v2} − active_file − inactive_file`,
};
const rss = { v1: 'total_rss', v2: 'anon' };

const allCache =
  'counts all page cache as used, though active_file and inactive_file can be dropped; tmpfs is rightly in it';
const activeCache =
  'takes inactive_file away but keeps active_file, which is page cache as well: the kernel can drop it too';
const anonOnly =
  'anonymous memory alone: no tmpfs, no kernel memory, no socket buffers, which nobody can drop either';
const cacheItself = 'the cache itself, not what is used; tmpfs stands in it beside the page cache';
const cache = { v1: 'total_cache', v2: 'file' };
const kernel = { v1: 'memory.kmem.usage_in_bytes', v2: '0' };
const onV1Alone = {
  v2Why: 'always 0 on v2: libcontainer fills it from v1 files alone',
  aside: true,
} as const;
const kernelPart = 'a part of real: kernel memory (slab, stacks, page tables)';
const tcpPart =
  'v1 counts TCP buffers outside of usage, and not at all before a TCP limit is set: then 0 means "not counted"';
const hits = 'a count: how often usage was about to go over the limit; nobody need have been killed';
const notYet = none('no docker of that age runs on cgroup v2: from 20.10');
const processes =
  'added up over its processes: a page that several map counts in each, mapped page cache is in it, and what no process maps is missing (unmapped tmpfs, kernel memory, sockets)';
const wholeNode = 'the node, not the container: /proc/meminfo is the same in every container';

const ours: readonly Row[] = [
  {
    ...{ tool: 'realmem', version: 'real', writing: 'bytes', ...real, atLeastListed: true },
    why: 'page cache out, tmpfs, anonymous, kernel and socket memory in',
  },
  {
    ...{ tool: 'realmem', version: 'unreclaimable', writing: 'bytes', atLeastListed: true },
    v1: none('v1 does not say how much slab memory can be reclaimed: never guessed'),
    v2: `${real.v2} − slab_reclaimable`,
    why: 'real less the inodes and dentries that the kernel can drop too',
  },
  {
    ...{ tool: 'asPublished', version: 'an erratum', writing: 'bytes' },
    v1: `${usage.v1} − total_rss − total_active_file − total_inactive_file`,
    v2: `${usage.v2} − anon − active_file − inactive_file`,
    why: 'the formula as once printed: rss is no cache, and without it little but tmpfs is left; its text means real',
  },
];

const docker: readonly Row[] = [
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
    why: 'takes all of cache away, and tmpfs with it, which cannot be dropped',
  },
  {
    ...{ tool: 'docker stats', version: 'from 20.10', writing: 'binary', share: true, ...workingSet },
    ...{ why: activeCache, belowZero: 'usage' },
  },
  {
    ...{ tool: 'crictl stats, cri-dockerd', version: '0.3', writing: 'decimal', ...usage },
    why: allCache,
  },
];

const kubernetes: readonly Row[] = [
  ...(
    [
      ['kubectl top --containers', '1.30', 'kubectl'],
      ['metrics-server', '0.7', 'quantity'],
      ['kubelet workingSetBytes', '1.30', 'bytes'],
      ['crictl stats', '1.30', 'decimal'],
    ] as const
  ).map(([tool, version, writing]): Row => ({ tool, version, writing, ...workingSet, why: activeCache })),
];

type Formulas = Pick<Row, 'v1' | 'v2'>;

/** A part, a peak, a count: shown beside. */
const aside = { aside: true } as const;

/** As Prometheus reads them from the kubelet's /metrics/cadvisor. */
const metric = (name: string, formulas: Formulas, why: string, more: Partial<Row> = {}): Row => ({
  tool: `container_memory_${name}`,
  version: 'cAdvisor 0.49',
  writing: 'prometheus',
  ...formulas,
  why,
  ...more,
});

const cadvisor: readonly Row[] = [
  metric('usage_bytes', usage, allCache),
  metric('working_set_bytes', workingSet, activeCache),
  metric('rss', rss, anonOnly),
  metric('cache', cache, cacheItself, aside),
  metric(
    'mapped_file',
    { v1: 'total_mapped_file', v2: 'file_mapped' },
    'a part of cache: file and tmpfs pages that some process maps',
    aside,
  ),
  metric(
    'swap',
    { v1: 'total_swap', v2: 'memory.swap.current' },
    'on disk or in zswap, not in memory: no part of real',
    aside,
  ),
  metric(
    'max_usage_bytes',
    { v1: 'memory.max_usage_in_bytes', v2: 'memory.peak' },
    'the highest usage ever, page cache in it: files alone take it up to the limit, where it stays',
    aside,
  ),
  metric('kernel_usage', kernel, kernelPart, onV1Alone),
  metric('failcnt', { v1: 'memory.failcnt', v2: '0' }, hits, { ...onV1Alone, writing: 'count' }),
];

const libcontainer: readonly Row[] = (
  [
    ['cache', cache, cacheItself, aside],
    ['usage', usage, allCache, {}],
    [
      'swap usage',
      { v1: 'memory.memsw.usage_in_bytes', v2: 'memory.swap.current + memory.current' },
      'memory and swap in one figure, in spite of its name',
      aside,
    ],
    ['kernel usage', kernel, kernelPart, onV1Alone],
    ['kernel tcp usage', { v1: 'memory.kmem.tcp.usage_in_bytes', v2: '0' }, tcpPart, onV1Alone],
  ] as const
).map(([name, formulas, why, more]) => ({
  ...{ tool: `libcontainer ${name}`, version: 'runc 1.1', writing: 'bytes' },
  ...{ ...formulas, why, ...more },
}));

const podman: readonly Row[] = [
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

const agents: readonly Row[] = [
  {
    ...{ tool: 'Koordinator, without page cache', version: '1.5', writing: 'quantity' },
    v1: 'total_active_anon + total_inactive_anon + total_unevictable',
    v2: 'active_anon + inactive_anon + unevictable',
    why: 'anonymous memory and tmpfs by their lists, and locked pages: it loses kernel memory and sockets',
  },
  {
    ...{ tool: 'coroot', version: 'node-agent 1.2x', writing: 'prometheus' },
    v1: 'total_rss + total_mapped_file',
    v2: 'anon + file_mapped',
    why: 'anonymous memory and what is mapped of files: mapped page cache can be dropped, unmapped tmpfs and kernel memory are missing',
  },
  { ...{ tool: 'Netdata mem_usage', version: '2', writing: 'MiB', ...workingSet }, why: activeCache },
];

const byProcess: readonly Row[] = [
  {
    ...{ tool: 'ps, RSS', version: 'procps-ng 4.0', writing: 'KiB', v1: 'Σ VmRSS', v2: 'Σ VmRSS' },
    why: processes,
  },
  {
    ...{ tool: 'top, RES', version: 'procps-ng 4.0', writing: 'KiB', v1: 'Σ VmRSS', v2: 'Σ VmRSS' },
    why: processes,
  },
  {
    ...{ tool: 'pmap -d, writeable/private', version: 'procps-ng 4.0', writing: 'K' },
    ...{ v1: 'Σ writeable/private', v2: 'Σ writeable/private' },
    why: 'address space that could be written, whether there is memory behind it or not',
  },
];

const free = (version: string, formula: string, why: string): Row => ({
  ...{ tool: 'free, used', version, writing: 'KiB', v1: formula, v2: formula, aside: true, why },
});

const node: readonly Row[] = [
  free(
    'to 3.3.9, -/+',
    'MemTotal − MemFree − Buffers − Cached',
    `${wholeNode}; and tmpfs, which stands in Cached, passes for free`,
  ),
  free(
    '3.3.10 to 4.0.0',
    'MemTotal − MemFree − Buffers − Cached − SReclaimable',
    `${wholeNode}; and tmpfs, which stands in Cached, passes for free`,
  ),
  free('from 4.0.1', 'MemTotal − MemAvailable', wholeNode),
  {
    ...{ tool: 'kubelet eviction, memory.available', version: '1.30', writing: 'quantity' },
    v1: 'MemTotal − root memory.usage_in_bytes + root total_inactive_file',
    v2: 'MemTotal − root anon − root file + root inactive_file',
    ...{ aside: true },
    why: 'the node: capacity less the working set of the root cgroup, so that active page cache can evict pods',
  },
];

export const toolRows: readonly Row[] = [
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
