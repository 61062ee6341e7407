/** Notes in the header of an explanation: what a probe found, the kernel's LRU, and `memory.high`. */

import { type Bytes, bytes, formatBytes } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { formatSpan, rfc3339 } from '../model/time.ts';
import { isAboveOwnHigh, isThrottledByOneReading, type MemoryUsage } from '../model/usage.ts';
import { oldWords } from '../recommend/probed.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import type { Explanation, KnownProbe } from './explanation.ts';

/** Bytes. With less page cache, the LRU does not change any figure visibly. */
const least = 2 ** 20;

export function lruNotes({ lru, usage }: Explanation): readonly string[] {
  const { activeFileBytes: active, inactiveFileBytes: inactive } = usage;
  if (lru === 'multi-generational')
    return [
      'This kernel runs the multi-generational LRU. Here, active file means that a page is young, not that a process read it again. Most page cache is in inactive file, so the working set (kubectl top) is lower than under the classic LRU for the same container. Real is the same under both.',
    ];
  if (
    lru === 'unknown' &&
    active !== undefined &&
    active < least &&
    inactive !== undefined &&
    inactive >= least
  )
    return [
      'It is unknown which LRU this kernel runs. Under the multi-generational LRU, processes can read page cache again and again while active file stays near 0.',
    ];
  return [];
}

export function highNotes({ usage, cgroup }: Explanation): readonly string[] {
  const { highBytes, highFrom, limitBytes } = usage;
  if (highBytes === undefined) return [];
  const of = highFrom === undefined ? '' : ` of ${printable(highFrom)}`;
  const max = limitBytes === undefined ? 'not set' : formatBytes(limitBytes);
  return [
    `memory.high${of} is ${formatBytes(highBytes)}. Above it, the kernel throttles the processes and reclaims memory, but kills nothing. The OOM killer acts at memory.max, which is ${max}.`,
    ...eventsNote(usage),
    ...setterNote(highFrom ?? cgroup),
  ];
}

function eventsNote(usage: MemoryUsage): readonly string[] {
  const { highEvents, psiSomeAvg60 } = usage;
  if (highEvents === 0) return ['Usage was never above memory.high.'];
  const isThrottled = isThrottledByOneReading(usage);
  const waited =
    psiSomeAvg60 === undefined
      ? 'it is unknown how long its processes waited for memory'
      : psiSomeAvg60 === 0
        ? 'in the last minute no process waited for memory'
        : `in the last minute, processes waited for memory ${psiSomeAvg60} % of the time`;
  if (highEvents === undefined) {
    const unknown = 'It is unknown how often usage exceeded memory.high.';
    return isThrottled
      ? [`THROTTLED: usage is above memory.high now; ${waited}. ${unknown}`]
      : [`${unknown}${isAboveOwnHigh(usage) ? ` Usage is above memory.high now; ${waited}.` : ''}`];
  }
  const events = `usage exceeded memory.high ${highEvents} times since the cgroup was created; ${waited}.`;
  if (isThrottled) return [`THROTTLED: ${events} One reading cannot show whether this count still grows.`];
  if (psiSomeAvg60 !== undefined) return [`Throttled without harm: ${events}`];
  const room =
    usage.realBytes === undefined
      ? 'It is unknown how near real is to memory.high.'
      : 'Real is well below memory.high, so the kernel can reclaim page cache.';
  return [`Throttled at times: ${events} ${room}`];
}

const setterNote = (cgroup: string): readonly string[] =>
  /\/(?:[^/]+-)?kubepods\b/.test(cgroup)
    ? ['The kubelet sets memory.high for MemoryQoS, from memoryThrottlingFactor in the KubeletConfiguration.']
    : /\.(service|slice|scope)$/.test(cgroup)
      ? ['systemd sets memory.high from MemoryHigh= of the unit.']
      : [];

/** The page cache of now, by what a probe found: needed (hot) and cold. Undefined: no probe, or no cache is known. */
export interface SplitCache {
  readonly cache: Bytes;
  readonly needed: Bytes;
  readonly cold: Bytes;
  readonly probe: KnownProbe;
}

export function splitCache({ usage, probe }: Pick<Explanation, 'usage' | 'probe'>): SplitCache | undefined {
  const { usageBytes, realBytes } = usage;
  if (probe === undefined || usageBytes === undefined || realBytes === undefined) return undefined;
  const cache = bytes(Math.max(0, usageBytes - realBytes));
  const needed = bytes(Math.min(cache, probe.neededCacheBytes));
  return { cache, needed, cold: bytes(cache - needed), probe };
}

/** `probe on 2026-11-30`, `old probe of cart-1 on 2026-10-01: more than 30 days ago`. */
function probeInWords({ at, pod, old }: KnownProbe): string {
  const of = pod === undefined ? '' : ` of ${pod}`;
  const date = rfc3339(1000 * at).slice(0, 10);
  return `${old === undefined ? '' : 'old '}probe${of} on ${date}${old === undefined ? '' : `: ${oldWords[old]}`}`;
}

/** `PAGE CACHE 96Mi = 32Mi needed + 64Mi cold (probe on 2026-11-30)`; nothing without a probe. */
export function probeNotes(explained: Pick<Explanation, 'usage' | 'probe'>): readonly string[] {
  const split = splitCache(explained);
  if (split === undefined) return [];
  const { cache, needed, cold, probe } = split;
  const hot = `${probe.isAtMost ? 'at most ' : ''}${formatBytes(needed)} needed`;
  const parts = `${formatBytes(cache)} = ${hot} + ${formatBytes(cold)} cold`;
  return [`PAGE CACHE ${parts} (${printable(probeInWords(probe))})`];
}

/** The same as rows beside those of tools: for every form that shows each row. */
export function probeReadings(explained: Pick<Explanation, 'usage' | 'probe'>): readonly ToolReading[] {
  const split = splitCache(explained);
  if (split === undefined) return [];
  const { needed, cold, probe } = split;
  const version = probeInWords(probe);
  const row = { version, writing: 'quantity', aside: true } as const;
  const bound = probe.isAtMost ? ', and it may need less' : '';
  return [
    {
      ...{ ...row, tool: 'needed page cache', value: needed },
      why: `the probe found that it rereads ${formatBytes(bytes(probe.neededCacheBytes))}${bound}`,
    },
    {
      ...{ ...row, tool: 'cold page cache', value: cold },
      why: `the rest: nobody read what the probe took within ${formatSpan(probe.watchedSeconds)}`,
    },
  ];
}
