import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CloseReason } from '../../src/http/connections.ts';
import { type Limits, usualLimits } from '../../src/http/limits.ts';
import { type HttpSite, type ListenOptions, listen, plainText } from '../../src/http/listener.ts';
import { ask, connect, getRequest, isWhole, sourceAddress } from './strangers.ts';

const page = Buffer.alloc(900_000, 'a page of a full node\n');

const site: HttpSite = {
  probe: (path) => (path === '/healthz' ? plainText(200, 'ok') : undefined),
  page: (path) => {
    if (path === '/boom') throw new Error('no luck');
    if (path === '/large') return { status: 200, type: 'text/plain', body: page };
    return path === '/a' ? plainText(200, 'ä') : undefined;
  },
};

interface Served {
  readonly address: string;
  readonly get: (path: string, method?: string) => Promise<Response>;
  readonly closed: ReadonlyMap<CloseReason, number>;
  /** Resolves when `count` connections were closed for this reason. */
  readonly untilClosed: (reason: CloseReason, count: number) => Promise<void>;
}

async function serve(
  test: TestContext,
  limits: Partial<Limits> = {},
  more: Partial<HttpSite> & ListenOptions & { readonly host?: string } = {},
): Promise<Served> {
  const closed = new Map<CloseReason, number>();
  let changed = Promise.withResolvers<void>();
  const { host = '127.0.0.1' } = more;
  const listener = await listen(
    { host, port: 0 },
    { ...site, ...more },
    {
      ...more,
      limits: { ...usualLimits, ...limits },
      onClosed: (reason) => {
        closed.set(reason, (closed.get(reason) ?? 0) + 1);
        changed.resolve();
        changed = Promise.withResolvers();
      },
    },
  );
  test.after(() => listener.close());
  const address = listener.address.replace('0.0.0.0', '127.0.0.1');
  return {
    address,
    get: (path, method = 'GET') => fetch(`http://${address}${path}`, { method }),
    closed,
    async untilClosed(reason, count) {
      while ((closed.get(reason) ?? 0) < count) await changed.promise;
    },
  };
}

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);

/** Sends a probe. Its answer proves that all earlier connections were accepted. */
const probed = async (address: string): Promise<void> =>
  assert.match(await ask(address, '127.0.0.9', '/healthz'), /\r\n\r\nok\n$/);

describe('a listener', () => {
  it('answers GET and HEAD by path, ignoring the query', async (test) => {
    const { get } = await serve(test);
    const answer = await get('/a?b=c');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(await answer.text(), 'ä\n');
    const head = await get('/a', 'HEAD');
    assert.equal(head.headers.get('content-length'), '3');
    assert.equal(await head.text(), '');
    assert.equal((await (await get('/large')).arrayBuffer()).byteLength, page.length);
  });

  it('answers 404 for an unknown path, 500 for a failing page and 405 for POST', async (test) => {
    const { get, address } = await serve(test);
    assert.equal((await get('/b')).status, 404);
    assert.equal((await get('/boom')).status, 500);
    const posted = await fetch(`http://${address}/a`, { method: 'POST', body: 'x'.repeat(10_000) });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
  });

  it('rejects with the address when the port is in use', async (test) => {
    const { address } = await serve(test);
    const [host = '', port] = address.split(':');
    await assert.rejects(
      listen({ host, port: Number(port) }, site),
      new RegExp(`${address}: expected an address to listen on, got EADDRINUSE; give another address`),
    );
  });

  it('closes while a client holds a connection open', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, site);
    const peer = connect(listener.address, '127.0.0.1');
    await probed(listener.address);
    await listener.close();
    await peer.closed;
    await assert.rejects(fetch(`http://${listener.address}/a`));
  });

  it('answers a request that arrives one byte at a time', async (test) => {
    const { address } = await serve(test);
    const peer = connect(address, '127.0.0.1');
    peer.socket.setNoDelay();
    for (const byte of getRequest('/a'))
      await new Promise<void>((resolve) => peer.socket.write(byte, () => resolve()));
    await peer.closed;
    assert.equal(statusOf(peer.text()), 200);
  });

  it('answers a client that shut down its side after the request, and closes one that did so before', async (test) => {
    const { address } = await serve(test);
    const peer = connect(address, '127.0.0.1');
    peer.socket.end(getRequest('/a'));
    const silent = connect(address, '127.0.0.1');
    silent.socket.end('GET /a');
    await Promise.all([peer.closed, silent.closed]);
    assert.equal(statusOf(peer.text()), 200);
    assert.equal(silent.text(), '');
  });
});

