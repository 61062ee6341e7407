import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CloseReason } from '../../src/http/connections.ts';
import { type Limits, usualLimits } from '../../src/http/limits.ts';
import { type ListenOptions, listen, plain, type Site } from '../../src/http/listener.ts';
import { ask, connect, getRequest, isWhole, sourceAddress } from './strangers.ts';

const page = Buffer.alloc(900_000, 'a page of a full node\n');

const site: Site = {
  probe: (path) => (path === '/healthz' ? plain(200, 'ok') : undefined),
  page: (path) => {
    if (path === '/boom') throw new Error('no luck');
    if (path === '/large') return { status: 200, type: 'text/plain', body: page };
    return path === '/a' ? plain(200, 'ä') : undefined;
  },
};

interface Served {
  readonly address: string;
  readonly get: (path: string, method?: string) => Promise<Response>;
  readonly closed: ReadonlyMap<CloseReason, number>;
  /** Settles when so many connections were closed for this reason. */
  readonly untilClosed: (reason: CloseReason, count: number) => Promise<void>;
}

async function serve(
  test: TestContext,
  limits: Partial<Limits> = {},
  more: Partial<Site> & ListenOptions & { readonly host?: string } = {},
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

/** An answer to a probe shows that all connections before it were taken up. */
const probed = async (address: string): Promise<void> =>
  assert.match(await ask(address, '127.0.0.9', '/healthz'), /\r\n\r\nok\n$/);

describe('a listener', () => {
  it('answers GET and HEAD, by path alone', async (test) => {
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

  it('refuses what is not there, what it cannot make and what it does not do', async (test) => {
    const { get, address } = await serve(test);
    assert.equal((await get('/b')).status, 404);
    assert.equal((await get('/boom')).status, 500);
    const posted = await fetch(`http://${address}/a`, { method: 'POST', body: 'x'.repeat(10_000) });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
  });

  it('says which address it cannot take', async (test) => {
    const { address } = await serve(test);
    const [host = '', port] = address.split(':');
    await assert.rejects(
      listen({ host, port: Number(port) }, site),
      new RegExp(`${address}: expected to listen there, got EADDRINUSE; give another address`),
    );
  });

  it('closes though a client holds its connection', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, site);
    const peer = connect(listener.address, '127.0.0.1');
    await probed(listener.address);
    await listener.close();
    await peer.closed;
    await assert.rejects(fetch(`http://${listener.address}/a`));
  });

  it('takes a head in any pieces', async (test) => {
    const { address } = await serve(test);
    const peer = connect(address, '127.0.0.1');
    peer.socket.setNoDelay();
    for (const byte of getRequest('/a'))
      await new Promise<void>((resolve) => peer.socket.write(byte, () => resolve()));
    await peer.closed;
    assert.equal(statusOf(peer.text()), 200);
  });

  it('answers a client that has shut its side down, and forgets one that has asked nothing', async (test) => {
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
  it('answers the first of 60 requests on a connection, and no other', async (test) => {
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

  it('keeps no more connections than its bound, and lets a probe in among hundreds', async (test) => {
    const waiting = 64;
    const { address, closed } = await serve(test, { waiting });
    const silent = Array.from({ length: 400 }, (_, n) => connect(address, sourceAddress(n)));
    await probed(address);
    assert.ok((closed.get('total_limit') ?? 0) >= 400 - waiting, JSON.stringify([...closed]));
    for (const { socket } of silent) socket.destroy();
  });

  it('closes the oldest connection of a source that has too many, one that asks nothing first', async (test) => {
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

  it('lets a probe and a scrape in where every connection has asked for a page, and does not read it', async (test) => {
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

  it('answers a probe before the scrapes that run are done', async (test) => {
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

  it('closes a connection that asks nothing, or a byte at a time', async (test) => {
    const { address, untilClosed } = await serve(test, { requestMs: 100, checkMs: 20 });
    const silent = connect(address, '127.0.0.1');
    const slow = connect(address, '127.0.0.1');
    const timer = setInterval(() => slow.socket.write('G'), 10);
    test.after(() => clearInterval(timer));
    await untilClosed('request_timeout', 2);
    await Promise.all([silent.closed, slow.closed]);
  });

  it('closes a connection whose answer is not read', async (test) => {
    const { address, untilClosed } = await serve(test, { responseMs: 100, checkMs: 20 });
    const slow = connect(address, '127.0.0.1', false);
    slow.socket.pause();
    slow.socket.write(getRequest('/large'));
    await untilClosed('response_timeout', 1);
    slow.socket.destroy();
  });

  it('reads no more of a head than it may be long, and of a body than it must', async (test) => {
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

  it('lets nobody read a page who may not, and asks nobody about a probe', async (test) => {
    const answers = new Map([['Bearer good', undefined]]);
    const { address } = await serve(
      test,
      {},
      {
        refuse: async ({ authorization = '' }) =>
          answers.has(authorization) ? undefined : plain(401, 'who are you?'),
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

  it('answers to a name that no name server can give away', async (test) => {
    const { address } = await serve(test);
    for (const host of ['localhost', 'localhost:12345', '127.0.0.1:1', '[::1]:9644'])
      assert.equal(statusOf(await asked(address, host)), 200, host);
    const refused = await asked(address, 'evil.example:9644');
    assert.equal(statusOf(refused), 403);
    assert.match(refused, /localhost and to loopback addresses only, not to "evil\.example:9644"/);
    const old = connect(address, '127.0.0.1');
    old.socket.write('GET /a HTTP/1.0\r\n\r\n');
    await old.closed;
    assert.equal(statusOf(old.text()), 200, 'no browser asks without a Host');
  });

  it('is one; elsewhere any name will do', async (test) => {
    const { address } = await serve(test, {}, { host: '0.0.0.0' });
    assert.equal(statusOf(await asked(address, 'node-1.example:9643')), 200);
  });
});
