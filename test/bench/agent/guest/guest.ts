/** The same comparison on cgroup v2, in a virtual machine: calm, without an API server, with the names of the pods from a file. */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { binary } from '../../../cluster/bed/binaries.ts';
import { command } from '../../../cluster/machine/command.ts';
import type { Progress } from '../../../cluster/machine/progress.ts';
import { agentCommand, cadvisorFlags, chartSettings } from '../contestants.ts';
import type { Turn } from '../turns.ts';
import { runGuest } from './machine.ts';
import { PrintedTurns } from './turns.ts';

export interface GuestPlan {
  readonly pods: number;
  readonly rounds: number;
  readonly periods: readonly number[];
  /** Seconds, for a trial. */
  readonly window: number | undefined;
}

/** Seconds. The measured window has three reports. */
const warmUp = 45;
const whole = 45;

/** Each pod has a sandbox and two containers. */
const perPod = 3;

/** @param scratch has the bundle */
export async function guestTurns(
  scratch: string,
  { pods, rounds, periods, window }: GuestPlan,
  progress: Progress,
  say: (turn: Turn) => void,
): Promise<readonly Turn[]> {
  const shape = Array.from({ length: pods }, (_, index) => ({
    uid: randomUUID(),
    ids: Array.from({ length: perPod }, (_, at) => `${index}f${at}`.padStart(64, 'a')),
  }));
  const cgroups = ['/bench', '/bench/kubepods', '/bench/kubepods/burstable'].map((one) => `parent ${one}`);
  for (const { uid, ids } of shape) {
    const pod = `/bench/kubepods/burstable/pod${uid}`;
    cgroups.push(`parent ${pod}`, ...ids.map((id) => `leaf ${pod}/${id}`));
  }
  const turns = Array.from({ length: rounds }, (_, round) =>
    periods.flatMap((period) =>
      ['realmem', 'cadvisor'].map(
        (program) => `${program} ${period} ${round + 1} ${warmUp} ${window ?? whole}`,
      ),
    ),
  ).flat();
  const settings = {
    ...chartSettings(),
    ...{ root: '/host', period: 'PERIODs', historyDir: '/tmp/history', pods: '/pods.json' },
    // These need an API server.
    ...{ resource: false, configMap: false, annotations: false, history: false },
    probeAddress: '127.0.0.1:9643',
  };
  const node = path.join(scratch, 'node');
  await command('strip', ['-o', node, fs.realpathSync(process.execPath)]);
  const libraries = await command('ldd', [node]);
  const agent = agentCommand('/bin/node', '/realmem').join(' ');
  const files = {
    copies: {
      'bin/node': node,
      realmem: path.join(scratch, 'realmem'),
      'bin/cadvisor': binary('cadvisor'),
      ...Object.fromEntries(
        [...libraries.matchAll(/\/lib\S+\.so\S*/g)].map(([library]) => [library, library]),
      ),
    },
    texts: {
      cgroups: lines(cgroups),
      turns: lines(turns),
      'config.template': JSON.stringify(settings),
      'pods.json': JSON.stringify(podList(shape)),
      'start-realmem': `REALMEM_NODE=guest REALMEM_CONFIG=/tmp/config.yaml exec ${agent} agent\n`,
      'start-cadvisor': `exec /bin/cadvisor ${cadvisorFlags('$1', 'bench', 8080).join(' ')}\n`,
    },
  };
  const printed = new PrintedTurns();
  const messages: string[] = [];
  await runGuest(scratch, files, progress, (line) => {
    const turn = printed.read(line);
    if (turn !== undefined) say(turn);
    if (!line.startsWith('@')) messages.push(line);
  });
  if (!printed.isDone) throw new Error(`the guest ended early:\n${messages.slice(-20).join('\n')}`);
  return printed.turns;
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** What `kubectl get pods -o json` prints, as far as the agent reads it. */
const podList = (shape: readonly { readonly uid: string; readonly ids: readonly string[] }[]): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: shape.map(({ uid, ids: [, ...ids] }, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid, namespace: 'bench', name: `pod-${index}` },
    spec: { nodeName: 'guest', containers: ids.map((_, at) => ({ name: `container-${at}` })) },
    status: {
      phase: 'Running',
      containerStatuses: ids.map((id, at) => ({
        name: `container-${at}`,
        containerID: `containerd://${id}`,
        state: { running: {} },
      })),
    },
  })),
});
