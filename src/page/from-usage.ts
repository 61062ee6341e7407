/** The figures of a cgroup → those that the page shows. */
import { defined } from '../model/json.ts';
import { limitInForce, type MemoryUsage } from '../model/usage.ts';
import type { PageUsage } from './data.ts';

/** @param pod path of the pod's cgroup; undefined outside pods */
export function pageUsageOf(usage: MemoryUsage, pod?: string): PageUsage {
  const limit = limitInForce(usage);
  return defined<PageUsage>({
    real: usage.realBytes,
    peak: usage.peakRealBytes,
    usage: usage.usageBytes,
    workingSet: usage.workingSetBytes,
    request: usage.requestBytes,
    limit: limit?.bytes,
    limitFrom: limit?.from === undefined ? undefined : limit.from === pod ? 'pod' : 'node',
    isHigh: limit?.file === 'memory.high' ? true : undefined,
    anon: usage.rssBytes,
    tmpfs: usage.shmemBytes,
    kernel: usage.kernelBytes,
    slabReclaimable: usage.slabReclaimableBytes,
    sockets: usage.sockBytes,
    swap: usage.swapBytes,
    ooms: usage.oomKills,
    isClamped: usage.clamped,
  });
}
