/** The flags of every command that reads a host. */

import type { SourceOptions } from '../agent/source.ts';
import type { Io } from '../edges/process.ts';
import { podsLimit } from '../identify/names-source.ts';
import type { Flags, Parsed } from './flags.ts';

export const hostFlags: Flags = {
  root: { takes: 'DIR', about: "what stands for the host's /: a recording, for instance" },
  pods: { takes: 'FILE', about: 'names of pods: what `kubectl get pods -A -o json|yaml` printed' },
};

export function hostOptions(values: Parsed['values'], io: Io): SourceOptions {
  const { root = '/', pods } = values;
  return { root, ...(pods !== undefined && { pods: { file: pods, text: io.readText(pods, podsLimit) } }) };
}
