/** `realmem explain TARGET`: one container, what every tool shows of it, and what makes them differ. */

import { openNode } from '../agent/source.ts';
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { explain } from '../inspect/explain.ts';
import { explainForms, renderExplained } from '../inspect/render.ts';
import { type Command, ExitCode } from './command.ts';
import { oneOf, parseFlags, wordOf } from './flags.ts';
import { hostOptions, screen, takesTarget, targetFlags, targetOptions } from './source-flags.ts';

export const command: Command = {
  name: 'explain',
  takes: takesTarget,
  about: 'one container: its parts, and what every tool shows of it and why',
  flags: {
    output: oneOf(explainForms, 'the form; wide is one line a tool', 'o'),
    ...targetFlags,
  },
  examples: [
    'realmem explain 53a11f13c080',
    'realmem explain shop/cart-6d5f8c7b9d-x2x1z/cart --pods pods.json',
    'realmem explain /system.slice/containerd.service -o json',
  ],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args, 1);
  const target = targetOptions(command.name, parsed);
  const options = hostOptions(parsed.values, io);
  const node = openNode(options, []);
  try {
    const explained = explain(node, options.root, target, now());
    const form = wordOf(parsed.values['output'], explainForms, 'table');
    await io.output.write(renderExplained(explained, form, screen(io)));
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}
