/** The flags of commands that read a host, and of those that look at one container. */

import type { SourceOptions } from '../agent/source.ts';
import type { Io } from '../edges/process.ts';
import { podsLimit } from '../identify/names-source.ts';
import type { TargetOptions } from '../inspect/target.ts';
import type { BarOptions } from '../render/bars.ts';
import { UsageError } from './command.ts';
import type { Flags, Parsed } from './flags.ts';

export const hostFlags: Flags = {
  root: { takes: 'DIR', about: "what stands for the host's /: a recording, for instance" },
  pods: { takes: 'FILE', about: 'names of pods: what `kubectl get pods -A -o json|yaml` printed' },
};

export function hostOptions(values: Parsed['values'], io: Io): SourceOptions {
  const { root = '/', pods } = values;
  return { root, ...(pods !== undefined && { pods: { file: pods, text: io.readText(pods, podsLimit) } }) };
}

export const takesTarget = 'TARGET';

export const targetFlags: Flags = {
  namespace: { short: 'n', takes: 'NAMESPACE', about: 'TARGET is a pod of this namespace' },
  ...hostFlags,
};

/** @throws UsageFault without a target */
export function targetOptions(command: string, { positionals, values }: Parsed): TargetOptions {
  const [target] = positionals;
  if (target === undefined)
    throw new UsageError(
      `${command} needs a target: a container ID, namespace/pod/container, or a cgroup path such as /docker/53a1…`,
    );
  const { namespace } = values;
  return { target, ...(namespace !== undefined && { namespace }) };
}

/** Wider lines than this are hard to follow. */
const widest = 120;
const narrowest = 40;
const unlessTold = 80;

export function screen({ output, env }: Io): BarOptions {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    columns: Math.min(widest, Math.max(narrowest, output.columns ?? unlessTold)),
    colour: output.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    // A locale that is set and is not of UTF-8; in a pod there is none, and what reads it is.
    ascii: locale !== '' && !/utf-?8/i.test(locale) && output.isTerminal,
  };
}
