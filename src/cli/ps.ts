/** `realmem ps TARGET`: the processes of a container, and why their sum differs from its memory. */

import type { Io } from '../edges/process.ts';
import { listProcesses, psForms, renderPs } from '../inspect/ps.ts';
import { clusterFlags } from './cluster-flags.ts';
import type { Command, ExitCode } from './command.ts';
import { flagOneOf, wordOf } from './flags.ts';
import { screen, takesTarget, targetFlags } from './source-flags.ts';
import { withTarget } from './with-target.ts';

export const command: Command = {
  name: 'ps',
  takes: takesTarget,
  about: 'list the processes of a container with VSZ, RSS, shared and PSS, and explain their sum',
  flags: {
    output: flagOneOf(psForms, 'output format; wide adds the parts of RSS, and swap (table)', 'o'),
    'no-headers': { about: 'print only the processes' },
    ...targetFlags,
    ...clusterFlags,
  },
  examples: [
    'kubectl realmem ps shop/cart-6d5f8c7b9d-x2x1z/cart',
    'realmem ps 53a11f13c080',
    'realmem ps -n shop cart-6d5f8c7b9d-x2x1z',
    'realmem ps /system.slice',
  ],
  run,
};

function run(args: readonly string[], io: Io): Promise<ExitCode> {
  return withTarget(command, args, io, {
    local: listProcesses,
    received: async () => (await import('../cluster/inspect.ts')).receivedPs,
    async show(found, { values, switches }) {
      const form = wordOf(values['output'], psForms, 'table');
      const { columns } = screen(io);
      await io.output.write(renderPs(found, form, !switches.has('no-headers'), columns));
    },
  });
}
