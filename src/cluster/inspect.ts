/**
 * Lets the agent of a pod's node inspect one of its containers, and checks what it sends. The agent can be of another version, and
 * its text is untrusted.
 */

import type { Explanation, KnownProbe, Owner } from '../inspect/explanation.ts';
import type { Ps } from '../inspect/ps.ts';
import { LocatedError } from '../model/located-error.ts';
import type { MapTotals, Processes, ProcessMemory, ProcessSums } from '../model/process.ts';
import { canBeRemembered } from '../model/time.ts';
import {
  arrayOf,
  flag,
  isTrue,
  number,
  object,
  oneOf,
  optional,
  received,
  text,
} from '../model/untrusted/shape.ts';
import { type MemoryUsage, residualCauses } from '../model/usage.ts';
import type { Brief, Part, ToolReading, Writing } from '../render/tool-reading.ts';
import { type AgentsKube, askAgent, findAgent } from './agents.ts';
import { type FindOptions, findPod } from './find-pod.ts';

/**
 * @param check checks the agent's answer
 * @throws ApiError; InputError or UsageError if the target matches nothing; LocatedError if the agent cannot answer
 */
export async function inspectInCluster<Found extends Explanation | Ps>(
  kube: AgentsKube,
  kind: 'explain' | 'ps',
  options: FindOptions,
  check: (value: unknown) => Found | undefined,
): Promise<Found> {
  const { namespace, pod, container, node } = await findPod(kube, options);
  const { deadlineMs } = options;
  const ask = deadlineMs === undefined ? {} : { deadlineMs };
  const agent = await findAgent(kube, node, ask);
  const parts = [namespace, pod, ...(container === undefined ? [] : [container])].map(encodeURIComponent);
  const found = check(await askAgent(kube, agent, `/${kind}/${parts.join('/')}.json`, ask));
  if (found !== undefined) return found;
  throw new LocatedError({
    where: `pod ${agent.namespace}/${agent.name}`,
    expected: 'an inspection that this version of realmem can read',
    got: 'another form',
    todo: 'use the version of the agents (kubectl get nmr -o yaml shows it at observed.agent)',
  });
}

/** Characters. A formula with its numbers is far shorter. */
const longestText = 4096;

/** @returns undefined if it is not an explanation */
export const receivedExplanation = (value: unknown): Explanation | undefined =>
  received(value, isExplanation, longestText);

/** @returns undefined if it is not a list of processes */
export const receivedPs = (value: unknown): Ps | undefined => received(value, isPs, longestText);

const [size, words, yes] = [optional(number), optional(text), optional(isTrue)];

const isUsage = object<MemoryUsage>({
  ...{ usageBytes: size, realBytes: size, workingSetBytes: size, rssBytes: size, cacheBytes: size },
  ...{ activeFileBytes: size, inactiveFileBytes: size, shmemBytes: size, mappedFileBytes: size },
  ...{
    unevictableBytes: size,
    lazyFreeBytes: size,
    kernelBytes: size,
    kernelTcpBytes: size,
    sockBytes: size,
  },
  ...{ slabReclaimableBytes: size, unreclaimableBytes: size, swapBytes: size, zswapBytes: size },
  ...{ hugetlbBytes: size, limitBytes: size, limitFrom: words, apiLimitBytes: size, requestBytes: size },
  ...{ peakBytes: size, peakRealBytes: size, residualBytes: size },
  residualCause: optional(oneOf(residualCauses)),
  ...{ oomKills: size, oomKillsLocal: size, failCount: size, refaultsFile: size },
  ...{ psiSomeAvg60: size, psiFullAvg60: size, clamped: yes },
  ...{ highBytes: size, highFrom: words, highEvents: size },
});

const writings: Readonly<Record<Writing, true>> = {
  ...{ bytes: true, KiB: true, K: true, MiB: true, kubectl: true, binary: true, decimal: true },
  ...{ quantity: true, prometheus: true, count: true },
};

const isTool = object<ToolReading>({
  ...{ tool: text, version: text, writing: oneOf(Object.keys(writings)), why: text },
  brief: optional(object<Brief>({ label: text, why: text })),
  ...{ formula: words, numbers: words, value: size, missing: words, whole: size, aside: yes },
});

const isTime = (value: unknown): boolean => typeof value === 'number' && canBeRemembered(value);

const isExplanation = object<Explanation>({
  ...{ name: text, target: words, cgroup: text, directory: words, where: text, usage: isUsage },
  lru: oneOf(['classic', 'multi-generational', 'unknown']),
  parts: arrayOf(object<Part>({ name: text, bytes: size, real: flag, note: text })),
  ...{ tools: arrayOf(isTool), faults: arrayOf(text), hidesProcesses: yes },
  owner: optional(object<Owner>({ namespace: text, workload: text })),
  mayProbe: yes,
  probe: optional(
    object<KnownProbe>({
      ...{ at: isTime, neededCacheBytes: number, coldCacheBytes: number, errorBytes: number },
      ...{ watchedSeconds: number, isAtMost: yes, pod: words, old: optional(oneOf(['age', 'roll-out'])) },
    }),
  ),
});

const isProcess = object<ProcessMemory>({
  ...{ pid: number, command: words, none: yes, vszBytes: size, rssBytes: size, sharedBytes: size },
  ...{ anonBytes: size, fileBytes: size, shmemBytes: size, pssBytes: size, swapBytes: size },
  maps: optional(object<MapTotals>({ mapped: number, writablePrivate: number, shared: number })),
});

const isPs = object<Ps>({
  ...{ name: text, cgroup: text, where: text, usage: isUsage },
  processes: object<Processes>({
    ...{ processes: arrayOf(isProcess), gone: number, unseen: number, faults: arrayOf(text) },
  }),
  sums: object<ProcessSums>({
    ...{ vszBytes: size, rssBytes: size, sharedBytes: size, anonBytes: size, fileBytes: size },
    ...{ shmemBytes: size, pssBytes: size, swapBytes: size, mappedBytes: size, writablePrivateBytes: size },
  }),
});
