/** `realmem doctor`: checks this machine or the cluster, and changes nothing. */

import { configOf } from '../agent/agent.ts';
import type { Check } from '../doctor/check.ts';
import { fail } from '../doctor/check.ts';
import { checkCluster } from '../doctor/cluster.ts';
import { checkHost } from '../doctor/host.ts';
import { checksAsJson, hasFailed, renderChecks } from '../doctor/render.ts';
import { now, ticks } from '../edges/clock.ts';
import { hostName } from '../edges/host.ts';
import { nodeVersion } from '../edges/machine.ts';
import type { Io } from '../edges/process.ts';
import { kubeconfigsOf } from '../kube/access.ts';
import { InputError, LocatedErrors, messageOf, UsageError } from '../model/located-error.ts';
import { releasedAt } from '../model/product.ts';
import { clusterFlags, connectCluster, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { flagOneOf, type Parsed, parseFlags } from './flags.ts';
import { hostFlags, hostOptions, screen } from './source-flags.ts';

export const command: Command = {
  name: 'doctor',
  about: 'check this machine or the cluster: what works, what does not, and what to do',
  flags: {
    output: flagOneOf(['table', 'json'], 'output format (table)', 'o'),
    ...hostFlags,
    ...clusterFlags,
  },
  examples: ['realmem doctor', 'kubectl realmem doctor', 'realmem doctor --context prod -o json'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseFlags(command.flags, args);
  const checks = readsCluster(parsed, io, Object.keys(hostFlags))
    ? await ofCluster(parsed, io)
    : await ofHost(parsed, io);
  await io.output.write(
    parsed.values['output'] === 'json' ? checksAsJson(checks) : renderChecks(checks, screen(io)),
  );
  return hasFailed(checks) ? ExitCode.wrong : ExitCode.done;
}

function ofHost({ values }: Parsed, io: Io): Promise<readonly Check[]> {
  const config = configIn(io);
  // In the agent's pod the settings name the directory of the host.
  const root = values['root'] ?? ('faults' in config ? undefined : config.root);
  return checkHost({
    source: hostOptions({ ...values, root }, io),
    ...{ config, portsRoot: '/', hostName: hostName(), now: now(), releasedAt },
    nodeVersion: nodeVersion(),
    kubeconfigs: kubeconfigsOf(io.env),
  });
}

function configIn(io: Io): Parameters<typeof checkHost>[0]['config'] {
  try {
    return configOf({}, io);
  } catch (error) {
    return { faults: error instanceof LocatedErrors ? error.all : [messageOf(error)] };
  }
}

async function ofCluster(parsed: Parsed, io: Io): Promise<readonly Check[]> {
  let served: number | undefined;
  let opened: Awaited<ReturnType<typeof connectCluster>>;
  try {
    opened = await connectCluster(parsed, io, (at) => {
      served = at;
    });
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof InputError)) throw error;
    return [fail('kubeconfig', error.message, 'kubectl config get-contexts')];
  }
  try {
    return await checkCluster({ ...opened, now, ticks, served: () => served });
  } finally {
    opened.kube.close();
  }
}
