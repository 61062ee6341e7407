/** Checks whether an agent runs on this machine, and whether one could start. */

import type { Config } from '../agent/settings.ts';
import { historyFilesIn } from '../checkpoint/kept-history.ts';
import { canBeLocked, holderOf } from '../edges/lock.ts';
import { portHolder } from '../edges/ports.ts';
import type { Address } from '../http/listener.ts';
import { printableUpTo } from '../model/text.ts';
import { type Check, ok, warn } from './check.ts';

/** @param node name of the node */
export async function checkAgent(root: string, config: Config, node: string): Promise<readonly Check[]> {
  const lock = config.historyDir === 'off' ? undefined : historyFilesIn(config.historyDir, node).lock;
  const holder = lock === undefined ? undefined : await holderOf(lock);
  return [
    agentOf(holder),
    ...(lock === undefined || canBeLocked(lock) ? [] : [noLock(lock)]),
    ...portChecks(root, 'probe port', config.probeAddress, '--probe-address', holder),
    ...portChecks(root, 'report port', config.reportAddress, '--report-address', holder),
  ];
}

const agentOf = (holder: string | undefined): Check =>
  holder === undefined
    ? ok('agent', 'none runs here with this history. realmem agent starts one.')
    : ok('agent', `one runs here: ${holder}. A second one keeps no history; pass it another --history-dir.`);

const noLock = (lock: string): Check =>
  warn(
    'history lock',
    `${lock} is too long for a socket: two agents would overwrite each other's history`,
    'pass a shorter directory with --history-dir',
  );

/** Characters of a command line. */
const longestCommand = 60;

function portChecks(
  root: string,
  name: string,
  address: Address | 'off',
  flag: string,
  agent: string | undefined,
): readonly Check[] {
  if (address === 'off') return [];
  const { host, port } = address;
  const where = `${host ?? ''}:${port}`;
  const holder = portHolder(root, port, host);
  if (holder === undefined) return [ok(name, `${where} is free`)];
  const { pid, command } = holder;
  const by =
    pid === undefined
      ? 'a process that this user may not see'
      : `process ${pid}${command === undefined ? '' : ` (${printableUpTo(longestCommand, command)})`}`;
  // The holder of the lock describes itself as `process PID on HOST, since TIME`.
  if (pid !== undefined && agent?.startsWith(`process ${pid} `) === true)
    return [ok(name, `the agent serves at ${where}`)];
  return [
    warn(
      name,
      `${where} is taken by ${by}: an agent would not serve there`,
      `pass ${flag} HOST:PORT, or off`,
    ),
  ];
}
