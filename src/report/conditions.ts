/** The conditions of a report: what a reader must know before trusting it. */

import type { NamesState } from '../identify/names-source.ts';
import { formatBytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import type { Condition, Omitted } from '../model/report.ts';

/** Sets when each condition got its status: the time in the last report if the status is the same, else `at`. */
export function since(
  conditions: readonly Condition[],
  last: readonly Condition[],
  at: string | undefined,
): readonly Condition[] {
  return conditions.map((condition) => {
    const before = last.find(({ type }) => type === condition.type);
    const time = before?.status === condition.status ? before.lastTransitionTime : at;
    return time === undefined ? condition : { ...condition, lastTransitionTime: time };
  });
}

/**
 * Whether the report covers everything on the host.
 * @param faults unreadable or invalid files and directories
 * @param limits maximum number of cgroups of each kind in a report, as text
 */
export function completeCondition(
  faults: readonly Skipped[],
  whyNoCgroups: string | undefined,
  omitted?: Omitted,
  limits = '',
): Condition {
  if (whyNoCgroups !== undefined)
    return { type: 'Complete', status: 'False', reason: 'NoCgroups', message: whyNoCgroups };
  if (omitted !== undefined) {
    const { count, usageBytes, atLeast } = omitted;
    const number = `${atLeast === true ? 'at least ' : ''}${count}`;
    return {
      type: 'Complete',
      status: 'False',
      reason: 'TooMany',
      message: `Too many cgroups: the report omits the smallest ones, ${number} with ${formatBytes(usageBytes)} in total. The limits are ${limits}.`,
    };
  }
  const [first, ...more] = faults;
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more, see skipped)`;
    return {
      type: 'Complete',
      status: 'False',
      reason: 'ReadFailed',
      message: `Could not read or parse: ${namesCgroup(first) ? '' : `${first.cgroup}: `}${first.why}${others}`,
    };
  }
  return { type: 'Complete', status: 'True', reason: 'AllRead', message: 'Every cgroup was read.' };
}

/** Whether the text of a fault begins with the path of the file anyway. */
const namesCgroup = ({ cgroup, why }: Skipped): boolean =>
  why.startsWith(cgroup === '/' ? '/proc/' : `${cgroup}/`);

/** How many unusable pods the message names. */
const mostFaultsNamed = 5;

/** `1 pod`, `2 pods`. */
export const countedText = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Whether the names of pods and containers are completeCondition and current.
 * @param unnamed number of containers in pods that the source does not list
 * @param learnt number of pods whose names come from the kubelet's log directories
 */
export function namesFresh(state: NamesState | undefined, unnamed: number, learnt = 0): Condition {
  const type = 'NamesFresh';
  if (learnt > 0) {
    const silent = state?.outOfStep;
    const why = silent === undefined ? '.' : `; ${state?.source} has not answered ${silent}`;
    return {
      type,
      status: 'False',
      reason: 'FromLogs',
      message: `Names of ${countedText(learnt, 'pod')} come only from the kubelet's log directories${why}`,
    };
  }
  if (state === undefined)
    return {
      type,
      status: 'False',
      reason: 'NoSource',
      message: 'No source of pod names, so pods are listed by UID; pass --pods FILE.',
    };
  const { source, faults, moreFaults = 0, outOfStep } = state;
  if (outOfStep !== undefined)
    return {
      type,
      status: 'False',
      reason: 'OutOfStep',
      message: `Names may be stale: ${source} has not answered ${outOfStep}`,
    };
  const count = faults.length + moreFaults;
  if (count > 0) {
    const named = faults.slice(0, mostFaultsNamed);
    return {
      type,
      status: 'False',
      reason: 'Faulty',
      message: `${countedText(count, 'pod')} from ${source} cannot be used: ${named.join('; ')}${count > named.length ? `; and ${count - named.length} more` : ''}`,
    };
  }
  if (unnamed > 0)
    return {
      type,
      status: 'False',
      reason: 'Unknown',
      message: `No names for ${countedText(unnamed, 'container')}: ${source} does not list their pods.`,
    };
  return { type, status: 'True', reason: 'Named', message: `Names come from ${source}.` };
}
