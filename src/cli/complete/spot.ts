/** What is being typed at the end of a command line: a flag, the value of a flag, or an argument. */
import type { Command } from '../command.ts';
import { type Flag, type Flags, givenValue, type Parsed, tokensOf } from '../flags.ts';

export interface Spot {
  /** What the user has typed of it. */
  readonly prefix: string;
  /** The flag whose value is typed. */
  readonly flag?: Flag & { readonly name: string };
  readonly isFlag: boolean;
  /** What stands before, without faults. */
  readonly parsed: Parsed;
}

/** @param words after the name of the command; the last one is being typed */
export function spotOf({ flags }: Pick<Command, 'flags'>, words: readonly string[]): Spot {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const { tokens, positionals } = tokensOf(flags, before);
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const parsed = { values, switches, positionals };
  let open: string | undefined;
  let takesFlags = true;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') takesFlags = false;
    if (token.kind !== 'option') continue;
    const takes = flagNamed(flags, token.name)?.takes;
    if (takes === undefined) switches.add(token.name);
    else if (token.value !== undefined) values[token.name] = givenValue(token.rawName, token.value);
    else if (token.index === before.length - 1) open = token.name;
  }
  const value = (name: string | undefined, prefix: string): Spot => {
    const flag = name === undefined ? undefined : flagNamed(flags, name);
    return { prefix, isFlag: false, parsed, ...(flag !== undefined && { flag }) };
  };
  if (open !== undefined) return value(open, typed);
  if (!takesFlags || !typed.startsWith('-')) return { prefix: typed, isFlag: false, parsed };
  const equals = typed.indexOf('=');
  if (equals === -1) return { prefix: typed, isFlag: true, parsed };
  const name = typed.slice(typed.startsWith('--') ? 2 : 1, equals);
  const long = typed.startsWith('--') ? name : Object.keys(flags).find((one) => flags[one]?.short === name);
  const spot = value(long, typed.slice(equals + 1));
  // An unknown flag has no value to complete.
  return spot.flag?.takes === undefined ? { ...spot, prefix: typed, isFlag: true } : spot;
}

function flagNamed(flags: Flags, name: string): Spot['flag'] {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  return flag && { ...flag, name };
}
