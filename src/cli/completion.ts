/** `realmem completion SHELL`: a script that completes command lines in a shell. */

import { UsageError } from '../model/located-error.ts';
import { type Command, ExitCode } from './command.ts';
import { completions, shells } from './complete/scripts.ts';
import { parseFlags } from './flags.ts';

export const command: Command = {
  name: 'completion',
  takes: shells.join('|'),
  about: 'print a script that completes commands, flags and names of a cluster in a shell',
  flags: {},
  examples: [
    'source <(realmem completion bash)',
    'realmem completion zsh > ~/.zfunc/_realmem',
    'realmem completion fish | source',
  ],
  async run(args, io) {
    const [given] = parseFlags(command.flags, args, 1).positionals;
    const shell = shells.find((name) => name === given);
    if (shell === undefined) throw new UsageError(`SHELL is required: one of ${shells.join(', ')}`);
    await io.output.write(completions[shell]);
    return ExitCode.done;
  },
};
