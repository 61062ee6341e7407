/** The frame of commands that inspect one container or cgroup, on this machine or in the cluster: `explain`, `ps`. */

import { openNode } from '../agent/source.ts';
import type { FindOptions } from '../cluster/find-pod.ts';
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import type { DetailSource } from '../inspect/detail.ts';
import type { Explanation } from '../inspect/explanation.ts';
import type { Ps } from '../inspect/ps.ts';
import type { TargetOptions } from '../inspect/target.ts';
import { defined } from '../model/json.ts';
import { connectCluster, readsCluster } from './cluster-flags.ts';
import { type Command, ExitCode } from './command.ts';
import { type Parsed, parseFlags } from './flags.ts';
import { hostOptions, targetOptions } from './source-flags.ts';

type Where = Pick<FindOptions, 'contextNamespace' | 'deadlineMs'>;

export interface Inspected<Found> {
  /** @param root the directory that represents the host's `/` @param at milliseconds since 1970 */
  readonly local: (node: DetailSource, root: string, target: TargetOptions, at: number) => Found;
  /** Checks what an agent sent. Undefined: it is something else. */
  readonly received: () => Promise<(value: unknown) => Found | undefined>;
  readonly show: (found: Found, parsed: Parsed) => Promise<void>;
}

/** @throws UsageError for wrong flags or a missing target; InputError if the target matches nothing */
export async function withTarget<Found extends Explanation | Ps>(
  { name, flags }: Pick<Command, 'name' | 'flags'>,
  args: readonly string[],
  io: Io,
  { local, received, show }: Inspected<Found>,
): Promise<ExitCode> {
  const parsed = parseFlags(flags, args, 1);
  const target = targetOptions(name, parsed);
  if (readsCluster(parsed, io, ['root', 'pods'])) {
    const cluster = await connectCluster(parsed, io);
    try {
      const { inspectInCluster } = await import('../cluster/inspect.ts');
      const kind = name === 'ps' ? 'ps' : 'explain';
      const { namespace: contextNamespace, deadlineMs } = cluster;
      const wanted = { ...target, ...defined<Where>({ contextNamespace, deadlineMs }), now: now() };
      await show(await inspectInCluster(cluster.kube, kind, wanted, await received()), parsed);
      return ExitCode.done;
    } catch (error) {
      throw cluster.printed(error);
    } finally {
      cluster.kube.close();
    }
  }
  const options = hostOptions(parsed.values, io);
  const node = openNode(options, []);
  try {
    await show(local(node, options.root, target, now()), parsed);
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}
