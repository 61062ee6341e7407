/** `realmem cleanup`: deletes what agents wrote to a cluster. */

import { now, sleep } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { whoAmI } from '../kube/self.ts';
import { printable } from '../model/text.ts';
import { cleanUp } from '../publish/cleanup.ts';
import { connectCluster, connectionFlags } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { parseFlags } from './flags.ts';

/** An older history no longer counts. */
const historyDays = 15;
const dayMs = 86_400_000;
/** Failures are often the same: print only the first ones. */
const shown = 5;

export const command: Command = {
  name: 'cleanup',
  about: 'delete what agents wrote to a cluster: annotations of pods, reports, ConfigMaps',
  flags: {
    ...connectionFlags,
    namespace: {
      short: 'n',
      takes: 'NAMESPACE',
      about: "namespace of the ConfigMaps (default: this pod's namespace, else realmem)",
    },
    'old-histories': { about: `delete only histories of nodes that wrote nothing for ${historyDays} days` },
    'dry-run': { about: 'count only, delete nothing' },
  },
  examples: ['realmem cleanup --dry-run', 'realmem cleanup --kubeconfig ~/.kube/config'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args);
  const { values, switches } = parsed;
  let served: number | undefined;
  const { kube, printed } = await connectCluster(parsed, io, (at) => {
    served = at;
  });
  const forever = new AbortController().signal;
  try {
    // Age counts by the clock of the API server: the local one may be a year ahead.
    if (switches.has('old-histories')) await kube.call({ path: '/version' }).catch(() => {});
    const namespace = values['namespace'] ?? (await whoAmI(kube)).namespace ?? 'realmem';
    const lines: string[] = [];
    const left = await cleanUp(
      kube,
      {
        namespace,
        dryRun: switches.has('dry-run'),
        ...(switches.has('old-histories') && { historiesBefore: (served ?? now()) - historyDays * dayMs }),
      },
      { sleep: (ms) => sleep(ms, forever), say: (line) => lines.push(line), random: io.random },
    );
    await io.output.write(lines.map((line) => `${line}\n`).join(''));
    for (const line of left.slice(0, shown)) io.say(`error: ${printable(line)}`);
    if (left.length > shown) io.say(`error: ${left.length - shown} more of these`);
    return left.length === 0 ? ExitCode.done : ExitCode.wrong;
  } catch (error) {
    throw printed(error);
  } finally {
    kube.close();
  }
}
