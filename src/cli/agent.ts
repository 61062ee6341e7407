/** `realmem agent`: samples, reports, serves, until it is told to stop. */
import { runAgent } from '../agent/agent.ts';
import { namesOf, settingNames, settings } from '../agent/settings.ts';
import { type Command, ExitCode } from './command.ts';
import { type Flags, parseFlags } from './flags.ts';

const settingFlags: Flags = Object.fromEntries(
  settingNames.map((name) => {
    const { takes, about } = settings[name];
    return [namesOf(name).flag, { takes, about, ...(name === 'output' && { short: 'o' }) }];
  }),
);

export const command: Command = {
  name: 'agent',
  about: 'samples this host again and again, prints, keeps and serves the report',
  flags: {
    once: { about: 'prints one report and ends' },
    config: {
      takes: 'FILE',
      about: 'settings in YAML; also REALMEM_CONFIG. Each is a flag, a variable and a key',
    },
    ...settingFlags,
  },
  examples: [
    'realmem agent',
    'realmem agent --period 1s --output off',
    'REALMEM_LOG_LEVEL=debug realmem agent --once',
  ],
  async run(args, io) {
    const { values, switches } = parseFlags(command.flags, args);
    await runAgent({ values, once: switches.has('once') }, io);
    return ExitCode.done;
  },
};
