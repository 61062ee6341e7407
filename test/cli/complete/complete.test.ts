/** The protocol that kubectl and the scripts of shells read, with a real API client and a server of a small cluster. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { clusterFlags, connectionFlags } from '../../../src/cli/cluster-flags.ts';
import { type Command, ExitCode } from '../../../src/cli/command.ts';
import { complete } from '../../../src/cli/complete/complete.ts';
import type { Flags } from '../../../src/cli/flags.ts';
import { allCommands } from '../../../src/cli/main.ts';
import { tempDir } from '../../temp.ts';
import { run } from '../run.ts';

const commandOf = (name: string, takes: string, flags: Flags): Command => ({
  ...{ name, takes, flags, about: `do ${name}`, examples: [] },
  run: () => Promise.resolve(ExitCode.done),
});

const root = { takes: 'DIR', about: 'root' };
const namespace = { short: 'n', takes: 'NAMESPACE', about: 'namespace' };
const made = [
  commandOf('look', 'TARGET', {
    ...clusterFlags,
    namespace,
    root,
    'all-namespaces': { short: 'A', about: '' },
  }),
  commandOf('size', '[WORKLOAD]', { ...clusterFlags, namespace, history: { takes: 'PLACE', about: '' } }),
  commandOf('clear', 'NODE', { ...connectionFlags }),
  commandOf('read', 'FILE...', {}),
  commandOf('host', 'TARGET', {}),
];

async function ask(
  words: readonly string[],
  given: { readonly env?: Record<string, string>; readonly isPlugin?: boolean; readonly deadlineMs?: number },
): Promise<readonly string[]> {
  const all = async () => [...(await allCommands()), ...made];
  const named = async (wanted: string) => (await all()).find(({ name }) => name === wanted);
  const io = { env: given.env ?? {}, isPlugin: given.isPlugin ?? true };
  const text = await complete(words, { all, named }, io, given.deadlineMs ?? 600_000);
  assert.match(text, /^(?:[^\n]+\n)*:\d+\n$/);
  return text.trimEnd().split('\n');
}

type Metadata = { readonly name: string; readonly namespace?: string };
type Lists = Readonly<Record<string, readonly Metadata[] | number | object>>;

const shop: Lists = {
  '/api/v1/namespaces': [{ name: 'data' }, { name: 'shop' }],
  '/api/v1/nodes': [{ name: 'node-1' }, { name: 'node-2' }],
  '/api/v1/pods': [
    { namespace: 'data', name: 'postgres-0' },
    { namespace: 'shop', name: 'cart-1' },
    { namespace: 'shop', name: 'data-2' },
  ],
  '/api/v1/namespaces/shop/pods': [
    { namespace: 'shop', name: 'cart-1' },
    { namespace: 'shop', name: 'data-2' },
  ],
  '/api/v1/namespaces/shop/pods/cart-1': {
    spec: { containers: [{ name: 'main' }, { name: 'mesh' }], initContainers: [{ name: 'migrate' }] },
  },
  '/apis/apps/v1/deployments': [{ namespace: 'shop', name: 'cart' }],
  '/apis/apps/v1/statefulsets': [{ namespace: 'data', name: 'postgres' }],
  '/apis/apps/v1/daemonsets': [],
  '/apis/batch/v1/cronjobs': [{ namespace: 'shop', name: 'report' }],
};

/** @param lists what the server has by path; a number is the status of a refusal */
async function serve(
  test: TestContext,
  lists: Lists,
): Promise<{ env: { KUBECONFIG: string }; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(url);
    const { pathname, searchParams } = new URL(url, 'http://a');
    const found = lists[pathname] ?? 404;
    if (typeof found === 'number') {
      if (found !== 0) response.writeHead(found).end('{}');
      return;
    }
    if (!Array.isArray(found)) {
      response.end(JSON.stringify(found));
      return;
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const to = from + Number(searchParams.get('limit'));
    const items = found.slice(from, to).map((metadata: Metadata) => ({ metadata }));
    const next = to < found.length ? `${to}` : '';
    response.end(JSON.stringify({ metadata: { continue: next }, items }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const cluster = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const context = { cluster: 'shop', user: 'jane', namespace: 'shop' };
  const file = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    file,
    JSON.stringify({
      'current-context': 'shop',
      clusters: [{ name: 'shop', cluster }],
      users: [{ name: 'jane', user: { token: 't' } }],
      contexts: ['shop', 'arn:aws:eks:test', 'red\u001b[31m', 'two\nlines'].map((name) => ({
        name,
        context,
      })),
    }),
  );
  return { env: { KUBECONFIG: file }, asked };
}

describe('realmem __complete', () => {
  it('completes commands with their descriptions, and is itself no command', async () => {
    const { code, stdout } = await run(['__complete', 'co']);
    assert.equal(code, 0);
    assert.match(stdout, /^completion\t[^\n]+\n:4\n$/);
    assert.ok(!(await run(['--help'])).stdout.includes('__'));
    assert.deepEqual((await run(['__complete', '--'])).stdout, '--help\n--version\n:4\n');
  });

  it('prints nothing but the directive for nonsense, and never fails', async () => {
    for (const words of [
      ['planet', ''],
      ['constructor', ''],
      ['top', '--nonsense='],
      ['top', '--by', 'x'],
      ['free', ''],
    ])
      assert.deepEqual(await run(['__complete', ...words]), { code: 0, stdout: ':4\n', stderr: '' });
  });

  it('completes the words of flags and arguments', async () => {
    assert.deepEqual(await ask(['top', '--by', 'n'], {}), ['namespace', 'node', ':4']);
    assert.deepEqual(await ask(['top', '-o=y'], {}), ['yaml', ':4']);
    assert.deepEqual(await ask(['top', 'no'], {}), ['nodes', ':4']);
    assert.deepEqual(await ask(['completion', ''], {}), ['bash', 'zsh', 'fish', ':4']);
  });

  it('asks for no space after a value that continues', async () => {
    assert.deepEqual(await ask(['top', '-o', 'jsonp'], {}), ['jsonpath=', ':6']);
    assert.deepEqual(await ask(['top', '-o', 'js'], {}), ['json', 'jsonpath=', ':4']);
  });

  it('completes flags that are not given yet, short ones after a single hyphen', async () => {
    const flags = await ask(['look', '-n', 'x', '--root=x', '--'], {});
    const names = flags.map((line) => line.split('\t')[0]);
    assert.ok(names.includes('--context') && names.includes('--help'));
    assert.ok(!names.includes('--namespace') && !names.includes('--root'));
    assert.ok((await ask(['look', '-'], {})).includes('-n\tnamespace'));
  });

  it('leaves files and directories to the shell', async () => {
    assert.deepEqual(await ask(['look', '--kubeconfig', ''], {}), [':0']);
    assert.deepEqual(await ask(['look', '--root='], {}), [':16']);
    assert.deepEqual(await ask(['read', 'a', ''], {}), [':0']);
  });
});

describe('live names', () => {
  it('are contexts of the kubeconfig, without those that have control characters', async (test) => {
    const { env, asked } = await serve(test, shop);
    assert.deepEqual(await ask(['top', '--context', ''], { env }), ['shop', 'arn:aws:eks:test', ':4']);
    assert.deepEqual(
      await ask(['top', '--kubeconfig', env.KUBECONFIG, '--context', 's'], { isPlugin: false }),
      ['shop', ':4'],
    );
    assert.deepEqual(asked, []);
  });

  it('are namespaces and nodes', async (test) => {
    const { env } = await serve(test, shop);
    assert.deepEqual(await ask(['top', '-n', ''], { env }), ['data', 'shop', ':4']);
    assert.deepEqual(await ask(['top', '--namespace=s'], { env }), ['shop', ':4']);
    assert.deepEqual(await ask(['top', 'nodes', 'n'], { env }), ['node-1', 'node-2', ':4']);
    assert.deepEqual(await ask(['top', 'ns', 'd'], { env }), ['data', ':4']);
    assert.deepEqual(await ask(['clear', ''], { env, isPlugin: false }), ['node-1', 'node-2', ':4']);
  });

  it('are pods with their namespace, or without it for -n and for what begins as a pod', async (test) => {
    const { env } = await serve(test, shop);
    assert.deepEqual(await ask(['look', 'shop/'], { env }), ['shop/cart-1', 'shop/data-2', ':4']);
    assert.deepEqual(await ask(['look', '-n', 'shop', ''], { env }), ['cart-1', 'data-2', ':4']);
    assert.deepEqual(await ask(['look', '-n', 'data', '-A', 'p'], { env }), ['postgres-0', ':4']);
    assert.deepEqual(await ask(['look', 'da'], { env }), ['data/postgres-0', 'data-2', ':4']);
    assert.deepEqual(await ask(['top', 'po', ''], { env }), [
      ...['data/postgres-0', 'shop/cart-1', 'shop/data-2', ':4'],
    ]);
  });

  it('are containers after the name of a pod', async (test) => {
    const { env } = await serve(test, shop);
    assert.deepEqual(await ask(['look', 'shop/cart-1/m'], { env }), [
      ...['shop/cart-1/main', 'shop/cart-1/mesh', 'shop/cart-1/migrate', ':4'],
    ]);
    assert.deepEqual(await ask(['look', '-n', 'shop', 'cart-1/ma'], { env }), ['cart-1/main', ':4']);
  });

  it('are workloads by kind, or by name alone', async (test) => {
    const { env } = await serve(test, shop);
    assert.deepEqual(await ask(['size', ''], { env }), [
      ...['deployment/cart', 'statefulset/postgres', 'cronjob/report', ':4'],
    ]);
    assert.deepEqual(await ask(['size', 'ca'], { env }), ['cart', ':4']);
    assert.deepEqual(await ask(['top', 'workloads', 'state'], { env }), ['statefulset/postgres', ':4']);
    assert.deepEqual(await ask(['look', 'deployment/'], { env }), ['deployment/cart', ':4']);
  });

  it('come from the namespace of the context if the whole cluster is forbidden', async (test) => {
    const { env } = await serve(test, { ...shop, '/api/v1/pods': 403 });
    assert.deepEqual(await ask(['look', ''], { env }), ['shop/cart-1', 'shop/data-2', ':4']);
  });

  it('are namespaces first where there are too many pods, and at most 200 in all', async (test) => {
    const pods = Array.from({ length: 1_200 }, (_, index) => ({ namespace: 'shop', name: `cart-${index}` }));
    const { env, asked } = await serve(test, {
      ...shop,
      '/api/v1/pods': pods,
      '/api/v1/namespaces/shop/pods': pods,
    });
    assert.deepEqual(await ask(['look', ''], { env }), ['data/', 'shop/', ':6']);
    assert.equal((await ask(['look', 'shop/'], { env })).length, 201);
    asked.length = 0;
    assert.deepEqual(await ask(['look', 'shop/cart-1199'], { env }), ['shop/cart-1199', ':4']);
    assert.equal(asked.length, 3);
  });

  it('are none if the API refuses, does not answer in time, or is not there', async (test) => {
    const refusing = await serve(test, { '/api/v1/nodes': 403 });
    assert.deepEqual(await ask(['top', 'nodes', ''], { env: refusing.env }), [':4']);
    const silent = await serve(test, { '/api/v1/nodes': 0 });
    assert.deepEqual(await ask(['top', 'nodes', ''], { env: silent.env, deadlineMs: 1 }), [':4']);
    assert.deepEqual(await ask(['top', 'nodes', ''], { env: { KUBECONFIG: '/nowhere' } }), [':4']);
    assert.deepEqual(await ask(['top', '--context', ''], { env: { KUBECONFIG: '/nowhere' } }), [':4']);
    assert.deepEqual(await ask(['top', '--context', 'planet', '-n', ''], { env: silent.env }), [':4']);
  });

  it('never contain control characters of the API', async (test) => {
    const { env } = await serve(test, {
      '/api/v1/nodes': [{ name: 'a\tb' }, { name: '\u001b]0;x' }, { name: 'ok' }],
    });
    assert.deepEqual(await ask(['top', 'nodes', ''], { env }), ['ok', ':4']);
  });

  it('are not read for a command that reads this machine', async (test) => {
    const { env, asked } = await serve(test, shop);
    assert.deepEqual(await ask(['look', ''], { env, isPlugin: false }), [':4']);
    assert.deepEqual(await ask(['look', '--local', ''], { env }), [':4']);
    assert.deepEqual(await ask(['look', '--root', '/x', ''], { env }), [':4']);
    assert.deepEqual(await ask(['size', '--history', '/x', ''], { env }), [':4']);
    assert.deepEqual(await ask(['host', ''], { env }), [':4']);
    assert.deepEqual(asked, []);
    assert.deepEqual(await ask(['look', '--context', 'shop', 'd'], { env, isPlugin: false }), [
      ...['data/postgres-0', 'data-2', ':4'],
    ]);
  });
});
