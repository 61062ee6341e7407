/** All formulas that common tools use (docs/accounting.md). */
import { asPublished } from '../../../src/account/node.ts';
import { type Bytes, bytes } from '../../../src/model/bytes.ts';
import type { MemoryUsage } from '../../../src/model/usage.ts';
import type { Figures, Measurement } from './measure.ts';

export interface Formula {
  readonly name: string;
  readonly of: (figures: Figures) => Bytes | undefined;
  readonly who: string;
  /** A formula of realmem. */
  readonly own?: true;
}

type Term = Bytes | undefined;

const add = (a: Term, b: Term): Term => (a === undefined || b === undefined ? undefined : bytes(a + b));
const less = (a: Term, b: Term): Term => (a === undefined || b === undefined ? undefined : bytes(a - b));
const figure =
  (name: 'realBytes' | 'unreclaimableBytes' | 'workingSetBytes' | 'usageBytes' | 'rssBytes') =>
  ({ usage }: { readonly usage: MemoryUsage }): Term =>
    usage[name];

export const formulas: readonly Formula[] = [
  { name: 'real', of: figure('realBytes'), who: 'realmem', own: true },
  { name: 'unreclaimable', of: figure('unreclaimableBytes'), who: 'realmem, beside real', own: true },
  {
    name: 'working set',
    of: figure('workingSetBytes'),
    who: 'kubelet, `kubectl top`, cAdvisor, containerd, CRI-O, podman; `docker stats` today',
  },
  {
    name: 'usage − cache',
    of: ({ usage }) => less(usage.usageBytes, usage.cacheBytes),
    who: '`docker stats` to 19.03',
  },
  { name: 'usage', of: figure('usageBytes'), who: '`docker stats` before that, cri-dockerd, libcontainer' },
  { name: 'rss', of: figure('rssBytes'), who: 'cAdvisor, Prometheus' },
  {
    name: 'anon LRU + unevictable',
    of: ({ sample: { stat } }) => add(add(stat?.activeAnon, stat?.inactiveAnon), stat?.unevictable),
    who: 'Koordinator, without page cache',
  },
  {
    name: 'rss + mapped',
    of: ({ usage }) => add(usage.rssBytes, usage.mappedFileBytes),
    who: 'coroot',
  },
  {
    name: 'real − rss',
    of: ({ usage: { usageBytes, rssBytes, activeFileBytes, inactiveFileBytes } }) =>
      usageBytes === undefined ||
      rssBytes === undefined ||
      activeFileBytes === undefined ||
      inactiveFileBytes === undefined
        ? undefined
        : asPublished(usageBytes, rssBytes, activeFileBytes, inactiveFileBytes),
    who: 'the formula that the article prints: a misprint',
  },
];

/** Formula − truth. Undefined if the kernel does not report a figure that the formula needs. */
export function errorOf(formula: Formula, { before, truth }: Measurement): Bytes | undefined {
  return less(formula.of(before), truth);
}
