/** Checks this machine, or a recording of one. */

import { tickOnce } from '../agent/replay.ts';
import type { Config } from '../agent/settings.ts';
import { openNode, type SourceOptions } from '../agent/source.ts';
import type { Node } from '../agent/tick.ts';
import { messageOf } from '../model/located-error.ts';
import { rfc3339 } from '../model/time.ts';
import { checkAgent } from './agent.ts';
import { checkCgroups, checkReport } from './cgroups.ts';
import { type Check, fail, ok } from './check.ts';
import { checkHistoryFile } from './history-file.ts';
import { checkProcesses } from './processes.ts';

export interface HostWorld {
  readonly source: SourceOptions;
  /** The directory whose /proc has this machine's network. */
  readonly portsRoot: string;
  /** The settings that an agent started here would have, or why they are wrong. */
  readonly config: Config | { readonly faults: readonly string[] };
  /** Name of the node unless the configuration sets it. */
  readonly hostName: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds since 1970: this version was released then. */
  readonly releasedAt: number;
  /** Version of Node: `26.10.0`. */
  readonly nodeVersion: string;
  readonly kubeconfigs: readonly string[];
}

/** Reads only. Never rejects for a fault of the host: that is a check that failed. */
export async function checkHost(world: HostWorld): Promise<readonly Check[]> {
  const { source, now } = world;
  const { checks, isRecording } = await checkMemory(source, now);
  const ofKernel = [...checks, checkProcesses(source.root)];
  return isRecording ? ofKernel : [...ofKernel, ...(await checkMachine(world))];
}

/** Whether an agent could run on this machine, or does. */
export async function checkMachine(world: HostWorld): Promise<readonly Check[]> {
  const { config, hostName, now } = world;
  const checks = [checkNode(world.nodeVersion), checkClock(world), checkKubeconfig(world.kubeconfigs)];
  if ('faults' in config) return [...checks, ...checkSettings(config.faults)];
  const node = config.node ?? hostName;
  const ofAgent = await checkAgent(world.portsRoot, config, node);
  return [...checks, ...ofAgent, checkHistoryFile(config, node, now)];
}

interface CheckedMemory {
  readonly checks: readonly Check[];
  /** The files are those of another host, so the other checks of this machine do not apply. */
  readonly isRecording: boolean;
}

async function checkMemory(source: SourceOptions, now: number): Promise<CheckedMemory> {
  let node: Node | undefined;
  try {
    node = openNode(source, []);
    const { report } = await tickOnce(node, now);
    return {
      checks: [checkCgroups(node.host, source.root), ...(report === undefined ? [] : checkReport(report))],
      isRecording: node.host.recording !== undefined,
    };
  } catch (error) {
    return { checks: [fail('cgroups', messageOf(error))], isRecording: false };
  } finally {
    node?.host.close();
  }
}

/** As `engines` of the package: earlier versions do not run TypeScript. */
const leastNode = [22, 19] as const;

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return isNewEnough
    ? ok('Node', `version ${version}`)
    : fail(
        'Node',
        `version ${version}; realmem needs ${leastNode.join('.')} or newer`,
        'in a clone of the repository: npm run setup',
      );
}

function checkClock({ now, releasedAt }: HostWorld): Check {
  return now < releasedAt
    ? fail(
        'clock',
        `it shows ${rfc3339(now)}, before this version was released (${rfc3339(releasedAt)}). An agent stores no samples by such a clock.`,
        'set the clock: timedatectl',
      )
    : ok('clock', `it shows ${rfc3339(now)}`);
}

const checkSettings = (faults: readonly string[]): readonly Check[] =>
  faults.map((fault) => fail('settings', fault, 'correct it; realmem agent --help lists the settings'));

const checkKubeconfig = (files: readonly string[]): Check =>
  files.length === 0
    ? ok('kubeconfig', 'none: commands read this machine only')
    : ok('kubeconfig', `${files.join(', ')}: kubectl realmem doctor checks that cluster`);
