/** What a reader must know about a report before believing it. */

import type { NamesState } from '../identify/names-source.ts';
import { formatBytes } from '../model/bytes.ts';
import type { Skipped } from '../model/cgroup.ts';
import type { Condition, Omitted } from '../model/report.ts';

/** Since when a condition has had its status: from the last report, while it is the same. */
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
 * Whether everything on the host is in the report.
 * @param faults files and directories that were not read
 * @param limits how many cgroups of each kind a report has at most
 */
export function complete(
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
      message: `Too many cgroups: the smallest are left out, ${number} with ${formatBytes(usageBytes)} in all. The limits are ${limits}.`,
    };
  }
  const [first, ...more] = faults;
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more, see skipped)`;
    return {
      type: 'Complete',
      status: 'False',
      reason: 'ReadFailed',
      message: `Not read or not understood: ${namesCgroup(first) ? '' : `${first.cgroup}: `}${first.why}${others}`,
    };
  }
  return { type: 'Complete', status: 'True', reason: 'AllRead', message: 'Every cgroup was read.' };
}

/** A fault of a cgroup's file begins with the path of that file. */
const namesCgroup = ({ cgroup, why }: Skipped): boolean =>
  why.startsWith(cgroup === '/' ? '/proc/' : `${cgroup}/`);

/** Of the pods that cannot be used so many are named. */
const faultsSaid = 5;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Whether containers go by the names the API gave them.
 * @param unnamed containers of pods that it does not know
 * @param learnt pods whose names the kubelet's log directories tell
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
      message: `${counted(learnt, 'pod')} known by name from the kubelet's log directories alone${why}`,
    };
  }
  if (state === undefined)
    return {
      type,
      status: 'False',
      reason: 'NoSource',
      message: 'Pods go by what their paths tell; give --pods FILE for their names.',
    };
  const { source, faults, moreFaults = 0, outOfStep } = state;
  if (outOfStep !== undefined)
    return {
      type,
      status: 'False',
      reason: 'OutOfStep',
      message: `Names are kept, but ${source} has not answered ${outOfStep}`,
    };
  const count = faults.length + moreFaults;
  if (count > 0) {
    const said = faults.slice(0, faultsSaid);
    return {
      type,
      status: 'False',
      reason: 'Faulty',
      message: `In ${source} ${counted(count, 'pod')} cannot be used: ${said.join('; ')}${count > said.length ? `; and ${count - said.length} more` : ''}`,
    };
  }
  if (unnamed > 0)
    return {
      type,
      status: 'False',
      reason: 'Unknown',
      message: `${counted(unnamed, 'container')} of pods that ${source} does not know.`,
    };
  return { type, status: 'True', reason: 'Named', message: `From ${source}.` };
}
