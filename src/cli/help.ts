/** Help, made from the commands themselves. */
import { renderColumns } from '../render/columns.ts';
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
realmem COMMAND --help shows its flags; realmem --version the version.
Exit codes: 0 done; 1 something was found wrong; 2 the command line or configuration is wrong; 3 the host could not be read.
`;
}

export function commandHelp({ name, takes, about, flags, examples }: Command): string {
  const rows = Object.entries(flags).map(([flag, { short, takes: value, about: text }]) => ({
    flag: `${short === undefined ? '    ' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`,
    text,
  }));
  return `realmem ${name}: ${about}

Usage: realmem ${name}${takes === undefined ? '' : ` ${takes}`} [flags]

${indent(
  renderColumns(
    [
      { heading: '', cell: (row: (typeof rows)[number]) => row.flag },
      { heading: '', cell: (row) => row.text },
    ],
    rows,
    false,
  ),
)}
Examples:
${indent(`${examples.join('\n')}\n`)}`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