describe('a listener under attack', () => {
  it('answers only the first of 60 requests on one connection', async (test) => {
    let rendered = 0;
    const { address } = await serve(
      test,
      {},
      {
        page: (path) => {
          rendered++;
          return site.page(path);
        },
      },
    );
    const peer = connect(address, '127.0.0.1');
    peer.socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(60));
    await peer.closed;
    assert.ok(isWhole(peer.text()), 'one answer, whole');
    assert.equal(rendered, 1);
  });

  it('closes connections above its limit of 64, and answers a probe among 400 silent clients', async (test) => {
    const waiting = 64;
    const { address, closed } = await serve(test, { waiting });
    const silent = Array.from({ length: 400 }, (_, n) => connect(address, sourceAddress(n)));
    await probed(address);
    assert.ok((closed.get('total_limit') ?? 0) >= 400 - waiting, JSON.stringify([...closed]));
    for (const { socket } of silent) socket.destroy();
  });

  it('closes the silent connection, not the asking one, of a source above its limit of 2', async (test) => {
    const { address, untilClosed } = await serve(test, { perSource: 2 });
    const asking = connect(address, '127.0.0.1', false);
    asking.socket.write(getRequest('/large'));
    const silent = connect(address, '127.0.0.1');
    await probed(address);
    const answer = await ask(address, '127.0.0.1', '/healthz');
    assert.equal(statusOf(answer), 200);
    await untilClosed('source_limit', 1);
    await silent.closed;
    assert.equal(silent.text(), '');
    assert.equal(asking.socket.destroyed, false);
    asking.socket.destroy();
  });

  it('answers a probe and a scrape while 12 clients request a page and do not read it', async (test) => {
    const { address, closed } = await serve(test, { answering: 4 });
    const slow = Array.from({ length: 12 }, (_, n) => connect(address, sourceAddress(n), false));
    for (const { socket } of slow) {
      socket.pause();
      socket.write(getRequest('/large'));
    }
    await probed(address);
    assert.ok(isWhole(await ask(address, '127.0.0.9', '/large')));
    assert.ok((closed.get('total_limit') ?? 0) >= 8, JSON.stringify([...closed]));
    for (const { socket } of slow) socket.destroy();
  });

  it('answers a probe before 50 concurrent scrapes have finished', async (test) => {
    const { address } = await serve(test);
    const order: string[] = [];
    const scrapes = Array.from({ length: 50 }, async (_, n) => {
      assert.ok(isWhole(await ask(address, sourceAddress(n), '/large')));
      order.push('scrape');
    });
    const probe = probed(address).then(() => order.push('probe'));
    await Promise.all([...scrapes, probe]);
    assert.ok(order.indexOf('probe') < 50, order.join(' '));
  });

  it('closes a silent connection and one that sends a byte at a time after requestMs', async (test) => {
    const { address, untilClosed } = await serve(test, { requestMs: 100, checkMs: 20 });
    const silent = connect(address, '127.0.0.1');
    const slow = connect(address, '127.0.0.1');
    const timer = setInterval(() => slow.socket.write('G'), 10);
    test.after(() => clearInterval(timer));
    await untilClosed('request_timeout', 2);
    await Promise.all([silent.closed, slow.closed]);
  });

  it('closes a connection whose client does not read the answer after responseMs', async (test) => {
    const { address, untilClosed } = await serve(test, { responseMs: 100, checkMs: 20 });
    const slow = connect(address, '127.0.0.1', false);
    slow.socket.pause();
    slow.socket.write(getRequest('/large'));
    await untilClosed('response_timeout', 1);
    slow.socket.destroy();
  });

  it('answers 431 to a head of 9,000 bytes, and closes a connection that sends a body of 1 MB', async (test) => {
    const { address, untilClosed } = await serve(test);
    const long = connect(address, '127.0.0.1');
    long.socket.write(`GET / HTTP/1.1\r\nA: ${'a'.repeat(9_000)}`);
    await long.closed;
    assert.equal(statusOf(long.text()), 431);
    const body = connect(address, '127.0.0.1');
    body.socket.on('drain', () => body.socket.write('x'.repeat(100_000)));
    body.socket.write(`${getRequest('/large')}${'x'.repeat(1_000_000)}`);
    await untilClosed('excess_data', 1);
    await body.closed;
  });

  it('answers 401 to a page request without a valid token, and answers probes without one', async (test) => {
    const answers = new Map([['Bearer good', undefined]]);
    const { address } = await serve(
      test,
      {},
      {
        refuse: async ({ authorization = '' }) =>
          answers.has(authorization) ? undefined : plainText(401, 'who are you?'),
      },
    );
    assert.equal(statusOf(await ask(address, '127.0.0.1', '/healthz')), 200);
    assert.equal(statusOf(await ask(address, '127.0.0.1', '/a')), 401);
    const allowed = connect(address, '127.0.0.1');
    allowed.socket.write(getRequest('/a', 'Authorization: Bearer good\r\n'));
    await allowed.closed;
    assert.equal(statusOf(allowed.text()), 200);
  });
});

