/** The text of --help. */
import { renderColumns } from '../layout/columns.ts';
import type { Command } from './command.ts';

export function overview(commands: readonly Command[]): string {
  return `realmem: how much memory containers really use

Usage: realmem COMMAND [flags]

${indent(
  renderColumns(
    [
      { heading: '', cell: (command: Command) => command.name },
      { heading: '', cell: (command) => command.about },
    ],
    commands,
    false,
  ),
)}
Use "realmem COMMAND --help" for the flags of a command, and "realmem --version" for the version.
Exit codes: 0 success; 1 the command failed or found a fault; 2 wrong command line or configuration; 3 cannot read the host.
`;
}

export function commandHelp({ name, takes, about, flags, examples }: Command): string {
  const rows = Object.entries(flags).map(([flag, { short, takes: value, about: text }]) => ({
    flag: `${short === undefined ? '    ' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`,
    text,
  }));
  const usage = [`realmem ${name}`, ...(takes === undefined ? [] : [takes])].join(' ');
  return `${about.charAt(0).toUpperCase()}${about.slice(1)}.

Usage: ${usage}${rows.length === 0 ? '' : ' [flags]'}

${indent(
  renderColumns(
    [
      { heading: '', cell: (row: (typeof rows)[number]) => row.flag },
      { heading: '', cell: (row) => row.text },
    ],
    rows,
    false,
  ),
)}${rows.length === 0 ? '' : '\n'}Examples:
${indent(`${examples.join('\n')}\n`)}`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
