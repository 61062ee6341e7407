/** Renders the processes of one cgroup. */

import { type Column, renderColumns } from '../layout/columns.ts';
import { renderJson, renderYaml } from '../layout/structured.ts';
import { titleOf, wrap } from '../layout/wrap.ts';
import { type Bytes, formatBytes } from '../model/bytes.ts';
import { defined } from '../model/json.ts';
import { LocatedError } from '../model/located-error.ts';
import type { Processes, ProcessMemory, ProcessSums } from '../model/process.ts';
import { printable } from '../model/text.ts';
import type { MemoryUsage } from '../model/usage.ts';
import { type DetailSource, readDetail } from './detail.ts';
import { nameOfCgroup, whereOf } from './explain.ts';
import { sumReasonsOf } from './process-reasons.ts';
import type { TargetOptions } from './target.ts';

export interface Ps {
  readonly name: string;
  readonly cgroup: string;
  readonly where: string;
  readonly usage: MemoryUsage;
  readonly processes: Processes;
  readonly sums: ProcessSums;
}

/** @throws InputError if the target matches no cgroup; LocatedError for a recording without processes */
export function listProcesses(node: DetailSource, root: string, options: TargetOptions, at: number): Ps {
  const seen = readDetail(node, root, options, at);
  const { processes, sums, observation } = seen;
  const { usage, sample } = observation;
  if (processes === undefined)
    throw new LocatedError({
      where: root,
      expected: `the processes of ${sample.id.path}`,
      got: 'a recording without processes',
    });
  const named = { name: nameOfCgroup(seen), cgroup: sample.id.path, where: whereOf(node, seen, at) };
  return { ...named, usage, processes, sums };
}

export const psForms = ['table', 'wide', 'json', 'yaml'] as const;
export type PsForm = (typeof psForms)[number];

/** One process, or the sum. */
interface Line extends Omit<ProcessMemory, 'pid'> {
  readonly pid?: number;
}

const size = (heading: string, of: (line: Line) => Bytes | undefined): Column<Line> => ({
  heading,
  right: true,
  cell: (line) => {
    const value = of(line);
    return value === undefined ? undefined : formatBytes(value);
  },
});

export function renderPs(ps: Ps, form: PsForm, headers: boolean, columns: number): string {
  const { name, cgroup, where, usage, processes, sums } = ps;
  if (form === 'json' || form === 'yaml') {
    const { processes: each, faults, gone, unseen } = processes;
    const { usageBytes, realBytes } = usage;
    const found = { cgroup, usageBytes, realBytes, processes: each, sums, gone, unseen, faults };
    return form === 'json' ? renderJson(found) : renderYaml(defined(found));
  }
  const lines: readonly Line[] = processes.processes.toSorted(
    (a, b) => (b.rssBytes ?? -1) - (a.rssBytes ?? -1) || a.pid - b.pid,
  );
  const wide: readonly Column<Line>[] =
    form === 'wide'
      ? [
          size('ANON', ({ anonBytes }) => anonBytes),
          size('FILE', ({ fileBytes }) => fileBytes),
          size('SHMEM', ({ shmemBytes }) => shmemBytes),
          size('SWAP', ({ swapBytes }) => swapBytes),
        ]
      : [];
  const table = renderColumns<Line>(
    [
      { heading: 'PID', right: true, cell: ({ pid }) => pid?.toString() ?? '' },
      size('VSZ', ({ vszBytes }) => vszBytes),
      size('RSS', ({ rssBytes }) => rssBytes),
      size('SHARED', ({ sharedBytes }) => sharedBytes),
      size('PSS', ({ pssBytes }) => pssBytes),
      ...wide,
      { heading: 'COMMAND', cell: ({ command }) => (command === undefined ? undefined : printable(command)) },
    ],
    lines.length === 0 || !headers ? lines : [...lines, { ...sums, command: 'sum' }],
    headers,
    columns,
  );
  if (!headers) return table;
  const reasons = sumReasonsOf(processes, sums, usage);
  const text = reasons.flatMap((reason) => {
    const indent = /^ */.exec(reason)?.[0] ?? '';
    return wrap(printable(reason.trimStart()), columns, indent);
  });
  const title = titleOf(printable(name), printable(where), columns).join('\n');
  const body = lines.length === 0 ? 'This cgroup has no processes.\n' : table;
  return `${title}\n\n${body}${text.length === 0 ? '' : `\n${text.join('\n')}\n`}`;
}
