/** The npm package, installed as a user installs it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makePackage } from '../../image/package.ts';
import manifest from '../../package.json' with { type: 'json' };

describe('the npm package', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-npm-'));
  const installed = path.join(directory, 'lib/node_modules/realmem');
  let bytes = 0;
  before(async () => {
    const file = await makePackage(directory);
    bytes = fs.statSync(file).size;
    // Without a registry: a package with dependencies would fail here.
    const install = ['install', '--global', '--offline', '--no-audit', '--no-fund', '--prefix', directory];
    execFileSync('npm', [...install, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, npm_config_cache: path.join(directory, 'cache') },
    });
  });
  after(() => fs.rmSync(directory, { recursive: true }));

  it('is one folder of less than 0.6 MB packed, without dependencies and scripts', () => {
    assert.ok(bytes < 600_000, `${bytes} bytes`);
    const published = JSON.parse(fs.readFileSync(path.join(installed, 'package.json'), 'utf8'));
    for (const key of ['dependencies', 'devDependencies', 'scripts', 'private'])
      assert.ok(!(key in published), key);
    assert.deepEqual(published.engines, manifest.engines);
    assert.ok(!fs.existsSync(path.join(installed, 'node_modules')));
  });

  for (const name of ['realmem', 'kubectl-realmem'])
    it(`installs the command ${name}`, () => {
      const { stdout, stderr } = spawnSync(path.join(directory, 'bin', name), ['--version'], {
        encoding: 'utf8',
        env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` },
      });
      assert.deepEqual([stdout, stderr], [`realmem ${manifest.version}\n`, '']);
    });

  it("installs the completion of kubectl's plugin", () => {
    const completer = path.join(directory, 'bin/kubectl_complete-realmem');
    const { stdout, stderr } = spawnSync(completer, ['top', '--by', 'no'], {
      encoding: 'utf8',
      env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` },
    });
    assert.deepEqual([stdout, stderr], ['node\n:4\n', '']);
  });

  it('installs the man pages', () => {
    const page = path.join(directory, 'share/man/man1/realmem-top.1');
    assert.match(fs.readFileSync(page, 'utf8'), /^\.TH REALMEM\\-TOP 1 /);
  });
});
