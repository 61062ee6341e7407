/** The bundle has only a part of the Kubernetes library. These tests run it, to show that the part suffices. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { bundle } from '../../image/bundle.ts';
import { version } from '../../src/model/product.ts';

const run = promisify(execFile);
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bundle-'));
const file = (name: string): string => path.join(directory, name);
const realmem = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [file('dist/realmem.mjs'), ...args])).stdout;

describe('the bundle', () => {
  before(() => bundle(file('dist')));
  after(() => fs.rmSync(directory, { recursive: true }));

  it('runs without node_modules', async () => {
    assert.equal(await realmem('--version'), `realmem ${version}\n`);
    assert.match(await realmem('agent', '--help'), /--kubeconfig/);
  });

  it('has the same bytes in each build', async () => {
    await bundle(file('again'));
    const read = (name: string): object =>
      Object.fromEntries(
        fs.readdirSync(file(name)).map((one) => [one, fs.readFileSync(path.join(file(name), one), 'utf8')]),
      );
    assert.deepEqual(read('again'), read('dist'));
  });

  it('has the licences of all bundled packages', () => {
    const text = fs.readFileSync(file('dist/THIRD-PARTY-LICENSES'), 'utf8');
    for (const name of ['@kubernetes/client-node', 'node-cron', 'pino', 'preact', 'yaml'])
      assert.match(text, new RegExp(`^${name} `, 'm'));
  });

  it('loads nothing for an agent that an agent does not use', async () => {
    fs.writeFileSync(
      file('loaded.cjs'),
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(file('loaded'))}, process.moduleLoadList.join('\\n')));`,
    );
    const host = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;
    fs.writeFileSync(file('config.yaml'), JSON.stringify({ root: host, output: 'off', reportPeriod: '15s' }));
    await run(process.execPath, [
      ...['--require', file('loaded.cjs'), file('dist/realmem.mjs')],
      ...['agent', '--once', '--config', file('config.yaml'), '--log-level', 'debug'],
    ]);
    const loaded = fs.readFileSync(file('loaded'), 'utf8').split('\n');
    const modules = (names: readonly string[]) => names.map((name) => `NativeModule ${name}`);
    assert.deepEqual(
      modules(['internal/deps/undici/undici', 'http2', 'worker_threads', 'child_process', 'readline', 'tty'])
        // The exports of these are read only when they are used.
        .concat(modules(['internal/crypto/webcrypto', 'stream/web', 'cluster', 'perf_hooks']))
        .filter((name) => loaded.includes(name)),
      [],
    );
    assert.ok(modules(['https', 'zlib', 'fs']).every((name) => loaded.includes(name)));
  });

  it('reads YAML, which it loads when it needs it', async () => {
    fs.writeFileSync(file('config.yaml'), 'period: 1x\n');
    await assert.rejects(
      realmem('agent', '--config', file('config.yaml')),
      /config\.yaml:1 period: expected a duration/,
    );
  });

  it('has the page inside, in a part that only the page loads', async () => {
    const host = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;
    const template = fs.readFileSync(new URL('../../src/page/built/page.html', import.meta.url), 'utf8');
    const html = await realmem('top', '--root', host, '-o', 'html');
    const [allowed = 'no script'] = /sha256-[\w+/=]+/.exec(template) ?? [];
    assert.ok(html.includes(allowed));
    const withPage = fs
      .readdirSync(file('dist'))
      .filter((one) => fs.readFileSync(path.join(file('dist'), one), 'utf8').includes('<!doctype html>'));
    assert.equal(withPage.length, 1, withPage.join());
    assert.notEqual(withPage[0], 'realmem.mjs');
  });

  describe('authenticates to the API server', () => {
    const asked: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end(JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] }));
    });
    before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    after(() => server.close());

    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [
        '-e',
        `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'made' } }))`,
      ],
      interactiveMode: 'Never',
    };
    const users: Readonly<Record<string, readonly [object, string | undefined]>> = {
      'a token in the kubeconfig': [{ token: 'given' }, 'Bearer given'],
      'a token file': [{ tokenFile: file('token') }, 'Bearer kept'],
      'an exec plugin': [{ exec }, 'Bearer made'],
    };
    for (const [what, [user, authorization]] of Object.entries(users))
      it(`with ${what}`, async () => {
        fs.writeFileSync(file('token'), 'kept');
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const kubeconfig = {
          apiVersion: 'v1',
          kind: 'Config',
          clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
          users: [{ name: 'u', user }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
          'current-context': 'x',
        };
        fs.writeFileSync(file('kubeconfig'), JSON.stringify(kubeconfig));
        asked.length = 0;
        await realmem(
          ...['agent', '--once', '--kubeconfig', file('kubeconfig'), '--node', 'n'],
          ...['--output', 'json', '--report-dir', 'off', '--root', file('host')],
        ).catch((error: unknown) => error);
        assert.equal(asked[0], authorization);
      });
  });
});
