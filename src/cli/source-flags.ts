/** Flags of the commands that read a host or one container. */

import type { SourceOptions } from '../agent/source.ts';
import type { Io } from '../edges/process.ts';
import { podsLimit } from '../identify/names-source.ts';
import type { TargetOptions } from '../inspect/target.ts';
import { lookOf } from '../layout/look.ts';
import { UsageError } from '../model/located-error.ts';
import type { BarOptions } from '../render/bars.ts';
import type { Flags, Parsed } from './flags.ts';

export const hostFlags: Flags = {
  root: { takes: 'DIR', about: 'read this directory instead of /, for example a recording' },
  pods: { takes: 'FILE', about: 'pod names: the output of `kubectl get pods -A -o json|yaml`' },
};

export function hostOptions(values: Parsed['values'], io: Io): SourceOptions {
  const { root = '/', pods } = values;
  return { root, ...(pods !== undefined && { pods: { file: pods, text: io.readText(pods, podsLimit) } }) };
}

export const takesTarget = 'TARGET';

export const targetFlags: Flags = {
  namespace: {
    short: 'n',
    takes: 'NAMESPACE',
    about: 'TARGET is a pod, workload or container of this namespace',
  },
  ...hostFlags,
};

/** @throws UsageError without a target */
export function targetOptions(command: string, { positionals, values }: Parsed): TargetOptions {
  const [target] = positionals;
  if (target === undefined)
    throw new UsageError(
      `TARGET is required: the name of a container, pod or workload, namespace/pod/container, a container ID, or a cgroup path such as /docker/53a1…; see realmem ${command} --help`,
    );
  const { namespace } = values;
  return { target, ...(namespace !== undefined && { namespace }) };
}

/** Longer lines are hard to read. */
const widest = 120;
const narrowest = 40;
const defaultWidth = 80;

export function screen({ output, env }: Pick<Io, 'output' | 'env'>): BarOptions {
  const { colour, ascii } = lookOf(env);
  return {
    columns: Math.min(widest, Math.max(narrowest, output.columns ?? defaultWidth)),
    colour: output.isTerminal && colour,
    ascii: output.isTerminal && ascii,
  };
}
