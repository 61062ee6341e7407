#!/usr/bin/env node
/** The command `realmem`: finds the command, and turns what goes wrong into a message and an exit code. */
import { nearest } from './app/nearest.ts';
import { version } from './app/version.ts';
import { type Command, ExitCode, UsageFault } from './cli/command.ts';
import { commandHelp, overview } from './cli/help.ts';
import { type Io, processIo, ReaderGone } from './edges/process.ts';
import { Fault, Faults, InputFault, messageOf } from './model/fault.ts';
import { printable } from './model/text.ts';

/** Each is loaded when it is called: the agent carries nothing of the others. */
const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  agent: () => import('./cli/agent.ts'),
  top: () => import('./cli/top.ts'),
  free: () => import('./cli/free.ts'),
  record: () => import('./cli/record.ts'),
};

async function main(io: Io): Promise<ExitCode> {
  const [name, ...args] = io.args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const all = await Promise.all(Object.values(commands).map(async (load) => (await load()).command));
    await io.output.write(overview(all));
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
    throw new UsageFault(`${printable(name)} is not a command of realmem: ${hint}`);
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    await io.output.write(commandHelp(command));
    return ExitCode.done;
  }
  return command.run(args, io);
}

const io = processIo();
try {
  process.exitCode = await main(io);
} catch (error) {
  if (error instanceof ReaderGone) process.exitCode = ExitCode.done;
  else {
    const lines = error instanceof Faults ? error.all : [messageOf(error)];
    for (const line of lines) io.say(`realmem: ${line}`);
    const known = error instanceof Faults || error instanceof Fault || error instanceof UsageFault;
    if (!known && error instanceof Error) io.say(error.stack ?? '');
    const unreadable = error instanceof Fault && !(error instanceof InputFault);
    process.exitCode = unreadable ? ExitCode.unreadable : known ? ExitCode.usage : ExitCode.wrong;
  }
}
