/** Parses the flags of a command, and reports all faults at once. */
import { parseArgs } from 'node:util';
import { LocatedErrors } from '../model/located-error.ts';
import { longestQuote, nearest, printableUpTo, quoted } from '../model/text.ts';

export interface Flag {
  readonly short?: string;
  /** The name of its value in --help; absent for a switch. */
  readonly takes?: string;
  /** All values that the flag accepts; absent if it accepts any. */
  readonly words?: readonly string[];
  readonly about: string;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Parsed {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** Splits a command line, whatever is wrong with it. */
export function tokensOf(flags: Flags, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { short, takes }]) => [
      name,
      {
        type: takes === undefined ? ('boolean' as const) : ('string' as const),
        ...(short !== undefined && { short }),
      },
    ]),
  );
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
}

/** @throws LocatedErrors */
export function parseFlags(flags: Flags, args: readonly string[], most = 0): Parsed {
  const { tokens, positionals } = tokensOf(flags, args);
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const faults: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) faults.push(unknown(token.rawName, flags));
    else if (flag.takes === undefined && token.value !== undefined)
      faults.push(`flag takes no argument: ${token.rawName}`);
    else if (flag.takes === undefined) switches.add(token.name);
    else if (token.value === undefined) faults.push(`flag needs an argument: ${token.rawName} ${flag.takes}`);
    else {
      const value = givenValue(token.rawName, token.value);
      if (flag.words !== undefined && !flag.words.some((word) => matches(word, value)))
        faults.push(`${token.rawName}: expected one of ${flag.words.join(', ')}, got ${quoted(value)}`);
      values[token.name] = value;
    }
  }
  for (const extra of positionals.slice(most)) faults.push(`unexpected argument: ${quoted(extra)}`);
  if (faults.length > 0) throw new LocatedErrors(faults);
  return { values, switches, positionals };
}

/** kubectl accepts -o=json. */
export const givenValue = (rawName: string, value: string): string =>
  rawName.startsWith('--') ? value : value.replace(/^=/, '');

/** A word that ends in `=` takes a specification: `jsonpath={.items}`. */
const matches = (word: string, value: string): boolean =>
  word.endsWith('=') ? value.startsWith(word) && value.length > word.length : value === word;

/** What people type for an output format. */
const outputs: Readonly<Record<string, string>> = { apply: 'patch', 'dry-run': 'patch', md: 'markdown' };

function unknown(name: string, flags: Flags): string {
  const bare = name.replace(/^-+/, '');
  const near = nearest(bare, Object.keys(flags));
  const hint = near === undefined ? outputHint(bare, flags) : `did you mean --${near}?`;
  return `unknown flag: ${printableUpTo(longestQuote, name)}; ${hint ?? 'see --help'}`;
}

/** `--json` → `-o json`. Undefined: the command has no such format. */
function outputHint(name: string, { output }: Flags): string | undefined {
  const format = Object.hasOwn(outputs, name) ? outputs[name] : name;
  if (format === undefined || !output?.words?.includes(format)) return undefined;
  return format === 'patch'
    ? 'realmem changes nothing itself: -o patch prints the commands to run'
    : `did you mean -o ${format}?`;
}

/** A flag that accepts one of `words`. */
export const flagOneOf = (words: readonly string[], about: string, short?: string): Flag => ({
  takes: words.join('|'),
  words,
  about,
  ...(short !== undefined && { short }),
});

/** The value of such a flag. */
export const wordOf = <Word extends string>(
  value: string | undefined,
  words: readonly Word[],
  otherwise: Word,
): Word => words.find((word) => word === value) ?? otherwise;
