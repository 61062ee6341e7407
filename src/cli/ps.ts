/** `realmem ps TARGET`: the processes of a container, and why their sum differs from its memory. */

import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { readDetail } from '../inspect/detail.ts';
import { nameOfCgroup, whereOf } from '../inspect/explain.ts';
import { psForms, renderPs } from '../inspect/ps.ts';
import { LocatedError } from '../model/located-error.ts';
import type { Command, ExitCode } from './command.ts';
import { oneOf, wordOf } from './flags.ts';
import { screen, takesTarget, targetFlags } from './source-flags.ts';
import { withTarget } from './with-target.ts';

export const command: Command = {
  name: 'ps',
  takes: takesTarget,
  about: 'list the processes of a container with VSZ, RSS, shared and PSS, and explain their sum',
  flags: {
    output: oneOf(psForms, 'output format; wide adds the parts of RSS, and swap (table)', 'o'),
    'no-headers': { about: 'print only the processes' },
    ...targetFlags,
  },
  examples: [
    'realmem ps 53a11f13c080',
    'realmem ps -n shop cart-6d5f8c7b9d-x2x1z',
    'realmem ps /system.slice',
  ],
  run,
};

function run(args: readonly string[], io: Io): Promise<ExitCode> {
  return withTarget(command, args, io, async ({ node, root, target, values, switches }) => {
    const at = now();
    const seen = readDetail(node, root, target, at);
    const { processes, sums, observation } = seen;
    if (processes === undefined)
      throw new LocatedError({
        where: root,
        expected: `the processes of ${observation.sample.id.path}`,
        got: 'a recording without processes',
      });
    const form = wordOf(values['output'], psForms, 'table');
    const { usage, sample } = observation;
    const found = { name: nameOfCgroup(seen), cgroup: sample.id.path, where: whereOf(node, seen, at), usage };
    const { columns } = screen(io);
    await io.output.write(
      renderPs({ ...found, processes, sums }, form, !switches.has('no-headers'), columns),
    );
  });
}
