/** `realmem ui`: the command with a real listener and, for a cluster, a real API server on loopback. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { unpackPage } from '../../src/page/pack.ts';
import { ask, connect } from '../http/strangers.ts';
import { historiesOf } from './page/histories.ts';
import { run, start } from './run.ts';
import { serveShop, shopLists } from './top/shop.ts';

const root = new URL('../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;

/** Starts the command on a free port. @returns its address */
async function served(test: TestContext, args: readonly string[], isPlugin = false): Promise<string> {
  const running = start(['ui', '--port', '0', ...args], {}, { isPlugin });
  const [, address = ''] = await running.prints(/^http:\/\/(127\.0\.0\.1:\d+)\/ {3}Ctrl-C ends$/m);
  test.after(async () => {
    running.kill('SIGTERM');
    assert.deepEqual((await running.ended).code, 0);
  });
  return address;
}

const get = (address: string, path: string): Promise<Response> => fetch(`http://${address}${path}`);

describe('realmem ui', () => {
  it('serves the document with a strict policy, and the data of a recording', async (test) => {
    const address = await served(test, ['--root', root]);
    const document = await get(address, '/');
    assert.equal(document.headers.get('content-type'), 'text/html; charset=utf-8');
    const policy = document.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(document.headers.get('cross-origin-opener-policy'), 'same-origin');
    const data = unpackPage(await (await get(address, '/data.json')).json());
    assert.deepEqual([data.scope, data.pods.length], ['recording', 5]);
  });

  it('has the notes of suggest beside suggestions from histories', async (test) => {
    const history = historiesOf(test, 'Deployment/cart');
    const address = await served(test, ['--root', root, '--history', history]);
    const data = unpackPage(await (await get(address, '/data.json')).json());
    assert.equal(data.suggestions?.length, 1);
    assert.match(data.suggestionNotes?.join('\n') ?? '', /^From the history of one node, written /m);
  });

  it('shows suggestions of all namespaces with -A, whatever -n says', async (test) => {
    const history = historiesOf(test, 'Deployment/cart');
    const ofHost = ['--root', root, '--history', history, '-n', 'no-such-namespace'];
    const count = async (args: readonly string[]): Promise<number | undefined> => {
      const data = await get(await served(test, args), '/data.json');
      return unpackPage(await data.json()).suggestions?.length;
    };
    assert.equal(await count(ofHost), undefined);
    assert.ok(((await count([...ofHost, '-A'])) ?? 0) > 0);
  });

  it('explains a container, and answers 404 for an unknown one and for other paths', async (test) => {
    const address = await served(test, ['--root', root]);
    const explained = await (await get(address, '/explain/shop/reader/main.json')).json();
    assert.equal((explained as { name: string }).name, 'shop/reader/main');
    const unknown = await get(address, '/explain/shop/raeder/main.json');
    assert.equal(unknown.status, 404);
    assert.match(await unknown.text(), /^shop\/raeder\/main: expected /);
    for (const path of [
      '/ui',
      '/report.json',
      '/ps/shop/reader/main.json',
      '/../package.json',
      '/data.json/',
    ])
      assert.equal((await get(address, path)).status, 404, path);
  });

  it('refuses a name that DNS rebinding could point here, for the document and for the data', async (test) => {
    const address = await served(test, ['--root', root]);
    for (const path of ['/', '/data.json', '/explain/shop/reader/main.json']) {
      const peer = connect(address, '127.0.0.1');
      peer.socket.write(`GET ${path} HTTP/1.1\r\nHost: rebound.example:${address.split(':')[1]}\r\n\r\n`);
      await peer.closed;
      assert.match(peer.text(), /^HTTP\/1\.1 403 /, path);
    }
    // `ask` names localhost without the port.
    assert.match(await ask(address, '127.0.0.1', '/data.json'), /^HTTP\/1\.1 403 /);
  });

  it('reads a cluster once for many requests, with the rights of the user', async (test) => {
    const { kubeconfig, asked } = await serveShop(test);
    const address = await served(test, ['--kubeconfig', kubeconfig], true);
    const pages = await Promise.all(Array.from({ length: 5 }, () => get(address, '/data.json')));
    const [data] = await Promise.all(pages.map(async (page) => unpackPage(await page.json())));
    assert.deepEqual([data?.scope, data?.name, data?.nodes.length], ['cluster', 'shop', 3]);
    const reads = asked.filter((path) => path.includes('nodememoryreports'));
    assert.equal(reads.length, 1, asked.join('\n'));
  });

  it('says in the notes why histories are missing, and suggests what the reports do', async (test) => {
    const { kubeconfig } = await serveShop(test, {
      ...shopLists(),
      '/api/v1/namespaces/realmem/configmaps': 403,
    });
    const address = await served(test, ['--kubeconfig', kubeconfig], true);
    const { notes = [], suggestions = [] } = unpackPage(await (await get(address, '/data.json')).json());
    assert.match(
      notes.join('\n'),
      /^Suggestions come from the reports alone, without the histories: .*forbidden/m,
    );
    assert.ok(suggestions.length > 0);
  });

  it('answers 502 with the words of the API server, and serves data once it answers', async (test) => {
    const refused = { '/apis/realmem.dev/v1alpha1/nodememoryreports': 404 };
    const lists: Record<string, readonly object[] | number> = { ...shopLists(), ...refused };
    const { kubeconfig } = await serveShop(test, lists);
    const address = await served(test, ['--kubeconfig', kubeconfig], true);
    const failed = await get(address, '/data.json');
    assert.equal(failed.status, 502);
    assert.match(await failed.text(), /is realmem installed\? helm install/);
    Object.assign(lists, shopLists());
    assert.equal((await get(address, '/data.json')).status, 200);
  });

  it('exits with 3 when the port is in use, and with 2 for a port that is none', async (test) => {
    const address = await served(test, ['--root', root]);
    const taken = await run(['ui', '--root', root, '--port', address.split(':')[1] ?? '']);
    assert.equal(taken.code, 3);
    assert.match(taken.stderr, /EADDRINUSE; pass another --port, or --port 0 for any free one$/m);
    for (const port of ['65536', '-1', 'http', '']) {
      const { code, stderr } = await run(['ui', '--root', root, `--port=${port}`]);
      assert.deepEqual([code, /--port: expected a number from 0 to 65535/.test(stderr)], [2, true], port);
    }
  });
});
