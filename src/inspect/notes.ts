/** Notes in the header of an explanation: the kernel's LRU, and `memory.high`. */

import { formatBytes } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { isAboveOwnHigh, isThrottledByOneReading, type MemoryUsage } from '../model/usage.ts';
import type { Explanation } from './explanation.ts';

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
