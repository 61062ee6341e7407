/** Notes below an explained cgroup: the kernel's LRU, and `memory.high`. */

import { formatBytes } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { isAboveOwnHigh, isThrottledByOneReading, type MemoryUsage } from '../model/usage.ts';
import type { Explained } from './explained.ts';

/** Less page cache makes no figure look better. */
const least = 2 ** 20;

export function lruNotes({ lru, usage }: Explained): readonly string[] {
  const { activeFileBytes: active, inactiveFileBytes: inactive } = usage;
  if (lru === 'multi-generational')
    return [
      'This kernel runs the multi-generational LRU: active file says how young a page is, not that it is read again, and most page cache stands in inactive file. So the working set (kubectl top) is lower here than under the classic LRU for the same container. Real is the same under both.',
    ];
  if (
    lru === 'unknown' &&
    active !== undefined &&
    active < least &&
    inactive !== undefined &&
    inactive >= least
  )
    return [
      'Which LRU this kernel runs is not known here. Under the multi-generational LRU no active file does not mean that no page cache is read again.',
    ];
  return [];
}

export function highNotes({ usage, cgroup }: Explained): readonly string[] {
  const { highBytes, highFrom, limitBytes } = usage;
  if (highBytes === undefined) return [];
  const of = highFrom === undefined ? '' : ` of ${printable(highFrom)}`;
  const max = limitBytes === undefined ? 'not set' : formatBytes(limitBytes);
  return [
    `memory.high${of} is ${formatBytes(highBytes)}: above it the kernel throttles the processes and reclaims memory. It kills nothing for that: the OOM killer comes at memory.max, which is ${max}.`,
    ...eventsNote(usage),
    ...setterNote(highFrom ?? cgroup),
  ];
}

function eventsNote(usage: MemoryUsage): readonly string[] {
  const { highEvents, psiSomeAvg60 } = usage;
  if (highEvents === 0) return ['Usage was never above it.'];
  const isThrottled = isThrottledByOneReading(usage);
  const waited =
    psiSomeAvg60 === undefined
      ? 'how long its processes waited for memory is not known here'
      : psiSomeAvg60 === 0
        ? 'in the last minute none of its processes waited for memory'
        : `in the last minute some of its processes waited for memory for ${psiSomeAvg60} % of the time`;
  if (highEvents === undefined) {
    const unknown = 'How often usage was above it is not known here.';
    return isThrottled
      ? [`THROTTLED: usage is above it now; ${waited}. ${unknown}`]
      : [`${unknown}${isAboveOwnHigh(usage) ? ` Usage is above it now; ${waited}.` : ''}`];
  }
  const events = `usage was above it ${highEvents} times since the cgroup was made; ${waited}.`;
  if (isThrottled) return [`THROTTLED: ${events} One reading cannot tell whether the events still rise.`];
  return psiSomeAvg60 === undefined
    ? [`Throttled at times: ${events} Real is well below it: the kernel finds page cache to take back.`]
    : [`Throttled without harm: ${events}`];
}

const setterNote = (cgroup: string): readonly string[] =>
  /\/(?:[^/]+-)?kubepods\b/.test(cgroup)
    ? ['The kubelet sets it for MemoryQoS, by memoryThrottlingFactor of the KubeletConfiguration.']
    : /\.(service|slice|scope)$/.test(cgroup)
      ? ['systemd sets it as MemoryHigh= of the unit.']
      : [];
