import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../temp.ts';
import { run } from './run.ts';

const rootOf = (host: string): string =>
  new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
const docker = ['--root', rootOf('docker-v1')];
const kubernetes = ['--root', rootOf('kubernetes-v1')];

describe('realmem explain', () => {
  it('prints the golden explanation of one container', async () => {
    const { code, stdout } = await run(['explain', '7c1e', ...docker]);
    assert.equal(code, 0);
    const golden = new URL('../../fixtures/hosts/docker-v1/explain.txt', import.meta.url);
    assert.equal(stdout, fs.readFileSync(golden, 'utf8'));
  });

  it('prints a list of tools with -o json', async () => {
    const { stdout } = await run(['explain', '-n', 'data', 'postgres-0', '-o', 'json', ...kubernetes]);
    const rows = JSON.parse(stdout) as readonly { readonly tool: string; readonly bytes?: number }[];
    assert.equal(rows[0]?.tool, 'realmem');
    assert.ok(rows.length > 30);
  });

  it('explains a cgroup of this machine', async (test) => {
    const top = JSON.parse((await run(['top', '-o', 'json'])).stdout) as { others: { cgroup: string }[] };
    const cgroup = top.others[0]?.cgroup;
    if (cgroup === undefined) return test.skip('there are no cgroups');
    const { code, stdout } = await run(['explain', cgroup, '-o', 'wide']);
    assert.equal(code, 0);
    assert.match(stdout, /^kubectl top/m);
  });

  for (const [args, says] of [
    [[], /TARGET is required: a container ID, namespace\/pod\/container, or a cgroup path/],
    [['ffff'], /^error: ffff: expected a unique prefix of a container ID/],
    [['shop/cart-6d5f8c7b9d-x2x1z'], /expected one container, got 2; choose one of/],
    [['/nowhere'], /^error: \/nowhere: expected a cgroup, got none/],
    [['a', 'b'], /unexpected argument: "b"/],
  ] as const)
    it(`exits with 2 and a reason on ${JSON.stringify(args)}`, async () => {
      const { code, stderr } = await run(['explain', ...args, ...kubernetes]);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
});

describe('realmem ps', () => {
  it('prints the processes of one container', async () => {
    const { code, stdout } = await run(['ps', '7c1e', ...docker]);
    assert.equal(code, 0);
    assert.match(stdout, /^7665 .* server$/m);
  });

  it('exits with 3 on a recording without processes', async () => {
    const { code, stderr } = await run(['ps', 'data/postgres-0', ...kubernetes]);
    assert.equal(code, 3);
    assert.match(stderr, /got a recording without processes$/m);
  });
});

describe('realmem free', () => {
  it('prints the source of each figure with --why and -o wide', async () => {
    for (const how of [['--why'], ['-o', 'wide']]) {
      const { stdout } = await run(['free', ...how, '--root', rootOf('article')]);
      assert.match(stdout, /^used +213853512 +total − free = 264420684 − 50567172$/m);
    }
  });
});

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
