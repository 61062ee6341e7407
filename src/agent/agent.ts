/** Starts the agent from its configuration, runs it until a signal, and closes it. */

import { restoreFromCluster } from '../checkpoint/cluster.ts';
import { historyFilesIn, KeptHistory } from '../checkpoint/kept-history.ts';
import { probesFileBeside, probesIn } from '../checkpoint/probes-file.ts';
import { now, sleep, ticks, uptime } from '../edges/clock.ts';
import { hostName } from '../edges/host.ts';
import { type Log, openLog } from '../edges/log.ts';
import { type Io, ReaderGone } from '../edges/process.ts';
import { podsLimit } from '../identify/names-source.ts';
import { defined } from '../model/json.ts';
import { messageOf } from '../model/located-error.ts';
import { releasedAt } from '../model/product.ts';
import { rfc3339 } from '../model/time.ts';
import type { History } from '../usage/history.ts';
import type { ProbeSource } from '../usage/probes/taker.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { configLimit, configVariable, readConfig } from './config.ts';
import { Health } from './health.ts';
import { inspections } from './inspections.ts';
import { type Listeners, openListeners } from './listeners.ts';
import type { LiveScreen } from './live-screen.ts';
import { type LoggedKill, loop } from './loop.ts';
import { sinksOf } from './outputs.ts';
import { tickOnce } from './replay.ts';
import type { Config } from './settings.ts';
import { openNode } from './source.ts';
import type { Ticked } from './tick.ts';
import { WallClock } from './wall-clock.ts';

export interface AgentFlags {
  /** By flag name without dashes. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Print one report and end. */
  readonly once: boolean;
}

/** @throws LocatedErrors for an invalid configuration, LocatedError for an unreadable host or file of pods */
export async function runAgent({ values, once }: AgentFlags, io: Io): Promise<void> {
  const signal = io.untilSignal();
  const config = configOf(values, io);
  let listeners: Listeners = { troubles: [] };
  let failing: readonly string[] = [];
  const troubles = (): readonly string[] => [...listeners.troubles, ...failing];
  const live = await liveScreenOf(config, once, io, troubles, () => listeners.report?.address);
  const log = openLog(config.logLevel, (lines) =>
    live === undefined ? io.log(lines) : live.log(lines, io.log),
  );
  const pods =
    config.pods === undefined ? undefined : { file: config.pods, text: io.readText(config.pods, podsLimit) };
  const source = {
    root: config.root,
    ...(pods !== undefined && { pods }),
    ...(config.node !== undefined && { node: config.node }),
    ...(!once && { periodSeconds: config.periodMs / 1000, followsEvents: true }),
  };
  const name = config.node ?? hostName();
  const probes: ProbeSource = {
    warn: (message) => log.warn(message),
    ...(config.historyDir !== 'off' && {
      kept: probesIn(probesFileBeside(historyFilesIn(config.historyDir, name).file)),
    }),
  };
  const clock = new WallClock({ now, uptime, earliest: releasedAt }, (message) => log.warn(message));
  const cluster = await clusterOf(config, name, io, log, (at) => clock.heard(at));
  const kept = new KeptHistory({
    node: name,
    now: () => (clock.moment.isTrusted ? clock.moment.at : undefined),
    about: `process ${io.pid} on ${hostName()}, since ${rfc3339(now())}`,
    say: (message) => log.warn(message),
    found: (at) => clock.knows(at),
  });
  const node = openNode(
    { ...source, history: kept.history, ...(!once && { probes }) },
    await sinksOf({
      config,
      cluster,
      node: name,
      kept,
      output: io.output,
      screen: live?.sink,
      once,
      wallClock: () => clock.moment.at,
      servedAt: () => listeners.report?.address,
      troubles,
    }),
    cluster?.names,
    () => [
      ...(once || node.host.recording !== undefined ? [] : [clock.condition]),
      ...(config.annotations && cluster !== undefined ? [cluster.policy] : []),
      ...(once || (config.historyDir === 'off' && !(config.history && cluster)) ? [] : [kept.condition]),
    ],
  );
  try {
    if (once) {
      const ticked = await tickOnce(node, now());
      logFaults(log, ticked);
      for (const { error } of ticked.failures) throw error;
      return;
    }
    if (config.history && cluster !== undefined) await restoreHistory(cluster, name, kept, log);
    clock.read();
    log[kept.condition.status === 'False' ? 'warn' : 'info'](kept.condition.message);
    const reader = Promise.withResolvers<string>();
    const sinks = node.sinks.map(({ name }) => name);
    const health = new Health(config.periodMs, ticks(), clock, () => cluster?.metrics ?? {}, sinks);
    const inspect = inspections(async (inspection) => {
      const { inspect } = await import('./inspection.ts');
      return inspect(node, config.root, inspection, clock.moment.at);
    }, ticks);
    listeners = await openListeners(config, health, cluster, log, inspect);
    const ends = Promise.race([signal, reader.promise]);
    const watched = live?.run(node, config.root, io, ends);
    // Awaited below. The first pass comes before.
    watched?.catch(() => {});
    const stop = await loop(node, {
      periodMs: config.periodMs,
      reportPeriodMs: config.reportPeriodMs,
      clock,
      health,
      log: { warn: (message) => log.warn(message) },
      onTick: (ticked) => {
        if (ticked.failures.some(({ error }) => error instanceof ReaderGone))
          reader.resolve('the reader closed the output');
        else logFailures(log, ticked);
        if (ticked.report !== undefined) failing = ticked.failures.map(({ error }) => messageOf(error));
      },
      onError: (error) => log.error(`a pass failed: ${messageOf(error)}`),
      onKill: (kill) => logKill(log, kill, node.history),
    });
    try {
      const because = await Promise.race([
        ends,
        ...(watched === undefined ? [] : [watched.then(() => 'quit')]),
      ]);
      await watched;
      log.info({ because }, 'ending');
    } finally {
      await stop();
    }
    await Promise.all([listeners.probes?.close(), listeners.report?.close()]);
  } finally {
    const closed = await Promise.allSettled(node.sinks.map((sink) => sink.close()));
    for (const [index, end] of closed.entries())
      if (end.status === 'rejected') log.error({ sink: node.sinks[index]?.name }, messageOf(end.reason));
    cluster?.close();
    node.host.close();
  }
}

