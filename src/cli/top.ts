/** `realmem top`: the table of containers. */

import { Health } from '../agent/health.ts';
import { loop } from '../agent/loop.ts';
import { tickOnce } from '../agent/replay.ts';
import { openNode } from '../agent/source.ts';
import type { Node } from '../agent/tick.ts';
import { now, ticks } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { stdoutSink } from '../publish/stdout.ts';
import { outputs, render } from '../render/render.ts';
import { groupings } from '../render/row.ts';
import { sortKeys } from '../render/sort-rows.ts';
import { chooser } from '../report/choose-pods.ts';
import { type Command, ExitCode } from './command.ts';
import { oneOf, parseFlags, wordOf } from './flags.ts';
import { hostFlags, hostOptions } from './source-flags.ts';

const watchPeriodMs = 2_000;

export const command: Command = {
  name: 'top',
  about: 'list containers by real memory',
  flags: {
    by: oneOf(groupings, 'print one row for each of these (container)'),
    output: oneOf(outputs, 'output format; json and yaml print the whole report (table)', 'o'),
    'sort-by': oneOf(sortKeys, 'sort rows by this column (real)'),
    namespace: { short: 'n', takes: 'NAMESPACE', about: 'list only pods of this namespace' },
    'all-namespaces': { short: 'A', about: 'list pods of all namespaces; overrides -n' },
    selector: {
      short: 'l',
      takes: 'SELECTOR',
      about: 'list only pods with these labels: app=web,tier!=test',
    },
    all: { about: 'list services, slices and sandboxes too' },
    watch: { short: 'w', about: 'refresh every 2 s until Ctrl-C' },
    'no-headers': { about: 'omit the header' },
    ...hostFlags,
  },
  examples: ['realmem top', 'realmem top --by namespace --pods pods.json', 'realmem top -o csv > memory.csv'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, switches } = parseFlags(command.flags, args);
  const format = wordOf(values['output'], outputs, 'table');
  const options = {
    by: wordOf(values['by'], groupings, 'container'),
    sortBy: wordOf(values['sort-by'], sortKeys, 'real'),
    headers: !switches.has('no-headers'),
    all: switches.has('all'),
  };
  const { namespace, selector } = values;
  const choose = chooser({
    ...(namespace !== undefined && !switches.has('all-namespaces') && { namespace }),
    ...(selector !== undefined && { selector }),
  });
  const node: Node = openNode(hostOptions(values, io), []);
  const show = stdoutSink({
    output: io.output,
    render: (report, room) => render(choose(node, report), format, { ...options, ...room }),
    redraws: switches.has('watch') && (format === 'table' || format === 'wide'),
  });
  try {
    if (!switches.has('watch')) {
      const { failures } = await tickOnce({ ...node, sinks: [show] }, now());
      for (const { error } of failures) throw error;
      return ExitCode.done;
    }
    return await watch({ ...node, sinks: [show] }, io);
  } finally {
    node.host.close();
  }
}

async function watch(node: Node, io: Io): Promise<ExitCode> {
  const signal = io.untilSignal();
  const failed = Promise.withResolvers<never>();
  const stop = await loop(node, {
    periodMs: watchPeriodMs,
    reportPeriodMs: watchPeriodMs,
    health: new Health(watchPeriodMs, ticks()),
    log: { warn: () => {} },
    onTick: ({ failures }) => {
      for (const { error } of failures) failed.reject(error);
    },
    onError: failed.reject,
  });
  try {
    await Promise.race([signal, failed.promise]);
  } finally {
    await stop();
  }
  return ExitCode.done;
}
