/** The file that npm links as a command, under a Node that is too old. An old one is simulated: its version is replaced. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { transform } from 'esbuild';
import manifest from '../../package.json' with { type: 'json' };

const bin = new URL('../../bin/', import.meta.url).pathname;
const old = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})';
const flags = ['--import', `data:text/javascript,${old}`];

/** A copy of `bin/` in a directory of its own, and the path of one of its files. @param files path and content of executable files */
function copyOfBin(test: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bin-'));
  test.after(() => fs.rmSync(directory, { recursive: true }));
  fs.cpSync(bin, path.join(directory, 'bin'), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    fs.writeFileSync(path.join(directory, name), text, { mode: 0o755 });
  }
  return path.join(directory, 'bin/kubectl-realmem.mjs');
}

it('an installed package says in one line which Node it needs, and exits with 2', (test) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, copyOfBin(test)], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^error: realmem needs Node 22\.19 or newer, and .*\/node is v\S+: install one\n$/);
  assert.equal(manifest.engines.node, '>=22.19');
});

it('a clone without its own Node says how to install one', (test) => {
  const { status, stderr } = spawnSync(process.execPath, [...flags, copyOfBin(test, { 'src/cli.ts': '' })], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^error: realmem needs Node 22\.19 .*: run "npm run setup" in \S+, which installs one\n$/,
  );
});

it('a clone starts its own Node under the same name, and exits with its code', (test) => {
  const file = copyOfBin(test, {
    'src/cli.ts': '',
    'node_modules/.bin/node': '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 7\n',
  });
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, file, 'top', '-o', 'a b'], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [7, '']);
  assert.equal(stdout, `${file}\ntop\n-o\na b\n`);
});

it('a clone passes SIGTERM on to its own Node', async (test) => {
  const script = `process.on('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000);`;
  const file = copyOfBin(test, {
    'src/cli.ts': '',
    'node_modules/.bin/node': `#!/bin/sh\nexec '${process.execPath}' -e "${script}"\n`,
  });
  const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [9, null]);
});

for (const file of fs.readdirSync(bin))
  it(`Node 12.20 can parse ${file}`, async () => {
    const text = fs.readFileSync(path.join(bin, file), 'utf8');
    const codeFor = async (target: string): Promise<string> => (await transform(text, { target })).code;
    // esbuild replaces syntax that the target lacks, or refuses it.
    assert.equal(await codeFor('node12.20'), await codeFor('esnext'));
    await assert.rejects(transform('await 1', { target: 'node12.20' }));
  });
