/**
 * Installs the plugin with krew itself, and runs it where there is nothing but the C and C++ libraries: no Node, no shell.
 * Needs root, for chroot.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeExecutables, platforms } from '../../image/executable.ts';
import { archiveName, makeKrewPlugin, manifestName } from '../../image/krew.ts';
import manifest from '../../package.json' with { type: 'json' };

const source = path.join(import.meta.dirname, 'go/krew');
const recording = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;

/** The root of the installed plugin's file system: krew's directories, the libraries and a recording. */
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-krew-'));
const krewRoot = path.join(root, 'krew');
const packed = path.join(root, 'packed');
const own = platforms.filter(({ arch }) => arch === (process.arch === 'x64' ? 'amd64' : process.arch));

function run(file: string, args: readonly string[], options: { cwd?: string; env?: object } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) throw error;
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Builds krew once per set of versions, which takes about 50 s of CPU. @returns the directory of its programs */
function buildKrew(): string {
  const hash = createHash('sha256')
    .update(fs.readFileSync(path.join(source, 'go.mod')))
    .digest('hex');
  const cache = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const directory = path.join(cache, 'realmem/originals', `krew-${hash.slice(0, 8)}`);
  if (fs.existsSync(directory)) return directory;
  const unfinished = `${directory}.${process.pid}`;
  fs.mkdirSync(unfinished, { recursive: true });
  const programs = ['krew', 'validate-krew-manifest'].map((name) => `sigs.k8s.io/krew/cmd/${name}`);
  run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', `${unfinished}/`, ...programs], {
    cwd: source,
    env: { CGO_ENABLED: '0' },
  });
  fs.renameSync(unfinished, directory);
  return directory;
}

/** Runs the installed program in its own root, without the environment of this process. */
function inRoot(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('chroot', [root, program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: '--no-such-flag' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function copyLibraries(program: string): void {
  for (const [library] of run('ldd', [program]).matchAll(/\/\S+/g)) {
    fs.mkdirSync(path.join(root, path.dirname(library)), { recursive: true });
    fs.copyFileSync(library, path.join(root, library));
  }
}

describe('the plugin for krew', () => {
  before(async () => {
    const executables = path.join(root, 'executables');
    const [executable = ''] = await makeExecutables(executables, own);
    const licence = new URL('../../LICENSE', import.meta.url).pathname;
    makeKrewPlugin(packed, executables, [['LICENSE', licence]], manifest, own);
    copyLibraries(executable);
    fs.rmSync(executables, { recursive: true });
    fs.cpSync(recording, path.join(root, 'recording'), { recursive: true });
    // krew makes links with absolute paths. They must lead to the same files in the root.
    fs.mkdirSync(path.join(root, path.dirname(root)), { recursive: true });
    fs.symlinkSync('/', path.join(root, root));
  });
  after(() => fs.rmSync(root, { recursive: true }));

  it("is valid for krew's index, and krew installs it", () => {
    const krew = buildKrew();
    const file = path.join(packed, manifestName);
    run(path.join(krew, 'validate-krew-manifest'), ['-manifest', file, '-skip-install']);
    const archives = own.map((platform) => path.join(packed, archiveName(platform)));
    for (const archive of archives)
      run(path.join(krew, 'krew'), ['install', '--manifest', file, '--archive', archive], {
        env: { KREW_ROOT: krewRoot, KREW_NO_UPGRADE_CHECK: '1' },
      });
    const store = path.join(krewRoot, 'store/realmem', `v${manifest.version}`);
    assert.deepEqual(fs.readdirSync(store).sort(), ['LICENSE', 'kubectl-realmem']);
    // The path of a temporary directory would make each build differ.
    const executable = fs.readFileSync(path.join(store, 'kubectl-realmem'));
    assert.ok(
      !executable.includes('realmem-executable-'),
      'the executable contains the path of its build directory',
    );
  });

  it('prints its version, its help and the containers of a recording, without Node', () => {
    const plugin = '/krew/bin/kubectl-realmem';
    assert.deepEqual(inRoot(plugin, '--version'), {
      status: 0,
      stdout: `realmem ${manifest.version}\n`,
      stderr: '',
    });
    assert.match(inRoot(plugin, 'top', '--help').stdout, /^Usage: .* top /m);
    const { status, stdout, stderr } = inRoot(plugin, 'top', '--root', '/recording', '-o', 'name');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^shop\/reader\/main$/m);
  });

  it('refers to the cluster as kubectl-realmem, and to this machine as realmem', () => {
    for (const name of ['realmem', 'kubectl_complete-realmem'])
      fs.symlinkSync('kubectl-realmem', path.join(krewRoot, 'bin', name));
    assert.match(inRoot('/krew/bin/kubectl-realmem', 'suggest').stderr, /^error: no kubeconfig found/);
    assert.match(inRoot('/krew/bin/realmem', 'suggest').stderr, /expected the history of an agent/);
    assert.equal(inRoot('/krew/bin/kubectl_complete-realmem', 'top', '--by', 'no').stdout, 'node\n:4\n');
  });
});
