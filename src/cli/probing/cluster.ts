/** `kubectl realmem probe POD`: probes a container of the cluster by a Job on its node. */
import { type AskOptions, findAgent } from '../../cluster/agents.ts';
import { type FindOptions, findPod } from '../../cluster/find-pod.ts';
import { now } from '../../edges/clock.ts';
import type { Io } from '../../edges/process.ts';
import { renderYaml } from '../../layout/structured.ts';
import { defined } from '../../model/json.ts';
import { messageOf, UsageError } from '../../model/located-error.ts';
import { annotationKeys } from '../../model/pod.ts';
import { printable } from '../../model/text.ts';
import { keptAnswer } from '../../probe/kept.ts';
import { progressLine } from '../../probe/progress.ts';
import { type ProbeForm, renderProbe } from '../../probe/render.ts';
import { runJob } from '../../probe-job/follow.ts';
import { keepAnswer, mayKeep, noRightToKeep } from '../../probe-job/keep.ts';
import { jobName, manifestOf } from '../../probe-job/manifest.ts';
import { checkProbeRights } from '../../probe-job/rights.ts';
import { readSite } from '../../probe-job/site.ts';
import { takenInWords, waitUntilTaken } from '../../probe-job/taken.ts';
import { nameOf, readTarget } from '../../probe-job/target.ts';
import { connectCluster, type OpenCluster } from '../cluster-flags.ts';
import { ExitCode } from '../command.ts';
import type { Parsed } from '../flags.ts';
import { screen, targetOptions } from '../source-flags.ts';

export interface ProbeRequest {
  readonly durationMs: number;
  readonly form: ProbeForm;
  /** Flags of the probe in the pod. */
  readonly flags: readonly string[];
}

export async function probeInCluster(parsed: Parsed, io: Io, wanted: ProbeRequest): Promise<ExitCode> {
  let ahead = 0;
  const cluster = await connectCluster(parsed, io, (at) => {
    ahead = at - now();
  });
  try {
    return await probeBy(cluster, () => now() + ahead, parsed, io, wanted);
  } catch (error) {
    throw cluster.printed(error);
  } finally {
    cluster.kube.close();
  }
}

async function probeBy(
  { kube, namespace: contextNamespace, deadlineMs }: OpenCluster,
  serverNow: () => number,
  parsed: Parsed,
  io: Io,
  { durationMs, form, flags }: ProbeRequest,
): Promise<ExitCode> {
  const { values, switches } = parsed;
  const found = await findPod(kube, {
    ...targetOptions('probe', parsed),
    ...defined<Pick<FindOptions, 'contextNamespace' | 'deadlineMs' | 'container'>>({
      ...{ contextNamespace, deadlineMs, container: values['container'] },
    }),
    ...{ oneReplica: true, now: now() },
  });
  const target = await readTarget(kube, found, serverNow);
  const ask = defined<AskOptions>({ deadlineMs });
  const agent = await findAgent(kube, target.node, ask);
  const isDryRun = switches.has('dry-run');
  if (!isDryRun) await checkProbeRights(kube, agent.namespace);
  const keeps = !switches.has('no-keep');
  const isKept = keeps && !isDryRun && (await mayKeep(kube, target));
  const manifest = manifestOf(target, await readSite(kube, agent, target, ask), {
    durationMs,
    flags,
    run: crypto.randomUUID(),
  });
  const job = { namespace: agent.namespace, name: jobName(target) };
  const yaml = renderYaml(manifest);
  if (isDryRun) {
    await io.output.write(yaml);
    return ExitCode.done;
  }
  io.say(`${yaml}\nThis Job probes ${nameOf(target)} on ${target.node}. The command deletes it at the end.`);
  if (isKept)
    io.say(`Its answer goes into the annotation ${annotationKeys.probe} of the pod, for realmem suggest.`);
  else if (keeps)
    io.say(`Its answer will not be kept for realmem suggest: ${noRightToKeep(target.namespace)}.`);
  if (!switches.has('yes')) {
    const answer = await io.ask('Create it? [y/N] ');
    if (answer === undefined) throw new UsageError('--yes is required where standard input is no terminal');
    if (!/^y(es)?$/i.test(answer.trim())) {
      io.say('Nothing was changed.');
      return ExitCode.wrong;
    }
  }
  const interrupt = new AbortController();
  const { signal } = interrupt;
  void io.untilSignal().then(() => {
    io.progress('');
    io.say('Interrupted: deleting the Job …');
    interrupt.abort();
  });
  try {
    const result = await runJob({
      ...{ kube, job, manifest, target, signal },
      progress: (progress) => io.progress(progressLine(progress, durationMs)),
      waiting: (why) => io.progress(printable(`waits for its pod: ${why}`)),
      left: (error) => io.say(`error: ${printable(messageOf(error))}`),
    }).finally(() => io.progress(''));
    const { where } = result;
    const shown = { ...result, name: nameOf(target), where: `${target.node}   ${where}` };
    await io.output.write(renderProbe(shown, form, screen(io)));
    if (isKept) {
      const kept = keptAnswer(result, serverNow() / 1000);
      const why = typeof kept === 'string' ? kept : await keepAnswer(kube, target, kept);
      if (typeof kept === 'string' || why !== undefined)
        io.say(printable(`Not kept for realmem suggest: ${why}.`));
      else {
        io.progress(`waits until the agent of ${target.node} has it in its history`);
        const asked = { kube, namespace: agent.namespace, target, probe: kept, signal };
        const taken = await waitUntilTaken(asked).finally(() => io.progress(''));
        for (const line of takenInWords(taken, target, agent).split('\n')) io.say(printable(line));
      }
    }
    return ExitCode.done;
  } catch (error) {
    if (!signal.aborted) throw error;
    return ExitCode.wrong;
  }
}
