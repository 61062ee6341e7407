/** `realmem cleanup`: takes away what agents wrote to a cluster. */

import { now, sleep } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { openAccess } from '../kube/access.ts';
import { ApiError } from '../kube/api-error.ts';
import { openKube } from '../kube/client.ts';
import { whoAmI } from '../kube/self.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { printable } from '../model/text.ts';
import { cleanUp } from '../publish/cleanup.ts';
import { type Command, ExitCode } from './command.ts';
import { parseFlags } from './flags.ts';

/** After that a history counts no more. */
const historyDays = 15;
const dayMs = 86_400_000;
/** Failures are many of a kind: the first tell what it is. */
const shown = 5;

export const command: Command = {
  name: 'cleanup',
  about: "takes away what agents wrote to a cluster: pods' annotations, reports, ConfigMaps",
  flags: {
    kubeconfig: { takes: 'FILE', about: 'the cluster; as kubectl finds it, or the pod’s own, unless given' },
    namespace: { short: 'n', takes: 'NAMESPACE', about: 'of the ConfigMaps; the pod’s own, or realmem' },
    'old-histories': { about: `only what nodes remember that have written nothing for ${historyDays} days` },
    'dry-run': { about: 'counts and writes nothing' },
  },
  examples: ['realmem cleanup --dry-run', 'realmem cleanup --kubeconfig ~/.kube/config'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, switches } = parseFlags(command.flags, args);
  let served: number | undefined;
  const kube = openKube(await openAccess(values['kubeconfig'], io.env), (at) => {
    served = at;
  });
  const forever = new AbortController().signal;
  try {
    // What is old goes by the API server's clock: the one here may be a year ahead.
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
      { sleep: (ms) => sleep(ms, forever), say: (line) => lines.push(line) },
    );
    await io.output.write(lines.map((line) => `${line}\n`).join(''));
    for (const line of left.slice(0, shown)) io.say(`realmem: ${printable(line)}`);
    if (left.length > shown) io.say(`realmem: … and ${left.length - shown} more`);
    return left.length === 0 ? ExitCode.done : ExitCode.wrong;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new LocatedError({
      where: 'the API server',
      expected: 'an answer',
      got: { message: messageOf(error) },
    });
  } finally {
    kube.close();
  }
}
