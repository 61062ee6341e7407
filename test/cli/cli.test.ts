import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../temp.ts';
import { startProcess } from './process.ts';
import { run, start } from './run.ts';

const hostRoot = (name: string): string =>
  new URL(`../../fixtures/hosts/${name}/root`, import.meta.url).pathname;
const kubernetes = hostRoot('kubernetes-v1');
const nothingServed = ['--probe-address', 'off', '--report-address', 'off'];

describe('realmem top', () => {
  it('prints only names with -o name', async () => {
    const { stdout } = await run(['top', '--root', kubernetes, '-o', 'name']);
    assert.equal(stdout.split('\n')[0], 'data/postgres-0/postgres');
  });

  it('omits the header with --no-headers', async () => {
    const { stdout } = await run(['top', '--root', kubernetes, '--no-headers', '--by', 'namespace']);
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(' ')[0]),
      ['data', 'shop', 'logging', 'kube-system', ''],
    );
  });

  it('sorts by the column of --sort-by', async () => {
    const { stdout } = await run([
      'top',
      '--root',
      kubernetes,
      '--sort-by',
      'working-set',
      '-o',
      'name',
      '--by',
      'pod',
    ]);
    assert.ok(stdout.length > 0);
    const table = (
      await run(['top', '--root', kubernetes, '--sort-by', 'name', '--no-headers', '--by', 'namespace'])
    ).stdout;
    assert.deepEqual(
      table.split('\n').map((line) => line.split(' ')[0]),
      ['data', 'kube-system', 'logging', 'shop', ''],
    );
  });

  it('filters pods by namespace and labels', async () => {
    const names = async (...args: readonly string[]) =>
      (await run(['top', '--root', kubernetes, '-o', 'name', ...args])).stdout.trim().split('\n');
    assert.deepEqual(await names('-n', 'data'), ['data/postgres-0/postgres']);
    assert.equal((await names('-n', 'data', '-A')).length, 7);
    assert.equal((await names('-l', 'app=catalog')).length, 2);
    assert.equal((await names('-l', 'app in (cart, postgres)')).length, 3);
  });

  it('exits with 0 and no error if its reader closes the pipe', async () => {
    const top = startProcess(['top', '--root', kubernetes, '-o', 'json']);
    top.hangUp();
    const { code, stderr } = await top.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('realmem record', () => {
  it('records files that give the same report with --root', async (test) => {
    const target = path.join(tempDir(test), 'recording');
    const recorded = await run(['record', target, '--root', kubernetes, '-o', 'json']);
    assert.equal(recorded.code, 0, recorded.stderr);
    assert.equal((await run(['top', '--root', target, '-o', 'json'])).stdout, recorded.stdout);
  });

  it('records no annotation, variable or command of a pod', async (test) => {
    const directory = tempDir(test);
    const pods = path.join(directory, 'pods.json');
    const item = {
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'b', uid: 'c', annotations: { note: 'hunter2' } },
      spec: {
        containers: [{ name: 'd', env: [{ name: 'PASSWORD', value: 'hunter2' }], command: ['hunter2'] }],
      },
    };
    fs.writeFileSync(pods, JSON.stringify({ kind: 'List', items: [item] }));
    const target = path.join(directory, 'recording');
    const { code } = await run(['record', target, '--root', kubernetes, '--pods', pods]);
    assert.equal(code, 0);
    const files = fs
      .readdirSync(target, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile());
    for (const { parentPath, name } of files)
      assert.doesNotMatch(fs.readFileSync(path.join(parentPath, name), 'utf8'), /hunter2/, name);
  });

  it('refuses a directory that is not empty', async (test) => {
    const directory = tempDir(test);
    fs.writeFileSync(path.join(directory, 'something'), '');
    const { code, stderr } = await run(['record', directory, '--root', kubernetes]);
    assert.equal(code, 2);
    assert.match(stderr, /expected a new or empty directory/);
  });
});

describe('realmem agent', () => {
  it('prints one report and exits with --once', async () => {
    const { code, stdout } = await run(['agent', '--once', '--root', kubernetes]);
    assert.equal(code, 0);
    assert.match(stdout, /^data {10}postgres-0 /m);
  });

  for (const [signal, begin] of [
    ['SIGTERM', startProcess],
    ['SIGINT', start],
  ] as const)
    it(`serves and stores reports, and exits with 0 on ${signal}`, async (test) => {
      const directory = tempDir(test);
      const agent = begin([
        'agent',
        ...['--root', kubernetes, '--period', '100ms', '--output', 'off', '--report-dir', directory],
        ...['--probe-address', '127.0.0.1:0', '--report-address', '127.0.0.1:0'],
      ]);
      test.after(() => agent.kill('SIGKILL'));
      const [, probes = ''] = await agent.says(/"address":"([^"]+)","msg":"probes and metrics served"/);
      const [, report = ''] = await agent.says(/"address":"([^"]+)","msg":"report served"/);
      const get = async (address: string, path: string) => (await fetch(`http://${address}${path}`)).status;
      // The agent logs the addresses before the first pass ends.
      while ((await get(probes, '/readyz')) !== 200) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await get(probes, '/healthz'), 200);
      assert.equal(await get(probes, '/metrics'), 200);
      assert.equal(await get(report, '/report.json'), 200);
      agent.kill(signal);
      const { code, stderr } = await agent.ended;
      assert.equal(code, 0, stderr);
      assert.ok(
        fs.readFileSync(path.join(directory, 'node-1.yaml'), 'utf8').includes('kind: NodeMemoryReport'),
      );
      await assert.rejects(get(report, '/'));
    });

  it('exits with 0 if the reader of its output closes the pipe', async () => {
    const agent = start([
      'agent',
      '--root',
      kubernetes,
      '--period',
      '100ms',
      '--report-dir',
      'off',
      ...nothingServed,
    ]);
    agent.hangUp();
    const { code, stderr } = await agent.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /"because":"the reader closed the output"/);
  });

  it('logs an address that is in use, and goes on', async (test) => {
    const common = [
      'agent',
      '--root',
      kubernetes,
      '--output',
      'off',
      '--report-dir',
      'off',
      '--report-address',
      'off',
    ];
    const first = start([...common, '--probe-address', '127.0.0.1:0']);
    test.after(() => first.kill('SIGKILL'));
    const [, address = ''] = await first.says(/"address":"([^"]+)"/);
    const second = start([...common, '--probe-address', address]);
    test.after(() => second.kill('SIGKILL'));
    await second.says(
      /probes and metrics not served: .*expected an address to listen on, got EADDRINUSE; give another address/,
    );
    second.kill('SIGTERM');
    assert.equal((await second.ended).code, 0);
  });
});