describe('a listener on loopback', () => {
  const asked = async (address: string, host: string): Promise<string> => {
    const peer = connect(address, '127.0.0.1');
    peer.socket.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await peer.closed;
    return peer.text();
  };

  it('answers for localhost and loopback addresses, and answers 403 for another Host', async (test) => {
    const { address } = await serve(test);
    for (const host of ['localhost', 'localhost:12345', '127.0.0.1:1', '[::1]:9644'])
      assert.equal(statusOf(await asked(address, host)), 200, host);
    const refused = await asked(address, 'evil.example:9644');
    assert.equal(statusOf(refused), 403);
    assert.match(refused, /expected Host localhost or a loopback address, got "evil\.example:9644"/);
    const old = connect(address, '127.0.0.1');
    old.socket.write('GET /a HTTP/1.0\r\n\r\n');
    await old.closed;
    assert.equal(statusOf(old.text()), 200, 'a request without Host does not come from a browser');
  });

  it('accepts any Host when it listens on 0.0.0.0', async (test) => {
    const { address } = await serve(test, {}, { host: '0.0.0.0' });
    assert.equal(statusOf(await asked(address, 'node-1.example:9643')), 200);
  });

  it('tells browsers to let no other origin read, embed or frame an answer', async (test) => {
    const { get } = await serve(test);
    const { headers } = await get('/a');
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('access-control-allow-origin'), null);
  });
});

describe('a listener on loopback that requires its own port', () => {
  const send = async (address: string, ...lines: readonly string[]): Promise<string> => {
    const peer = connect(address, '127.0.0.1');
    peer.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await peer.closed;
    return peer.text();
  };
  const own = (test: TestContext) => serve(test, {}, { ownPort: true });

  it('answers for localhost, 127.0.0.1 and [::1] with that port', async (test) => {
    const { address } = await own(test);
    const port = address.split(':')[1];
    for (const host of ['localhost', 'LocalHost', '127.0.0.1', '[::1]'])
      assert.equal(statusOf(await send(address, 'GET /a HTTP/1.1', `Host: ${host}:${port}`)), 200, host);
  });

  it('answers 403 for another port, another name, a name that begins or ends like ours, and no Host', async (test) => {
    const { address } = await own(test);
    const port = Number(address.split(':')[1]);
    for (const host of [
      `localhost:${port + 1}`,
      'localhost',
      `rebound.example:${port}`,
      `localhost.example:${port}`,
      `evil-localhost:${port}`,
      `127.0.0.1.nip.example:${port}`,
      `0.0.0.0:${port}`,
      `[::ffff:7f00:1]:${port}`,
      `user@localhost:${port}`,
      `localhost:${port}:${port}`,
      `localhost:${port},rebound.example`,
      '',
    ])
      assert.equal(statusOf(await send(address, 'GET /a HTTP/1.1', `Host: ${host}`)), 403, host);
    const without = await send(address, 'GET /a HTTP/1.0');
    assert.match(without, new RegExp(`got none; open http://localhost:${port}`));
  });

  it('answers 400 for two Host fields, and no page for a target with an origin of its own', async (test) => {
    const { address } = await own(test);
    const twice = ['GET /a HTTP/1.1', `Host: ${address}`, 'Host: rebound.example'];
    assert.equal(statusOf(await send(address, ...twice)), 400);
    for (const target of [
      'http://rebound.example/a',
      `http://${address}/a`,
      '//rebound.example/a',
      'rebound.example:443',
    ])
      assert.equal(statusOf(await send(address, `GET ${target} HTTP/1.1`, `Host: ${address}`)), 404, target);
  });

  it('answers 405 for every method but GET and HEAD', async (test) => {
    const { address } = await own(test);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE'])
      assert.equal(statusOf(await send(address, `${method} /a HTTP/1.1`, `Host: ${address}`)), 405, method);
  });
});