/** The live view, if a person watches: a table on a terminal with keys. Other agents never load it. */
async function liveScreenOf(
  { output, reportDir }: Config,
  once: boolean,
  { terminal }: Io,
  troubles: () => readonly string[],
  servedAt: () => string | undefined,
): Promise<LiveScreen | undefined> {
  if (once || (output !== 'table' && output !== 'wide') || !terminal.isInteractive) return undefined;
  const { LiveScreen } = await import('./live-screen.ts');
  const about = (): string => {
    const served = servedAt();
    const kept = reportDir === 'off' ? undefined : `kept in ${reportDir}`;
    return [served === undefined ? undefined : `http://${served}/`, kept]
      .filter((part) => part !== undefined)
      .join('   ');
  };
  return new LiveScreen({ about, troubles });
}

/**
 * Connects to the cluster, if there is one and names do not come from a file of pods.
 * @param heard receives the time of each answer by the API server's clock, in milliseconds since 1970
 */
async function clusterOf(
  config: Config,
  node: string,
  io: Io,
  log: Log,
  heard: (at: number) => void,
): Promise<Cluster | undefined> {
  const { pods, kubeconfig, annotations, allowUnguardedWrites, resource, configMap, history } = config;
  if (pods !== undefined || (kubeconfig === undefined && !io.inCluster)) {
    if (resource || configMap !== false || annotations || history)
      log.warn('there is no cluster to write to: pass --kubeconfig or run as a pod, without --pods');
    return undefined;
  }
  return openCluster({
    kubeconfig,
    env: io.env,
    random: io.random,
    node,
    pods: !annotations ? 'read' : allowUnguardedWrites ? 'write' : 'write where a policy allows',
    say: (message) => log.info(message),
    heard,
  });
}

/**
 * How long the first pass waits for the history in the cluster. A pass without it would start new aggregates for
 * containers that already have some.
 */
const firstHistoryMs = 5_000;

async function restoreHistory(cluster: Cluster, node: string, kept: KeptHistory, log: Log): Promise<void> {
  const restored = restoreFromCluster(cluster, node, kept, (message) => log.warn(message));
  await Promise.race([restored, sleep(firstHistoryMs, cluster.ended)]);
}

/** On a terminal the default log level is `warn`: the user watches the table there. */
export function configOf(flags: AgentFlags['values'], io: Io): Config {
  const name = flags['config'] ?? io.env[configVariable];
  const faults: string[] = [];
  let file: { readonly name: string; readonly text: string } | undefined;
  try {
    if (name !== undefined) file = { name, text: io.readText(name, configLimit) };
  } catch (error) {
    faults.push(messageOf(error));
  }
  return readConfig({
    flags,
    env: io.env,
    faults,
    ...(file !== undefined && { file }),
    defaults: {
      root: '/',
      periodMs: 5_000,
      publishPeriodMs: 60_000,
      resource: false,
      configMap: false,
      annotations: false,
      annotationPeriodMs: 600_000,
      // Many of its pods run on every node, and few people read their annotations.
      annotationNamespaces: { excluded: ['kube-system'] },
      allowUnguardedWrites: false,
      history: false,
      historyPeriodMs: 3_600_000,
      historyDir: io.stateDir,
      output: 'table',
      reportDir: io.stateDir,
      probeAddress: { host: '127.0.0.1', port: 9643 },
      metricsAuth: false,
      reportAddress: { host: '127.0.0.1', port: 9644 },
      logLevel: io.output.isTerminal ? 'warn' : 'info',
    },
  });
}

/** A cgroup can have many kills in its lifetime: logs the first, and then each doubling of their number. */
function logKill(log: Log, { identified, kills, before }: LoggedKill, history: History): void {
  if (Math.floor(Math.log2(kills)) === Math.floor(Math.log2(before))) return;
  const { pod, container, role, sample } = identified;
  // The names of pods are those of this node. A node inside a container has others.
  const isNamed = pod !== undefined && !('inside' in role);
  log.info(
    {
      cgroup: sample.id.path,
      ...(isNamed &&
        defined({ namespace: pod.namespace, pod: pod.name, container: container?.container?.name })),
      ...defined({
        oomKills: kills,
        peakRealBytes: history.peakOf(sample.id),
        peakUsageBytes: sample.details?.peak,
        limitBytes: sample.details?.limit,
      }),
    },
    'OOM kill',
  );
}

function logFailures(log: Log, ticked: Ticked): void {
  for (const { sink, error } of ticked.failures) log.error({ sink }, messageOf(error));
  logFaults(log, ticked);
}

function logFaults(log: Log, { faults }: Ticked): void {
  for (const { cgroup, why } of faults) log.debug({ cgroup }, why);
}
