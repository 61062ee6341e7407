import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

describe('realmem completion', () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    it(`prints every command and flag for ${shell}`, async () => {
      const { code, stdout } = await run(['completion', shell]);
      assert.equal(code, 0);
      for (const name of ['agent', 'top', 'free', 'ps', 'explain', 'record', 'completion'])
        assert.match(stdout, new RegExp(`\\b${name}\\b`));
      for (const flag of ['sort-by', 'namespace', 'why', 'root', 'report-dir'])
        assert.ok(stdout.includes(flag), flag);
    });

  it('exits with 2 without a shell and with an unknown one', async () => {
    for (const args of [[], ['tcsh']]) {
      const { code, stderr } = await run(['completion', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /SHELL is required: one of bash, zsh, fish/);
    }
  });

  it('completes commands, flags and values in bash', async (test) => {
    const script = path.join(tempDir(test), 'realmem.bash');
    fs.writeFileSync(script, (await run(['completion', 'bash'])).stdout);
    const complete = (...words: readonly string[]): readonly string[] => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const line = `source ${script}; COMP_WORDS=(realmem ${quoted}); COMP_CWORD=${words.length}; _realmem; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', line], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    assert.deepEqual(complete('ex'), ['explain']);
    assert.deepEqual(complete('top', '--by', 'po'), ['pod']);
    assert.deepEqual(complete('free', '--w'), ['--why']);
    assert.deepEqual(complete('explain', '-o', 'ya'), ['yaml']);
  });
});
