/** Runs the completion scripts in zsh and fish. test/cli/completion.test.ts runs bash. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { completions } from '../../src/cli/complete/scripts.ts';
import { skipWhere } from '../needs.ts';
import { tempDir } from '../temp.ts';

/**
 * Runs shell code after the completion script. A program stands in for realmem: it records its arguments and prints `lines`.
 * @returns the arguments, then the output
 */
function inShell(test: TestContext, shell: 'zsh' | 'fish', lines: readonly string[], code: string): string {
  const directory = tempDir(test);
  const answer = lines.map((line) => `${line}\n`).join('');
  fs.writeFileSync(path.join(directory, 'answer'), answer);
  const program = `#!/bin/sh\nprintf '<%s>' "$@" >&3\ncat ${directory}/answer\n`;
  fs.writeFileSync(path.join(directory, 'realmem'), program, { mode: 0o755 });
  const options = shell === 'zsh' ? ['-f'] : ['--no-config'];
  const { stdout, stderr } = spawnSync(
    shell,
    [...options, '-c', `${shell === 'zsh' ? 'compdef() { }' : ''}\n${completions[shell]}\n${code}`],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${directory}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'pipe', fs.openSync(path.join(directory, 'words'), 'w')],
    },
  );
  assert.equal(stderr, '');
  return `${fs.readFileSync(path.join(directory, 'words'), 'utf8')}\n${stdout}`;
}

const missing = (shell: string): string | undefined =>
  spawnSync(shell, ['--version']).status === 0
    ? undefined
    : `${shell} does not run: apt-get install ${shell}`;

const contexts = ['arn:aws:a\tone: two', 'arn:aws:b', ':4'];

describe('the fish script', { skip: skipWhere(missing('fish')) }, () => {
  it('offers values with descriptions, and repeats a flag before =', (test) => {
    const complete = (line: string): string => inShell(test, 'fish', contexts, `complete -C '${line}'`);
    assert.equal(complete('realmem '), '<__complete><>\narn:aws:a\tone: two\narn:aws:b\n');
    assert.equal(
      complete('realmem top --context=ar'),
      '<__complete><top><--context=ar>\n--context=arn:aws:a\tone: two\n--context=arn:aws:b\n',
    );
  });

  it('offers no files where the directive says so', (test) => {
    assert.equal(inShell(test, 'fish', [':4'], "complete -C 'realmem top /'"), '<__complete><top></>\n');
  });
});

describe('the zsh script', { skip: skipWhere(missing('zsh')) }, () => {
  /** Runs the function without the line editor, and prints what it would offer. */
  const offered = (test: TestContext, lines: readonly string[], ...words: readonly string[]): string =>
    inShell(
      test,
      'zsh',
      lines,
      `_describe() { print -rl -- "$*" "\${(@P)4}"; }; _files() { print -r -- files $*; }; compset() { print -r -- compset $*; }
      words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=$#words; PREFIX=$words[-1]; _realmem`,
    );

  it('offers values with descriptions, colons escaped', (test) => {
    assert.equal(
      offered(test, contexts, 'realmem', 'top', '--context', ''),
      [
        '<__complete><top><--context><>',
        '-t realmem realmem candidates',
        'arn\\:aws\\:a:one: two',
        'arn\\:aws\\:b',
        '',
      ].join('\n'),
    );
  });

  it('leaves out a flag before =, and adds no space where the directive says so', (test) => {
    assert.equal(
      offered(test, ['jsonpath=', ':6'], 'realmem', 'top', '--output=js'),
      '<__complete><top><--output=js>\ncompset -P 1 *=\n-t realmem realmem candidates -S \njsonpath=\n',
    );
  });

  it('offers files, directories or nothing as the directive says', (test) => {
    const ends = [':0', ':16', ':4'].map((line) => offered(test, [line], 'realmem', 'x', ''));
    assert.deepEqual(
      ends,
      ['files\n', 'files -/\n', ''].map((text) => `<__complete><x><>\n${text}`),
    );
  });
});
