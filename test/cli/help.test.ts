import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Command, ExitCode } from '../../src/cli/command.ts';
import type { Flags } from '../../src/cli/flags.ts';
import { commandHelp, overview } from '../../src/cli/help.ts';

const commandOf = (name: string, flags: Flags = {}, takes?: string): Command => ({
  ...{ name, about: `do ${name}`, flags, examples: [`realmem ${name}`, `realmem ${name} | less`] },
  ...(takes !== undefined && { takes }),
  run: () => Promise.resolve(ExitCode.done),
});

describe('overview', () => {
  it('lists commands in their order, aligned and indented, without headings', () =>
    assert.match(
      overview([commandOf('suggest'), commandOf('ps')]),
      /^Usage: realmem COMMAND \[flags\]\n\n {2}suggest {3}do suggest\n {2}ps {8}do ps\n\nUse "realmem COMMAND --help"/m,
    ));

  it('documents each exit code', () => {
    const [codes = ''] = overview([]).match(/^Exit codes: .*$/m) ?? [];
    for (const code of Object.values(ExitCode)) assert.match(codes, new RegExp(`\\b${code} `));
  });

  it('ends with one line break, and has no trailing spaces', () => {
    const text = overview([commandOf('ps')]);
    assert.match(text, /[^\n]\n$/);
    assert.doesNotMatch(text, / $/m);
  });
});

describe('commandHelp', () => {
  it('shows flags aligned, with and without short names and values', () =>
    assert.equal(
      commandHelp(
        commandOf('ps', {
          output: { short: 'o', takes: 'json|yaml', about: 'the format' },
          root: { takes: 'DIR', about: 'the root' },
          all: { short: 'A', about: 'everything' },
          why: { about: 'the reasons' },
        }),
      ),
      `Do ps.

Usage: realmem ps [flags]

  -o, --output json|yaml   the format
      --root DIR           the root
  -A, --all                everything
      --why                the reasons

Examples:
  realmem ps
  realmem ps | less
`,
    ));

  it('shows no [flags] and no empty section for a command without flags', () =>
    assert.equal(
      commandHelp(commandOf('ps')),
      'Do ps.\n\nUsage: realmem ps\n\nExamples:\n  realmem ps\n  realmem ps | less\n',
    ));

  it('shows the argument before [flags]', () => {
    assert.match(
      commandHelp(commandOf('ps', { why: { about: 'w' } }, 'TARGET')),
      /^Usage: realmem ps TARGET \[flags\]$/m,
    );
    assert.match(commandHelp(commandOf('ps', {}, 'TARGET')), /^Usage: realmem ps TARGET$/m);
  });
});
