/** `realmem agent`: samples, reports and serves until a signal stops it. */
import { runAgent } from '../agent/agent.ts';
import { settingNames, settingNamesOf, settings } from '../agent/settings.ts';
import { type Command, ExitCode } from './command.ts';
import { type Flags, parseFlags } from './flags.ts';

const settingFlags: Flags = Object.fromEntries(
  settingNames.map((name) => {
    const { takes, about } = settings[name];
    return [settingNamesOf(name).flag, { takes, about, ...(name === 'output' && { short: 'o' }) }];
  }),
);

export const command: Command = {
  name: 'agent',
  about: 'sample this host periodically, and print, store and serve the report',
  flags: {
    once: { about: 'print one report and exit' },
    config: {
      takes: 'FILE',
      about: 'YAML file with settings, or REALMEM_CONFIG; each setting is a flag, a variable and a key',
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
