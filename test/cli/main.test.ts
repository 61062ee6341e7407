/** The entry of all commands: help, version, and what an error becomes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { ExitCode } from '../../src/cli/command.ts';
import { main } from '../../src/cli/main.ts';
import { type Io, ReaderGone } from '../../src/edges/process.ts';
import { InputError, LocatedError, LocatedErrors, UsageError } from '../../src/model/located-error.ts';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

describe('realmem', () => {
  it('prints its version, and its commands with --help', async () => {
    assert.equal((await run(['--version'])).stdout, `realmem ${manifest.version}\n`);
    const { stdout, code } = await run(['--help']);
    assert.equal(code, 0);
    for (const name of ['agent', 'top', 'free', 'record'])
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
  });

  it('prints the flags of a command with --help', async () => {
    const { stdout, code } = await run(['top', '--help']);
    assert.equal(code, 0);
    for (const flag of ['--by', '--root', '--pods', '-o, --output', '-n, --namespace'])
      assert.ok(stdout.includes(flag), flag);
  });

  for (const [args, says] of [
    [['tpo'], /^error: unknown command "tpo" for "realmem"; did you mean top\?\n$/],
    [['top', '--bye', 'pod'], /unknown flag: --bye; did you mean --by\?/],
    [
      ['top', '--by', 'planet'],
      /--by: expected one of container, pod, workload, namespace, node, got "planet"/,
    ],
    [['top', '--pods'], /flag needs an argument: --pods FILE/],
    [
      ['top', '--all=yes', '--bright', 'pods', 'x', 'extra'],
      /flag takes no argument: --all\n.*unknown flag: --bright.*\n.*unexpected argument: "extra"/,
    ],
    [['top', '-l', 'a=b=c'], /--selector: expected a label selector/],
    [['top', '--root', '/nowhere'], /\/nowhere: expected a directory/],
    [['top', '--pods', '/nowhere.json'], /\/nowhere\.json: expected a readable file, got ENOENT/],
    [
      ['agent', '--period', 'soon', '--output', 'loud'],
      /--period: expected a duration.*\n.*--output: expected one of/,
    ],
    [['agent', '--config', '/nowhere.yaml'], /\/nowhere\.yaml: expected a readable file, got ENOENT/],
    [['record'], /DIR is required: realmem record DIR/],
    [[], /^$/],
  ] as const)
    it(`exits with 2 and a reason on ${JSON.stringify(args)}`, async () => {
      const { code, stderr } = await run(args);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });

  it('quotes at most 80 characters of an argument, with control characters escaped', async () => {
    const long = `\u001b${'x'.repeat(5_000)}`;
    for (const args of [
      [long],
      ['top', `--${long}`],
      ['top', long],
      ['top', '--by', long],
      ['top', '-l', `=${long}`],
      ['agent', '--period', long],
      ['record', 'x', '--every', long],
      ['backtest', 'x', '--policy', long],
      ['backtest', 'x', '--warm-up', long],
    ]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2);
      assert.doesNotMatch(stderr, /x{80}/);
      assert.ok(!stderr.includes('\u001b'));
      assert.match(stderr, /x{40}/);
    }
  });

  it('exits with 3 if it cannot read the host', async (test) => {
    const root = tempDir(test);
    fs.mkdirSync(path.join(root, 'proc/self'), { recursive: true });
    fs.writeFileSync(path.join(root, 'proc/self/mountinfo'), 'nonsense\n');
    const { code, stderr } = await run(['top', '--root', root]);
    assert.equal(code, 3);
    assert.match(stderr, /mountinfo:1: expected a mount/);
  });
});

describe('main', () => {
  it('prints the same overview for --help, -h, help and nothing, and exits with 2 for nothing', async () => {
    const { stdout } = await run(['--help']);
    for (const [args, code] of [
      [['-h'], 0],
      [['help'], 0],
      [['help', 'top'], 0],
      [[], 2],
    ] as const)
      assert.deepEqual(await run(args), { code, stdout, stderr: '' });
  });

  it('prints the version for the command and for the flag', async () =>
    assert.deepEqual(await run(['version']), await run(['--version'])));

  it('prints the help of a command if --help or -h is anywhere, whatever else is wrong', async () => {
    const expected = await run(['top', '--help']);
    assert.match(expected.stdout, /^[A-Z].*\n\nUsage: realmem top/);
    for (const args of [['-h'], ['--by', 'planet', '--help'], ['--nonsense', '-h']])
      assert.deepEqual(await run(['top', ...args]), expected);
  });

  for (const name of ['__proto__', 'constructor', 'toString', '', 'TOP', 'planet'])
    it(`refuses the command "${name}"`, async () => {
      const { code, stdout, stderr } = await run([name]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.startsWith(`error: unknown command "${name}" for "realmem"; `), stderr);
    });

  it('lists all commands for a name that is like none, and suggests one that is', async () => {
    assert.match((await run(['planet'])).stderr, /; expected one of agent, top, free, .*, completion\n$/);
    assert.match((await run(['TOP'])).stderr, /; did you mean top\?\n$/);
  });
});

describe('main, for an error of a command', () => {
  const located = { where: 'a.csv', line: 2, expected: 'b', got: 'c' };
  const coded = Object.assign(new Error('no space'), { code: 'ENOSPC' });

  async function reported(thrown: unknown): Promise<readonly [number, readonly string[]]> {
    const said: string[] = [];
    const output = {
      isTerminal: false,
      lines: undefined,
      columns: undefined,
      write: () => Promise.reject(thrown),
    };
    const io = { args: ['--version'], output, say: (line: string) => void said.push(line) };
    return [await main(io as Partial<Io> as Io), said];
  }

  for (const [what, thrown, code, says] of [
    ['a reader that closed the pipe', new ReaderGone(), ExitCode.done, []],
    [
      'a wrong command line',
      new UsageError('TARGET is required'),
      ExitCode.usage,
      ['error: TARGET is required'],
    ],
    ['a wrong input', new InputError(located), ExitCode.usage, ['error: a.csv:2: expected b, got c']],
    ['several errors', new LocatedErrors(['a', 'b']), ExitCode.usage, ['error: a', 'error: b']],
    [
      'a host that cannot be read',
      new LocatedError(located),
      ExitCode.unreadable,
      ['error: a.csv:2: expected b, got c'],
    ],
    ['an error of the system', coded, ExitCode.wrong, ['error: no space']],
    ['a thrown text', 'odd', ExitCode.wrong, ['error: odd']],
    ['a thrown undefined', undefined, ExitCode.wrong, ['error: undefined']],
  ] as const)
    it(`exits with ${code} and ${says.length} lines for ${what}`, async () =>
      assert.deepEqual(await reported(thrown), [code, says]));

  it('exits with 1 and prints the stack of an error without a code', async () => {
    const error = new Error('a fault of realmem');
    assert.deepEqual(await reported(error), [ExitCode.wrong, ['error: a fault of realmem', error.stack]]);
  });
});
