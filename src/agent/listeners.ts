/** Opens the two listeners of the agent: probes with metrics, and the report. */

import { ticks } from '../edges/clock.ts';
import type { Log } from '../edges/log.ts';
import { thisMachine, thisProcess } from '../edges/machine.ts';
import type { CloseReason } from '../http/connections.ts';
import { type Address, type HttpSite, type Listener, type ListenOptions, listen } from '../http/listener.ts';
import { InputError, messageOf } from '../model/located-error.ts';
import type { Cluster } from './cluster.ts';
import type { Health } from './health.ts';
import { probeSite, reportSite } from './serve.ts';
import type { Config } from './settings.ts';

export interface Listeners {
  /** Absent if switched off, or if it could not be opened. */
  readonly probes?: Listener;
  /** Absent if switched off, or if it could not be opened. */
  readonly report?: Listener;
  /** Why a listener could not be opened, one line each. */
  readonly troubles: readonly string[];
}

/**
 * Opens the listeners that the configuration asks for. A port in use is logged and does not end the agent: it still
 * samples, prints and keeps reports.
 * @param inspect answers requests to inspect a container, beside the report
 * @throws InputError if metrics must be authorized and there is no cluster to ask
 */
export async function openListeners(
  config: Config,
  health: Health,
  cluster: Cluster | undefined,
  log: Log,
  inspect?: HttpSite['slowPage'],
): Promise<Listeners> {
  const troubles: string[] = [];
  const onClosed = (reason: CloseReason): void => health.connectionClosed(reason);
  const listenOn = async (
    what: string,
    address: Address | 'off',
    site: HttpSite,
    secure?: ListenOptions['secure'],
  ): Promise<Listener | undefined> => {
    if (address === 'off') return undefined;
    try {
      const listener = await listen(address, site, { onClosed, ...(secure !== undefined && { secure }) });
      log.info({ address: listener.address }, `${what} served`);
      return listener;
    } catch (error) {
      const trouble = `${what} not served: ${messageOf(error)}`;
      log.error(trouble);
      troubles.push(trouble);
      return undefined;
    }
  };
  const guard = config.metricsAuth ? await guardMetrics(config, cluster, log) : undefined;
  const { pageBytes } = thisMachine();
  const probes = await listenOn(
    'probes and metrics',
    config.probeAddress,
    {
      ...probeSite(health, ticks, () => thisProcess(pageBytes)),
      ...(guard !== undefined && { refuse: guard.refuse }),
    },
    guard?.secure,
  );
  const report = await listenOn('report', config.reportAddress, reportSite(health, inspect));
  return { ...(probes !== undefined && { probes }), ...(report !== undefined && { report }), troubles };
}

/** @throws InputError without a cluster: then the metrics may not be served at all */
async function guardMetrics({ tlsCertFile, tlsKeyFile }: Config, cluster: Cluster | undefined, log: Log) {
  if (cluster === undefined)
    throw new InputError({
      where: 'metricsAuth',
      expected: 'a cluster to ask who may read the metrics',
      got: 'none',
      todo: 'pass --kubeconfig or run as a pod, without --pods',
    });
  const [{ metricsAuth }, { digestOf, secureBy }] = await Promise.all([
    import('./metrics-auth.ts'),
    import('../http/tls.ts'),
  ]);
  const warn = (message: string): void => log.warn(message);
  const files =
    tlsCertFile === undefined || tlsKeyFile === undefined
      ? undefined
      : { cert: tlsCertFile, key: tlsKeyFile };
  return {
    refuse: metricsAuth({ api: cluster.kube, digestOf, ticks, warn }),
    secure: secureBy({ files, ticks, warn }),
  };
}
