/** `realmem explain TARGET`: how near a container is to its limit, what every tool shows for it, and why the figures differ. */

import type { Io } from '../edges/process.ts';
import { explain } from '../inspect/explain.ts';
import { explainForms, renderExplanation } from '../inspect/render.ts';
import { clusterFlags, readsCluster } from './cluster-flags.ts';
import type { Command, ExitCode } from './command.ts';
import { oneOf, wordOf } from './flags.ts';
import { screen, takesTarget, targetFlags } from './source-flags.ts';
import { withTarget } from './with-target.ts';

export const command: Command = {
  name: 'explain',
  takes: takesTarget,
  about: 'explain one container: how near its limit is, and what each tool shows and why',
  flags: {
    output: oneOf(explainForms, 'output format; wide prints one line per tool (table)', 'o'),
    all: { about: 'print every part and every tool with its formula' },
    ...targetFlags,
    ...clusterFlags,
  },
  examples: [
    'kubectl realmem explain -n shop cart-6d5f8c7b9d-x2x1z',
    'realmem explain web',
    'realmem explain 53a11f13c080 --all',
    'realmem explain deployment/cart --pods pods.json',
    'realmem explain /system.slice/containerd.service -o json',
  ],
  run,
};

function run(args: readonly string[], io: Io): Promise<ExitCode> {
  return withTarget(command, args, io, {
    local: explain,
    received: async () => (await import('../cluster/inspect.ts')).receivedExplanation,
    async show(explained, parsed) {
      const { values, switches } = parsed;
      const form = wordOf(values['output'], explainForms, 'table');
      const program = io.isPlugin ? 'kubectl realmem' : 'realmem';
      const all = switches.has('all');
      const suggests = readsCluster(parsed, io, ['root', 'pods']);
      await io.output.write(renderExplanation(explained, form, { ...screen(io), program, suggests, all }));
    },
  });
}
