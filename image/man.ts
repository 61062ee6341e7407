/** Man pages from the help of the commands: realmem(1), and one page for each command. */
import type { Command } from '../src/cli/command.ts';
import type { Flag } from '../src/cli/flags.ts';
import { releasedAt } from '../src/model/product.ts';

export interface Page {
  readonly file: string;
  readonly text: string;
}

export function manPages(commands: readonly Command[], version: string): readonly Page[] {
  const names = commands.map(({ name }) => name);
  return [
    { file: 'realmem.1', text: overviewPage(commands, version) },
    ...commands.map((command) => ({
      file: `realmem-${command.name}.1`,
      text: commandPage(command, names, version),
    })),
  ];
}

function overviewPage(commands: readonly Command[], version: string): string {
  return page([
    title('realmem', version),
    section('NAME', 'realmem \\- how much memory containers really use'),
    section('SYNOPSIS', `${bold('realmem')} ${italic('COMMAND')} [flags]`),
    `.br\n${bold('kubectl realmem')} ${italic('COMMAND')} [flags]`,
    section(
      'DESCRIPTION',
      'Shows the real memory of containers: what the kernel could not reclaim without harm. Suggests requests and limits.',
    ),
    section('COMMANDS'),
    ...commands.map(({ name, about }) => item(bold(name), `${sentence(about)} See ${reference(name)}.`)),
    section('EXIT STATUS'),
    ...exitCodes.map(([code, text]) => item(code, text)),
  ]);
}

function commandPage(command: Command, names: readonly string[], version: string): string {
  const { name, takes, about, flags, examples } = command;
  const given = [bold(`realmem ${name}`), ...(takes === undefined ? [] : [italic(takes)])];
  const hasFlags = Object.keys(flags).length > 0;
  return page([
    title(`realmem-${name}`, version),
    section('NAME', `realmem-${escaped(name)} \\- ${escaped(about)}`),
    section('SYNOPSIS', [...given, ...(hasFlags ? ['[flags]'] : [])].join(' ')),
    section('DESCRIPTION', sentence(about)),
    ...(hasFlags ? [section('OPTIONS')] : []),
    ...Object.entries(flags).map(([flag, options]) => item(flagTerm(flag, options), sentence(options.about))),
    section('EXAMPLES'),
    ...examples.map((example) => `.PP\n.nf\n.RS\n${line(escaped(example))}\n.RE\n.fi`),
    section(
      'SEE ALSO',
      [`${bold('realmem')}(1)`, ...names.filter((one) => one !== name).map(reference)].join(',\n'),
    ),
  ]);
}

const exitCodes = [
  ['0', 'Success.'],
  ['1', 'The command failed or found a fault.'],
  ['2', 'Wrong command line or configuration.'],
  ['3', 'The host or the cluster cannot be read.'],
] as const;

const flagTerm = (flag: string, { short, takes }: Flag): string =>
  [
    ...(short === undefined ? [] : [`${bold(`-${short}`)},`]),
    bold(`--${flag}`),
    ...(takes === undefined ? [] : [italic(takes)]),
  ].join(' ');

const reference = (name: string): string => `${bold(`realmem-${name}`)}(1)`;
const date = new Date(releasedAt).toISOString().slice(0, 10);
/** Without hyphenation and justified lines, which break up flags. */
const title = (name: string, version: string): string =>
  `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 ${date} "realmem ${version}" "realmem"\n.nh\n.ad l`;
const section = (heading: string, text?: string): string =>
  `.SH ${heading.includes(' ') ? `"${heading}"` : heading}${text === undefined ? '' : `\n${line(text)}`}`;
const item = (term: string, text: string): string => `.TP\n${line(term)}\n${line(text)}`;
const page = (parts: readonly string[]): string => `${parts.join('\n')}\n`;

const sentence = (about: string): string => `${escaped(about.charAt(0).toUpperCase() + about.slice(1))}.`;
const bold = (text: string): string => `\\fB${escaped(text)}\\fR`;
const italic = (text: string): string => `\\fI${escaped(text)}\\fR`;

/** roff reads a backslash as its escape, and prints a plain hyphen as one that cannot be copied into a shell. */
const escaped = (text: string): string => text.replaceAll('\\', '\\e').replaceAll('-', '\\-');

/** A line that starts with a dot or an apostrophe would be a request of roff. */
const line = (text: string): string => text.replace(/^(?=[.'])/gm, '\\&');
