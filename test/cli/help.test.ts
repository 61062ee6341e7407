import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterFlags } from '../../src/cli/cluster-flags.ts';
import { type Command, ExitCode } from '../../src/cli/command.ts';
import type { Flags } from '../../src/cli/flags.ts';
import { commandHelp as commandHelpOf, overview as overviewOf } from '../../src/cli/help.ts';
import { allCommands } from '../../src/cli/main.ts';
import { hostFlags } from '../../src/cli/source-flags.ts';
import { matchesGolden } from '../golden.ts';

const ioOf = (columns?: number, isPlugin = false) => ({
  ...{ isPlugin, env: {} },
  output: { isTerminal: true, lines: 24, columns, write: () => Promise.resolve() },
});
const overview = (commands: readonly Command[], io = ioOf()): string => overviewOf(commands, io);
const commandHelp = (command: Command, io = ioOf()): string => commandHelpOf(command, io);

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
    const [codes = ''] =
      overview([], ioOf(120))
        .replaceAll('\n', ' ')
        .match(/Exit codes: .*$/) ?? [];
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

Flags:
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

describe('the width', () => {
  it("is the terminal's, from 40 to 120 columns, for every command", async () => {
    const commands = await allCommands();
    // The usage of `top` has a word of 44 characters.
    for (const columns of [40, 60, 80, 120, 300])
      for (const isPlugin of [false, true])
        for (const help of [
          overview(commands, ioOf(columns, isPlugin)),
          ...commands.map((command) => commandHelp(command, ioOf(columns, isPlugin))),
        ])
          for (const line of help.split('\n'))
            assert.ok(line.length <= Math.min(120, Math.max(columns, 52)), line);
  });

  it('is 80 columns where there is no terminal', async () => {
    const commands = await allCommands();
    assert.equal(overview(commands), overview(commands, ioOf(80)));
  });

  for (const columns of [60, 80])
    it(`of ${columns} columns leaves the help of top readable`, async () => {
      const top = (await allCommands()).find(({ name }) => name === 'top');
      assert.ok(top);
      const file = new URL(`goldens/top-help-${columns}.txt`, import.meta.url);
      matchesGolden(file, commandHelp(top, ioOf(columns, columns === 80)));
    });

  it('breaks a long example where a shell joins its lines again', () => {
    const example = `realmem top ${'--namespace shop '.repeat(5)}-o csv`;
    const help = commandHelp({ ...commandOf('top'), examples: [example] }, ioOf(60));
    const lines = help
      .slice(help.indexOf('Examples:\n') + 10)
      .trimEnd()
      .split('\n');
    assert.ok(lines.length > 1 && lines.every((line) => line.length <= 60), help);
    assert.equal(lines.join('\n').replaceAll(/\\\n/g, '').replaceAll(/ +/g, ' ').trim(), example);
  });
});

describe('groups of flags', () => {
  it('are those of the command, of the cluster and of the host, in this order', () => {
    const help = commandHelp(
      commandOf('ps', { ...hostFlags, ...clusterFlags, why: { about: 'the reasons' } }),
    );
    const headings = ['Flags:\n      --why', 'Cluster flags:\n      --context', 'Host flags:\n      --root'];
    const places = headings.map((heading) => help.indexOf(heading));
    assert.ok(
      places.every((place) => place > 0),
      help,
    );
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });
});

describe('the help of the plugin', () => {
  it('says kubectl realmem, in the overview and for each command', () => {
    assert.match(overview([commandOf('ps')], ioOf(80, true)), /^Usage: kubectl realmem COMMAND/m);
    const help = commandHelp(commandOf('ps'), ioOf(80, true));
    assert.match(help, /^Usage: kubectl realmem ps$/m);
    assert.match(help, /^ {2}kubectl realmem ps \| less$/m);
    assert.doesNotMatch(help, /(?<!kubectl )realmem ps/);
  });

  it('shows only the examples of a cluster where there are some', () => {
    const command = { ...commandOf('ps'), examples: ['kubectl realmem ps a', 'realmem ps --root b'] };
    assert.match(commandHelp(command, ioOf(80, true)), /Examples:\n {2}kubectl realmem ps a\n$/);
    assert.match(
      commandHelp(command, ioOf(80)),
      /Examples:\n {2}kubectl realmem ps a\n {2}realmem ps --root b\n$/,
    );
  });
});
