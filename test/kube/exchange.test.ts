import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { openKube } from '../../src/kube/client.ts';
import { exchange, type Outgoing } from '../../src/kube/exchange.ts';
import { codeOf } from '../../src/model/located-error.ts';

const faultOf = async (work: Promise<unknown>): Promise<ApiError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error;
  }
  return assert.fail('there was no fault');
};

/** A server that answers the request of that number on its connection, counted from 1, and the client's connections. */
async function serving(
  test: TestContext,
  answer: (socket: net.Socket, request: number, text: string) => void,
) {
  const sockets = new Set<net.Socket>();
  const texts: string[] = [];
  const server = net.createServer((socket) => {
    let requests = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      texts.push(data.toString());
      answer(socket, ++requests, data.toString());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x?y=z`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  test.after(() => {
    agent.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const ask = (more: Partial<Outgoing> = {}): Promise<http.IncomingMessage> =>
    exchange(url, {
      ...{ method: 'GET', headers: {}, body: undefined, agent, signal: new AbortController().signal },
      ...more,
    });
  return { ask, agent, texts, connections: () => sockets.size };
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

/** Reads the answer, so that the client keeps the connection. */
const textOf = async (response: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  // The agent takes the connection back a moment after the end.
  await new Promise((resolve) => setImmediate(resolve));
  return Buffer.concat(chunks).toString();
};

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );

describe('exchange', () => {
  it('sends method, path with query, headers and body, and returns the answer', async (test) => {
    const { ask, texts } = await serving(test, (socket) => socket.write(ok));
    const headers = { 'x-a': 'b', 'content-length': 3 };
    const response = await ask({ method: 'PATCH', headers, body: 'abc' });
    assert.deepEqual([response.statusCode, await textOf(response)], [200, '{}']);
    assert.match(texts.join(''), /^PATCH \/x\?y=z HTTP\/1\.1\r\nx-a: b\r\n[\s\S]*\r\n\r\nabc$/);
  });

  for (const status of [200, 204, 302, 404, 429, 500, 503])
    it(`returns an answer of status ${status}, which is the caller's to judge`, async (test) => {
      const { ask } = await serving(test, (socket) =>
        socket.write(`HTTP/1.1 ${status} X\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n`),
      );
      assert.equal((await ask()).statusCode, status);
    });

  it('waits for the answer behind 16 informational ones, and fails at the 17th', async (test) => {
    const { ask } = await serving(test, (socket, _, text) =>
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(text.startsWith('GET') ? 16 : 17) + ok),
    );
    assert.equal((await ask()).statusCode, 200);
    const { status, reason, message } = await faultOf(ask({ method: 'PATCH' }));
    assert.deepEqual(
      [status, reason, message],
      [0, 'Unexpected', '/x: expected at most 16 informational responses, got more'],
    );
  });

  it('fails with status 101 when the server changes the protocol', async (test) => {
    for (const more of ['connection: upgrade\r\nupgrade: x\r\n', '']) {
      const { ask } = await serving(test, (socket) =>
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${more}\r\n`),
      );
      const { status, reason, message } = await faultOf(ask());
      assert.deepEqual([status, reason], [101, 'Unexpected']);
      assert.match(message, /^\/x: HTTP 101: the server switches the protocol/);
    }
  });

  it('reads 16 KiB of headers at most', async (test) => {
    const { ask } = await serving(test, (socket, _, text) => {
      const filler = 'x'.repeat(text.startsWith('GET') ? 16_000 : 17_000);
      socket.write(`HTTP/1.1 200 OK\r\nx: ${filler}\r\ncontent-length: 0\r\n\r\n`);
    });
    assert.equal((await ask()).statusCode, 200);
    assert.equal(codeOf(await errorOf(ask({ method: 'PATCH' }))), 'HPE_HEADER_OVERFLOW');
  });

  it('fails when its signal is given, before and after the request is sent', async (test) => {
    const { ask, texts } = await serving(test, () => end.abort());
    const end = new AbortController();
    assert.equal(codeOf(await errorOf(ask({ signal: AbortSignal.abort() }))), 'ABORT_ERR');
    assert.equal(texts.length, 0);
    assert.equal(codeOf(await errorOf(ask({ signal: end.signal }))), 'ABORT_ERR');
    assert.equal(texts.length, 1);
  });

  it('does not end the process when an answer that nobody reads breaks off', async (test) => {
    const broken = Promise.withResolvers<void>();
    const { ask } = await serving(test, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{');
      broken.promise.then(() => socket.resetAndDestroy());
    });
    const response = await ask();
    // Not `once`, which would listen to the error.
    const closed = new Promise((resolve) => response.on('close', resolve));
    response.resume();
    broken.resolve();
    await closed;
    assert.equal(response.complete, false);
  });

  it('uses a kept connection again', async (test) => {
    const { ask, connections } = await serving(test, (socket) => socket.write(ok));
    for (let count = 0; count < 3; count++) await textOf(await ask());
    assert.equal(connections(), 1);
  });

  it('closes the other kept connections when the server closed one', async (test) => {
    const { ask, agent, texts, connections } = await serving(test, (socket, request) =>
      request === 1 ? socket.write(ok) : socket.resetAndDestroy(),
    );
    await Promise.all([ask(), ask(), ask()].map(async (one) => textOf(await one)));
    assert.equal(connections(), 3);
    await textOf(await ask());
    // Three at first, one on a connection that the server closed, and one on a new connection.
    assert.deepEqual([texts.length, connections()], [5, 4]);
    assert.equal(Object.values(agent.freeSockets).flat().length, 1);
  });

  it('does not send again on a first connection that the server closes', async (test) => {
    const { ask, texts } = await serving(test, (socket) => socket.resetAndDestroy());
    assert.equal(codeOf(await errorOf(ask())), 'ECONNRESET');
    assert.equal(texts.length, 1);
  });

  it('does not send again when a kept connection answers with what is no HTTP', async (test) => {
    const { ask, texts } = await serving(test, (socket, request) =>
      socket.write(request === 1 ? ok : 'what?\r\n\r\n'),
    );
    await textOf(await ask());
    assert.equal(codeOf(await errorOf(ask())), 'HPE_INVALID_CONSTANT');
    assert.equal(texts.length, 2);
  });
});

describe('a kept connection that the server closed', () => {
  /** A server that answers the first request of a connection, and resets it at the second. */
  async function closing(test: TestContext, second: (socket: net.Socket) => void) {
    let answered = 0;
    const server = net.createServer((socket) => {
      let requests = 0;
      socket.on('error', () => {});
      socket.on('data', () => {
        if (++requests > 1) return second(socket);
        answered++;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const kube = openKube(async () => ({
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    }));
    test.after(() => {
      kube.close();
      server.close();
    });
    return { kube, answered: () => answered };
  }

  it('is not noticed by who reads or writes', async (test) => {
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const { kube, answered } = await closing(test, (socket) => socket.resetAndDestroy());
      const call = { path: '/x', method, ...(method !== 'GET' && { body: {} }) };
      await kube.call({ path: '/x' });
      await kube.call(call);
      assert.equal(answered(), 2, method);
    }
  });

  it('is a fault where what was asked for may have been made', async (test) => {
    const { kube } = await closing(test, (socket) => socket.resetAndDestroy());
    await kube.call({ path: '/x' });
    assert.equal((await faultOf(kube.call({ path: '/x', method: 'POST', body: {} }))).reason, 'ECONNRESET');
  });

  it('is a fault where an answer had begun', async (test) => {
    const { kube } = await closing(test, (socket) =>
      socket.write('HTTP/1.1 200', () => socket.resetAndDestroy()),
    );
    await kube.call({ path: '/x' });
    assert.equal((await faultOf(kube.call({ path: '/x' }))).reason, 'ECONNRESET');
  });

  it('is a fault where the next one closes as well', async (test) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.resetAndDestroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    test.after(() => server.close());
    const kube = openKube(async () => ({
      server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    }));
    assert.equal((await faultOf(kube.call({ path: '/x' }))).reason, 'ECONNRESET');
    kube.close();
  });
});
