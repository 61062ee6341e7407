/** The frame of commands that inspect one container or cgroup of a node: `explain`, `ps`. */

import { openNode } from '../agent/source.ts';
import type { Io } from '../edges/process.ts';
import type { TargetOptions } from '../inspect/target.ts';
import { type Command, ExitCode } from './command.ts';
import { type Parsed, parseFlags } from './flags.ts';
import { hostOptions, targetOptions } from './source-flags.ts';

interface Opened extends Pick<Parsed, 'values' | 'switches'> {
  readonly node: ReturnType<typeof openNode>;
  /** The directory that represents the host's `/`. */
  readonly root: string;
  readonly target: TargetOptions;
}

/** Opens the node for `show`, and closes it afterwards. @throws UsageError for wrong flags or a missing target */
export async function withTarget(
  { name, flags }: Pick<Command, 'name' | 'flags'>,
  args: readonly string[],
  io: Io,
  show: (opened: Opened) => Promise<void>,
): Promise<ExitCode> {
  const parsed = parseFlags(flags, args, 1);
  const target = targetOptions(name, parsed);
  const options = hostOptions(parsed.values, io);
  const node = openNode(options, []);
  try {
    await show({ node, root: options.root, target, values: parsed.values, switches: parsed.switches });
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}
