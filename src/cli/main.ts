/** Finds the command, runs it, and turns errors into messages and an exit code. Importing this runs nothing. */

import { type Io, ReaderGone } from '../edges/process.ts';
import { codeOf, InputError, LocatedError, LocatedErrors, messageOf } from '../model/located-error.ts';
import { version } from '../model/product.ts';
import { longestQuote, nearest, printableUpTo } from '../model/text.ts';
import { type Command, ExitCode, UsageError } from './command.ts';
import { commandHelp, overview } from './help.ts';

/** Each is loaded when it is called: the agent carries nothing of the others. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  agent: () => import('./agent.ts'),
  top: () => import('./top.ts'),
  free: () => import('./free.ts'),
  ps: () => import('./ps.ts'),
  explain: () => import('./explain.ts'),
  suggest: () => import('./suggest.ts'),
  backtest: () => import('./backtest.ts'),
  cleanup: () => import('./cleanup.ts'),
  record: () => import('./record.ts'),
  completion: async () => ({ command: (await import('./completion.ts')).completionOf(all) }),
};

const all = (): Promise<readonly Command[]> =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

/** Never rejects. Touches the process only through `io`: a test runs commands in its own process. */
export const main = (io: Io): Promise<ExitCode> => runCommand(io).catch((error) => explained(error, io));

async function runCommand(io: Io): Promise<ExitCode> {
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
    throw new UsageError(`${printableUpTo(longestQuote, name)} is not a command of realmem: ${hint}`);
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    await io.output.write(commandHelp(command));
    return ExitCode.done;
  }
  return command.run(args, io);
}

/** Says what went wrong. */
function explained(error: unknown, io: Io): ExitCode {
  if (error instanceof ReaderGone) return ExitCode.done;
  const lines = error instanceof LocatedErrors ? error.all : [messageOf(error)];
  for (const line of lines) io.say(`realmem: ${line}`);
  if (error instanceof LocatedErrors || error instanceof InputError || error instanceof UsageError)
    return ExitCode.usage;
  if (error instanceof LocatedError) return ExitCode.unreadable;
  // What the system refused has said so; anything else is a fault of this program.
  if (error instanceof Error && codeOf(error) === undefined) io.say(error.stack ?? '');
  return ExitCode.wrong;
}
