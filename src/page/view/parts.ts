/** One container's usage in parts, and which of them each tool counts. docs/explain.md has the sources of the formulas. */
import type { PageUsage } from '../data.ts';
import { kubectlSize, size } from './words.ts';

export const partNames = [
  'anon',
  'tmpfs',
  'kernel',
  'slab',
  'rest',
  'real',
  'active',
  'inactive',
  'cache',
] as const;
export type PartName = (typeof partNames)[number];

export interface BarPart {
  readonly name: PartName;
  readonly title: string;
  readonly note: string;
  readonly bytes: number;
  readonly isReal: boolean;
}

/** The parts add up to usage. Parts that the data does not tell apart are one part. */
export function barParts(usage: PageUsage): readonly BarPart[] {
  const { real, usage: total } = usage;
  if (real === undefined) return [];
  return [...realParts(usage, real), ...cacheParts(usage, real, Math.max(total ?? real, real))].filter(
    (part) => part.bytes > 0,
  );
}

function realParts(
  { anon, tmpfs, kernel, slabReclaimable = 0, sockets = 0 }: PageUsage,
  real: number,
): readonly BarPart[] {
  const part = partMaker(true);
  if (anon === undefined) return [part('real', 'real', 'heaps, stacks, tmpfs and kernel memory', real)];
  // The kernel counts in two files, which it does not read at once: no part exceeds what remains.
  let left = real;
  const take = (amount: number): number => {
    const taken = Math.min(Math.max(0, amount), left);
    left -= taken;
    return taken;
  };
  const slab = Math.min(slabReclaimable, kernel ?? slabReclaimable);
  const parts = [
    part('anon', 'anonymous', 'heaps and stacks', take(anon)),
    part(
      'tmpfs',
      'tmpfs',
      'memory volumes and shared memory: files that have no disk to go to',
      take(tmpfs ?? 0),
    ),
    part('kernel', 'kernel', 'page tables, stacks, socket buffers', take((kernel ?? 0) - slab + sockets)),
    part('slab', 'inodes and dentries', 'counted as real, though the kernel can drop most of it', take(slab)),
  ];
  return [...parts, part('rest', 'other', 'kernel memory that no part explains', left)];
}

/** Both parts follow from what the tools show, so the picture and the rows below it agree. */
function cacheParts({ workingSet }: PageUsage, real: number, total: number): readonly BarPart[] {
  const part = partMaker(false);
  if (workingSet === undefined || workingSet < real || workingSet > total)
    return [part('cache', 'page cache', 'the kernel drops it when it needs memory', total - real)];
  return [
    part('active', 'active page cache', 'read more than once; the kernel can drop it', workingSet - real),
    part('inactive', 'inactive page cache', 'the kernel drops it first', total - workingSet),
  ];
}

const partMaker =
  (isReal: boolean) =>
  (name: PartName, title: string, note: string, bytes: number): BarPart => ({
    name,
    title,
    note,
    bytes,
    isReal,
  });

export interface ToolFigure {
  readonly tool: string;
  /** As the tool writes it. */
  readonly shows: string;
  readonly bytes: number;
  /** What it counts. Empty: unknown parts of usage. */
  readonly counts: readonly PartName[];
  readonly why: string;
  /** Its second figure: the share of the limit. */
  readonly share?: string;
  readonly isOurs?: true;
}

const inReal: readonly PartName[] = ['real', 'anon', 'tmpfs', 'kernel', 'slab', 'rest'];

/** What each tool shows for the container, real first. Without a figure a tool is left out. */
export function readingsOf(usage: PageUsage): readonly ToolFigure[] {
  const { real, workingSet, usage: total, anon, limit, limitFrom } = usage;
  const ofLimit =
    workingSet === undefined || limit === undefined || limitFrom !== undefined
      ? ''
      : `${((workingSet / limit) * 100).toFixed(2)}% of ${size(limit)}`;
  const cache = real === undefined || workingSet === undefined ? undefined : workingSet - real;
  const active =
    cache === undefined
      ? 'Subtracts inactive page cache only.'
      : cache <= 0
        ? 'Subtracts inactive page cache only. This container has no active page cache, so it is close to real.'
        : `Subtracts inactive page cache only: it counts ${size(cache)} of active page cache, which the kernel can drop too.`;
  const row = (
    tool: string,
    bytes: number | undefined,
    counts: readonly PartName[],
    why: string,
    shows = size(bytes),
  ): readonly ToolFigure[] => (bytes === undefined ? [] : [{ tool, shows, bytes, counts, why }]);
  return [
    ...row(
      'realmem: real',
      real,
      inReal,
      'Counts what the kernel cannot give back: anonymous memory, tmpfs and kernel memory.',
    ).map((one): ToolFigure => ({ ...one, isOurs: true })),
    ...row('kubectl top, working set', workingSet, [...inReal, 'active'], active, kubectlSize(workingSet)),
    ...row(
      'docker stats',
      workingSet,
      [...inReal, 'active'],
      'The same formula as kubectl top, since docker 20.10.',
    ).map((one): ToolFigure => (ofLimit === '' ? one : { ...one, share: ofLimit })),
    ...row(
      'container_memory_usage_bytes',
      total,
      [...inReal, 'active', 'inactive', 'cache'],
      'Counts all page cache as used. It rises to the limit when the container reads files, and stays there.',
    ),
    ...row('container_memory_rss', anon, ['anon'], rssWhy(usage)),
  ];
}

const rssWhy = ({ tmpfs = 0 }: PageUsage): string =>
  tmpfs > 0
    ? `Counts anonymous memory only: it omits ${size(tmpfs)} of tmpfs and kernel memory, which the kernel cannot drop either.`
    : 'Counts anonymous memory only: it omits tmpfs and kernel memory, which the kernel cannot drop either.';
