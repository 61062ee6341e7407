/** `realmem record DIR`: the raw files of this host, for `--root DIR` to read back. */
import { record } from '../app/record.ts';
import { openNode } from '../app/source.ts';
import { now } from '../edges/clock.ts';
import type { Io } from '../edges/process.ts';
import { openRecording } from '../edges/recording.ts';
import { renderJson } from '../report/structured.ts';
import { type Command, ExitCode, UsageFault } from './command.ts';
import { oneOf, parseFlags, wordOf } from './flags.ts';
import { hostFlags, hostOptions } from './host-flags.ts';

const forms = ['text', 'json'] as const;

export const command: Command = {
  name: 'record',
  takes: 'DIR',
  about: 'writes what is read here to DIR, one file a cgroup file; --root DIR reads it back',
  flags: {
    output: oneOf(forms, 'text: what was recorded; json: the report of that moment', 'o'),
    ...hostFlags,
  },
  examples: ['realmem record /tmp/host', 'realmem top --root /tmp/host'],
  run,
};

async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parseFlags(command.flags, args, 1);
  const [directory] = positionals;
  if (directory === undefined) throw new UsageFault('record needs a directory: realmem record DIR');
  const form = wordOf(values['output'], forms, 'text');
  const options = hostOptions(values, io);
  const node = openNode(options, []);
  try {
    const recording = openRecording(directory);
    const made = record(node, recording, options.pods, now());
    const text = `Recorded ${recording.files} files of ${made.containers.length + made.others.length} cgroups in ${directory}.\nRead it with: realmem top --root ${directory}\n`;
    await io.output.write(form === 'json' ? renderJson(made) : text);
    return ExitCode.done;
  } finally {
    node.host.close();
  }
}
