/** Runs a command, and turns errors into messages and an exit code. Importing this file runs nothing. */

import { completeCommand, guardCommand, type Io, ReaderGone, superviseCommand } from '../edges/process.ts';
import { ClusterError } from '../kube/printed-error.ts';
import {
  AgentError,
  codeOf,
  InputError,
  LocatedError,
  LocatedErrors,
  messageOf,
  UsageError,
} from '../model/located-error.ts';
import { version } from '../model/product.ts';
import { nearest, quoted } from '../model/text.ts';
import { type Command, ExitCode } from './command.ts';

/** A command is loaded when it is called, so the agent does not load the others. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  agent: () => import('./agent.ts'),
  top: () => import('./top.ts'),
  free: () => import('./free.ts'),
  ps: () => import('./ps.ts'),
  explain: () => import('./explain.ts'),
  probe: () => import('./probe.ts'),
  suggest: () => import('./suggest.ts'),
  ui: () => import('./ui.ts'),
  doctor: () => import('./doctor.ts'),
  backtest: () => import('./backtest.ts'),
  cleanup: () => import('./cleanup.ts'),
  record: () => import('./record.ts'),
  completion: () => import('./completion.ts'),
};

export const allCommands = (): Promise<readonly Command[]> =>
  Promise.all(Object.values(commands).map(async (load) => (await load()).command));

async function commandNamed(name: string): Promise<Command | undefined> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return (await load?.())?.command;
}

/** Never rejects. Uses the process only through `io`, so tests can run commands in their own process. */
export const main = (io: Io): Promise<ExitCode> => runCommand(io).catch((error) => reported(error, io));

async function runCommand(io: Io): Promise<ExitCode> {
  const [name, ...args] = io.args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { overview } = await import('./help.ts');
    await io.output.write(overview(await allCommands(), io));
    return name === undefined ? ExitCode.usage : ExitCode.done;
  }
  if (name === '--version' || name === 'version') {
    await io.output.write(`realmem ${version}\n`);
    return ExitCode.done;
  }
  if (name === completeCommand) {
    const { complete } = await import('./complete/complete.ts');
    await io.output.write(await complete(args, { all: allCommands, named: commandNamed }, io));
    return ExitCode.done;
  }
  if (name === guardCommand) {
    const { runGuard } = await import('../edges/reclaim/guard.ts');
    await runGuard(args);
    return ExitCode.done;
  }
  if (name === superviseCommand) {
    const { supervise } = await import('../edges/reclaim/supervisor.ts');
    return exitCodeOf(await supervise(args));
  }
  const command = await commandNamed(name);
  if (command === undefined) {
    const near = nearest(name, Object.keys(commands));
    const hint =
      near === undefined ? `expected one of ${Object.keys(commands).join(', ')}` : `did you mean ${near}?`;
    throw new UsageError(`unknown command ${quoted(name)} for "realmem"; ${hint}`);
  }
  if (args.includes('--help') || args.includes('-h')) {
    const { commandHelp } = await import('./help.ts');
    await io.output.write(commandHelp(command, io));
    return ExitCode.done;
  }
  return command.run(args, io);
}

const exitCodeOf = (code: number): ExitCode =>
  Object.values(ExitCode).find((one) => one === code) ?? ExitCode.wrong;

/** Prints the error and returns the exit code. */
function reported(error: unknown, io: Io): ExitCode {
  if (error instanceof ReaderGone) return ExitCode.done;
  if (error instanceof ClusterError) {
    io.say(error.message);
    return ExitCode.unreadable;
  }
  const lines = error instanceof LocatedErrors ? error.all : [messageOf(error)];
  for (const line of lines) io.say(`error: ${line}`);
  if (error instanceof LocatedErrors || error instanceof InputError || error instanceof UsageError)
    return ExitCode.usage;
  if (error instanceof LocatedError || error instanceof AgentError) return ExitCode.unreadable;
  // Errors of the system name their cause. Any other error is a fault of realmem: print the stack.
  if (error instanceof Error && codeOf(error) === undefined) io.say(error.stack ?? '');
  return ExitCode.wrong;
}
