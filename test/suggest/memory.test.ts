/** Memory of suggest for a large cluster: it keeps one small aggregate per name, and writes items one by one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { it, type TestContext } from 'node:test';
import { manyHistories } from '../scale/many-histories.ts';

const nodes = 50;

async function outputOf(test: TestContext, ...args: readonly string[]): Promise<readonly [number, string]> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const [code] = await once(child, 'close');
  return [code, Buffer.concat(pieces).toString()];
}

it('keeps the usage aggregate of a name in less than 3 KiB', async (test) => {
  const script = new URL('../usage/made/aggregate-bytes.ts', import.meta.url).pathname;
  const [code, bytes] = await outputOf(test, '--expose-gc', script);
  assert.equal(code, 0);
  assert.ok(Number(bytes) < 3 * 1024, `${bytes.trim()} bytes`);
});

it('writes thousands of suggestions as JSON in a heap that their text alone would fill', async (test) => {
  const api = await manyHistories(nodes, 3, Date.now() / 1000 - 600);
  test.after(() => api.close());
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-'));
  test.after(() => fs.rmSync(directory, { recursive: true }));
  const kubeconfig = path.join(directory, 'config');
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: api.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const cli = new URL('../../src/cli.ts', import.meta.url).pathname;
  // As in the bundle: the whole Kubernetes library would need half of the heap.
  const part = new URL('../kubeconfig-only.ts', import.meta.url).href;
  const memory = ['--max-semi-space-size=1', '--max-old-space-size=36'];
  const [code, json] = await outputOf(
    test,
    ...memory,
    ...['--import', part],
    cli,
    'suggest',
    '--kubeconfig',
    kubeconfig,
    '-o',
    'json',
  );
  assert.equal(code, 0);
  const { items } = JSON.parse(json) as { items: readonly unknown[] };
  assert.equal(items.length, 2 * (nodes * 20 + 10));
});
