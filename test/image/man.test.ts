import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { manPages } from '../../image/man.ts';
import type { Command } from '../../src/cli/command.ts';
import { allCommands } from '../../src/cli/main.ts';

const pages = manPages(await allCommands(), '1.2.3');
const textOf = (name: string): string => pages.find(({ file }) => file === name)?.text ?? '';

describe('the man pages', () => {
  it('have one page for each command, and realmem(1) names all of them', async () => {
    const names = (await allCommands()).map(({ name }) => `realmem-${name}.1`);
    assert.deepEqual(
      pages.map(({ file }) => file),
      ['realmem.1', ...names],
    );
    for (const { name } of await allCommands())
      assert.ok(textOf('realmem.1').includes(`realmem\\-${name}`), name);
  });

  it('have each flag with its short form and value, as --help has', () => {
    assert.match(
      textOf('realmem-top.1'),
      /\.TP\n\\fB\\-n\\fR, \\fB\\-\\-namespace\\fR \\fINAMESPACE\\fR\nList only pods of this namespace\.\n/,
    );
  });

  it('escape what roff would read as its own: backslashes, hyphens, and a dot at the start of a line', () => {
    const command: Command = {
      name: 'x',
      about: '.so a-b\\n',
      flags: {},
      examples: ["'quoted", 'realmem x -v'],
      run: () => Promise.reject(new Error('not called')),
    };
    const [, page] = manPages([command], '1.2.3');
    assert.match(page?.text ?? '', /\n\\&\.so a\\-b\\en\.\n/);
    assert.match(page?.text ?? '', /\n\\&'quoted\n/);
    assert.match(page?.text ?? '', /\nrealmem x \\-v\n/);
  });

  // A list of values, a|b|c, may be longer than a line.
  const groff = ['-man', '-Tutf8', '-ww', '-Wbreak', '-z'];
  const missing = spawnSync('groff', ['--version']).error !== undefined && 'groff is not installed';
  it('are typeset by groff without a warning', { skip: missing }, () => {
    for (const { file, text } of pages) {
      const { stderr } = spawnSync('groff', ['-Kutf8', ...groff], { input: text, encoding: 'utf8' });
      assert.equal(stderr, '', file);
    }
  });
});
