/** `realmem explain TARGET`: how near a container is to its limit, what every tool shows for it, and why the figures differ. */

import { probesFileIn, probesIn } from '../checkpoint/probes-file.ts';
import { hostName } from '../edges/host.ts';
import type { Io } from '../edges/process.ts';
import type { DetailSource } from '../inspect/detail.ts';
import { explain } from '../inspect/explain.ts';
import type { KnownProbe } from '../inspect/explanation.ts';
import { explainForms, renderExplanation } from '../inspect/render.ts';
import { defined } from '../model/json.ts';
import { oldByAge } from '../recommend/probed.ts';
import { clusterFlags, readsCluster } from './cluster-flags.ts';
import type { Command, ExitCode } from './command.ts';
import { flagOneOf, wordOf } from './flags.ts';
import { screen, takesTarget, targetFlags } from './source-flags.ts';
import { withTarget } from './with-target.ts';

export const command: Command = {
  name: 'explain',
  takes: takesTarget,
  about: 'explain one container: how near its limit is, and what each tool shows and why',
  flags: {
    output: flagOneOf(explainForms, 'output format; wide prints one line per tool (table)', 'o'),
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

/** What probes on this machine kept. Undefined: nothing, or it is another machine. */
function probesOfHost(root: string, { stateDir }: Pick<Io, 'stateDir'>): DetailSource['probeOf'] | undefined {
  if (root !== '/') return undefined;
  try {
    const { byCgroup } = probesIn(probesFileIn(stateDir, hostName()))();
    return ({ sample }, at) => {
      const probe = byCgroup.get(sample.id.path);
      return probe && defined<KnownProbe>({ ...probe, old: oldByAge(probe, at / 1000) });
    };
  } catch {
    // No agent keeps a history here.
    return undefined;
  }
}

function run(args: readonly string[], io: Io): Promise<ExitCode> {
  return withTarget(command, args, io, {
    local: (node, root, target, at) => {
      const probeOf = probesOfHost(root, io);
      return explain({ ...node, ...(probeOf !== undefined && { probeOf }) }, root, target, at);
    },
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
