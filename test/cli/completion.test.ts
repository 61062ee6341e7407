import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

describe('realmem completion', () => {
  it('exits with 2 without a shell and with an unknown one', async () => {
    for (const args of [[], ['tcsh']]) {
      const { code, stderr } = await run(['completion', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /SHELL is required: one of bash, zsh, fish/);
    }
  });

  it('prints a script that defines completions of realmem', async () => {
    for (const [shell, pattern] of [
      ['bash', /^complete .* realmem$/m],
      ['zsh', /^#compdef realmem\n/],
      ['fish', /^complete -c realmem /m],
    ] as const) {
      const { code, stdout } = await run(['completion', shell]);
      assert.equal(code, 0);
      assert.match(stdout, pattern);
    }
  });
});

/** A realmem that prints these lines, and keeps the words that it got. */
async function bash(test: TestContext, lines: readonly string[]) {
  const directory = tempDir(test);
  const words = path.join(directory, 'words');
  const script = path.join(directory, 'realmem.bash');
  fs.writeFileSync(script, (await run(['completion', 'bash'])).stdout);
  fs.writeFileSync(path.join(directory, 'answer'), lines.map((line) => `${line}\n`).join(''));
  const program = `#!/bin/sh\nprintf '<%s>' "$@" > ${words}\ncat ${directory}/answer\n`;
  fs.writeFileSync(path.join(directory, 'realmem'), program, { mode: 0o755 });
  return (
    line: string,
  ): { readonly asked: string; readonly replies: readonly string[]; readonly options: string } => {
    const code = `source ${script}
      compopt() { options+="$* "; }
      COMP_LINE=$1 COMP_POINT=\${#1}
      _realmem
      printf '%s\\n' "$options" "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', code, 'bash', line], {
      encoding: 'utf8',
      env: { PATH: `${directory}:/usr/bin:/bin` },
    });
    assert.equal(stderr, '');
    const [options = '', ...replies] = stdout.trimEnd().split('\n');
    return { asked: fs.readFileSync(words, 'utf8'), replies, options: options.trim() };
  };
}

describe('the bash script', () => {
  it('asks for the words before the cursor, with an empty one after a space', async (test) => {
    const complete = await bash(test, [':4']);
    assert.equal(complete('realmem ').asked, '<__complete><>');
    assert.equal(complete('realmem top -n').asked, '<__complete><top><-n>');
    assert.equal(complete('realmem top -n ').asked, '<__complete><top><-n><>');
    assert.equal(complete('realmem top --by=po').asked, '<__complete><top><--by=po>');
    assert.equal(complete('realmem top $(id) * ;').asked, '<__complete><top><$(id)><*><;>');
  });

  it('offers values without their descriptions', async (test) => {
    const complete = await bash(test, ['top\tlist pods', 'free\tshow * $HOME', ':4']);
    assert.deepEqual(complete('realmem ').replies, ['top', 'free']);
  });

  it('leaves out what bash does not replace: all up to the last = or :', async (test) => {
    const contexts = await bash(test, ['arn:aws:eks:shop', 'arn:aws:eks:test', ':4']);
    assert.deepEqual(contexts('realmem top --context arn:aws:e').replies, ['eks:shop', 'eks:test']);
    assert.deepEqual(contexts('realmem top --context=arn:').replies, ['aws:eks:shop', 'aws:eks:test']);
    const kinds = await bash(test, ['pod', ':4']);
    assert.deepEqual(kinds('realmem top --by=po').replies, ['pod']);
  });

  it('completes no files, only directories or files as the directive says, and adds no space', async (test) => {
    const optionsOf = async (line: string): Promise<string> =>
      (await bash(test, [line]))('realmem x ').options;
    assert.deepEqual(await Promise.all([':0', ':4', ':6', ':16'].map(optionsOf)), [
      ...['', '+o default', '-o nospace +o default', '+o default -o dirnames'],
    ]);
  });
});
