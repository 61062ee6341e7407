/** `realmem completion SHELL`: what a shell has to know of the commands, taken from the commands themselves. */

import { type Command, ExitCode, UsageError } from './command.ts';
import { completions, shells } from './completion-scripts.ts';
import { parseFlags } from './flags.ts';

export const completionOf = (all: () => Promise<readonly Command[]>): Command => {
  const command: Command = {
    name: 'completion',
    takes: shells.join('|'),
    about: 'the completion of commands and flags for a shell, to be sourced by it',
    flags: {},
    examples: [
      'source <(realmem completion bash)',
      'realmem completion zsh > ~/.zfunc/_realmem',
      'realmem completion fish | source',
    ],
    async run(args, io) {
      const [given] = parseFlags(command.flags, args, 1).positionals;
      const shell = shells.find((name) => name === given);
      if (shell === undefined) throw new UsageError(`completion needs a shell: ${shells.join(', ')}`);
      await io.output.write(completions[shell](await all()));
      return ExitCode.done;
    },
  };
  return command;
};
