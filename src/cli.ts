#!/usr/bin/env node
import { type Command, ExitCode, UsageFault } from './cli/command.ts';
import { commandHelp, overview } from './cli/help.ts';
import { codeOf } from './edges/errors.ts';
import { type Io, processIo, ReaderGone } from './edges/process.ts';
import { Fault, Faults, InputFault, messageOf } from './model/located-error.ts';
/** The command `realmem`: finds the command, and turns what goes wrong into a message and an exit code. */
import { longestQuote, nearest, printableUpTo } from './model/text.ts';
import { version } from './model/version.ts';

/** Each is loaded when it is called: the agent carries nothing of the others. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  agent: () => import('./cli/agent.ts'),
  top: () => import('./cli/top.ts'),
  free: () => import('./cli/free.ts'),
  ps: () => import('./cli/ps.ts'),
  explain: () => import('./cli/explain.ts'),
  suggest: () => import('./cli/suggest.ts'),
  backtest: () => import('./cli/backtest.ts'),
  cleanup: () => import('./cli/cleanup.ts'),
  record: () => import('./cli/record.ts'),
  completion: async () => ({ command: (await import('./cli/completion.ts')).completionOf(all) }),
};

const all = (): Promise<readonly Command[]> =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

async function main(io: Io): Promise<ExitCode> {
  const [name, ...args] = io.args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await io.output.write(overview(await all()));
    return name === undefined ? ExitCode.usage : ExitCode.done;
  }
  if (name === '--version' || name === 'version') {
    await io.output.write(`realmem ${version}\n`);
    return ExitCode.done;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    const near = nearest(name, Object.keys(commands));
    const hint =
      near === undefined ? `commands are ${Object.keys(commands).join(', ')}` : `did you mean ${near}?`;
    throw new UsageFault(`${printableUpTo(longestQuote, name)} is not a command of realmem: ${hint}`);
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    await io.output.write(commandHelp(command));
    return ExitCode.done;
  }
  return command.run(args, io);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ReaderGone) return ExitCode.done;
  const lines = error instanceof Faults ? error.all : [messageOf(error)];
  for (const line of lines) io.say(`realmem: ${line}`);
  if (error instanceof Faults || error instanceof InputFault || error instanceof UsageFault)
    return ExitCode.usage;
  if (error instanceof Fault) return ExitCode.unreadable;
  // What the system refused has said so; anything else is a fault of this program.
  if (error instanceof Error && codeOf(error) === undefined) io.say(error.stack ?? '');
  return ExitCode.wrong;
}

const io = processIo();
// All that was to be written is: whatever still hangs (a reader that does not read) is not waited for.
io.exit(await main(io).catch(exitCodeOf));
