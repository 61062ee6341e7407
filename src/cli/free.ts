/** `realmem free`: the node's memory as in the article, and the correct figures below. */

import { tickOnce } from '../agent/replay.ts';
import { openNode } from '../agent/source.ts';
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { faultsOfNode, renderFree } from '../inspect/free.ts';
import { freeLines } from '../inspect/free-lines.ts';
import { LocatedError } from '../model/located-error.ts';
import { render } from '../render/render.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, parseFlags, wordOf } from './flags.ts';
import { hostFlags, hostOptions } from './source-flags.ts';

const forms = ['table', 'wide', 'json', 'yaml'] as const;

export const command: Command = {
  name: 'free',
  about: 'show the memory of the node in KiB, and how much is really in use',
  flags: {
    output: flagOneOf(
      forms,
      'output format; wide adds --why, json and yaml print the whole report (table)',
      'o',
    ),
    why: { about: 'print the source of each figure, with the numbers' },
    ...hostFlags,
  },
  examples: ['realmem free', 'realmem free --why', 'realmem free --root recording -o json'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, switches } = parseFlags(command.flags, args);
  const form = wordOf(values['output'], forms, 'table');
  const node = openNode(hostOptions(values, io), []);
  try {
    const { report } = await tickOnce(node, now());
    if (report?.node === undefined)
      throw new LocatedError({
        where: '/proc/meminfo',
        expected: "the node's memory",
        got: {
          message:
            report?.skipped.find(({ cgroup }) => cgroup === '/')?.why ?? 'a recording without this file',
        },
      });
    const options = { by: 'node', headers: true, all: false, sortBy: 'real' } as const;
    const text =
      form === 'table' || form === 'wide'
        ? renderFree(
            report.node,
            form === 'wide' || switches.has('why') ? freeLines(report.node) : [],
            faultsOfNode(report),
          )
        : render(report, form, options);
    await io.output.write(text);
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}
