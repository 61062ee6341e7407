import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Access, openKube } from '../../src/kube/client.ts';

async function api(test: TestContext, answer: http.RequestListener, more: Partial<Access> = {}) {
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kube = openKube(async () => ({ server: `http://127.0.0.1:${port}`, ...more }));
  test.after(() => {
    kube.close();
    server.closeAllConnections();
    server.close();
  });
  return kube;
}

const faultOf = async (work: Promise<unknown>): Promise<ApiError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error;
  }
  return assert.fail('there was no fault');
};

it('sends what it is given, and gives the parsed answer', async (test) => {
  const kube = await api(
    test,
    (request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => {
        body += data.toString();
      });
      request.on('end', () => {
        const { method, url, headers } = request;
        response.end(
          JSON.stringify({ method, url, type: headers['content-type'], auth: headers.authorization, body }),
        );
      });
    },
    { authorization: 'Bearer x' },
  );
  const answer = await kube.call({
    method: 'POST',
    path: '/a?b=c',
    body: { d: 1 },
    contentType: 'application/json',
  });
  assert.deepEqual(answer, {
    method: 'POST',
    url: '/a?b=c',
    type: 'application/json',
    auth: 'Bearer x',
    body: '{"d":1}',
  });
});

it('tells a refusal by its status, reason, message and when to come again', async (test) => {
  const kube = await api(test, (_, response) => {
    response.writeHead(429, { 'retry-after': '3' });
    response.end(JSON.stringify({ kind: 'Status', reason: 'TooManyRequests', message: 'slow \u001b down' }));
  });
  const { status, reason, message, retryAfterMs } = await faultOf(kube.call({ path: '/' }));
  assert.deepEqual(
    [status, reason, message, retryAfterMs],
    [429, 'TooManyRequests', 'slow \\u001b down', 3_000],
  );
});

it('tells a refusal that is no Status by its code', async (test) => {
  const kube = await api(test, (_, response) => response.writeHead(502).end('<html>bad gateway'));
  const { status, message } = await faultOf(kube.call({ path: '/' }));
  assert.equal(status, 502);
  assert.match(message, /HTTP 502: <html>bad gateway/);
});

it('gives up at its deadline', async (test) => {
  const kube = await api(test, () => {});
  const { status, reason } = await faultOf(kube.call({ path: '/slow', deadlineMs: 50 }));
  assert.deepEqual([status, reason], [0, 'Timeout']);
});

it('says that nobody is there', async () => {
  const kube = openKube(async () => ({ server: 'http://127.0.0.1:9' }));
  assert.equal((await faultOf(kube.call({ path: '/' }))).reason, 'ECONNREFUSED');
  kube.close();
});

it('gives lines as they come, however they are cut', async (test) => {
  const kube = await api(test, (_, response) => {
    response.write('{"a":1}\n{"b"');
    setImmediate(() => response.end(':2}\n\n{"c":3}\n'));
  });
  const lines: unknown[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}']);
});

it('puts a character together that comes in two halves', async (test) => {
  const [first, second] = [Buffer.from('"a'), Buffer.from('€"\n')];
  const kube = await api(test, (_, response) => {
    response.write(Buffer.concat([first, second.subarray(0, 2)]));
    setImmediate(() => response.end(second.subarray(2)));
  });
  const lines: unknown[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['"a€"']);
});

it('is told when lines are cut off in the middle', async (test) => {
  const kube = await api(test, (_, response) => {
    response.write('{"a":1}\n');
    setImmediate(() => response.destroy());
  });
  const lines: unknown[] = [];
  const all = (async () => {
    for await (const line of kube.lines({ path: '/' })) lines.push(line);
  })();
  assert.equal((await faultOf(all)).status, 0);
  assert.deepEqual(lines, ['{"a":1}']);
});

it('is not JSON: said with what came', async (test) => {
  const kube = await api(test, (_, response) => response.end('hello'));
  assert.match((await faultOf(kube.call({ path: '/x' }))).message, /\/x: expected JSON, got "hello"/);
});

const large = (bytes: number): string => JSON.stringify({ data: 'x'.repeat(bytes) });

it('takes a MiB for an answer, and more where the call says so', async (test) => {
  const kube = await api(test, (_, response) => response.end(large(1_200_000)));
  const { reason, message } = await faultOf(kube.call({ path: '/x' }));
  assert.deepEqual([reason, message], ['TooLarge', '/x: an answer of more than 1048576 bytes']);
  assert.ok(await kube.call({ path: '/x', mostBytes: 2 ** 21 }));
});

it('takes a write for done when the status says so, however large the object is that comes back', async (test) => {
  const kube = await api(test, (_, response) => response.end(large(5_000_000)));
  for (const method of ['PATCH', 'DELETE'] as const)
    assert.equal(await kube.call({ path: '/x', method, body: {} }), undefined);
});

it('cuts what is said in a refusal, and takes only a word for its reason', async (test) => {
  const kube = await api(test, (_, response) => {
    response.writeHead(500);
    response.end(JSON.stringify({ reason: 'a\n"b"', message: 'm'.repeat(30_000) }));
  });
  const { reason, message } = await faultOf(kube.call({ path: '/x' }));
  assert.deepEqual([reason, message.length], ['500', 1025]);
});

it('takes a refusal that has no end for what its status says', async (test) => {
  const kube = await api(test, (_, response) => {
    response.writeHead(503);
    response.write('x'.repeat(200_000));
  });
  assert.equal((await faultOf(kube.call({ path: '/x' }))).status, 503);
});

for (const [said, ms] of [
  ['3', 3_000],
  ['1000000000', 300_000],
  ['99999999999999999999999999', 300_000],
  ['-5', undefined],
  ['1.5', undefined],
  ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
] as const)
  it(`takes Retry-After: ${said} for ${ms} ms`, async (test) => {
    const kube = await api(test, (_, response) => response.writeHead(429, { 'retry-after': said }).end());
    assert.equal((await faultOf(kube.call({ path: '/x' }))).retryAfterMs, ms);
  });

describe('a list', () => {
  const item = (name: string, more = ''): string =>
    JSON.stringify({ metadata: { name, namespace: 'n', uid: `u-${name}` }, more });
  const listOf = (...items: readonly string[]): string =>
    `{"metadata":{"resourceVersion":"1"},"items":[${items.join(',')}]}`;

  it('names an item that is too large, and goes on with the next', async (test) => {
    const deep = `{"metadata":{"name":"deep"},"x":${'['.repeat(200)}${']'.repeat(200)}}`;
    const crowd = `{"metadata":{"name":"crowd"},"x":[${'{},'.repeat(200_000)}{}]}`;
    const kube = await api(test, (_, response) =>
      response.end(listOf(item('a'), item('long', '<'.repeat(3_000_000)), deep, crowd, item('b'))),
    );
    const names: unknown[] = [];
    const left: unknown[] = [];
    await kube.list(
      { path: '/x', deadlineMs: 60_000 },
      (one) => names.push((one as { metadata: { name: string } }).metadata.name),
      { large: ({ metadata: { name }, why }) => left.push([name, why]) },
    );
    assert.deepEqual(names, ['a', 'b']);
    assert.deepEqual(left, [
      ['long', '3000069 bytes (at most 2097152)'],
      ['deep', 'JSON of 201 levels (at most 100)'],
      ['crowd', 'JSON of up to 400006 values (at most 100000)'],
    ]);
  });

  it('with such an item is a fault where nobody wants to know its name', async (test) => {
    const kube = await api(test, (_, response) => response.end(listOf(item('long', '<'.repeat(3_000_000)))));
    assert.match((await faultOf(kube.list({ path: '/x' }, () => {}))).message, /an item: 3000069 bytes/);
  });

  it('of more items than are read is ended after those, and says so', async (test) => {
    const kube = await api(test, (_, response) => response.end(listOf('{},'.repeat(200_500).slice(0, -1))));
    let count = 0;
    let why = '';
    const list = await kube.list({ path: '/x', deadlineMs: 60_000 }, () => count++, {
      cut: (said) => {
        why = said;
      },
    });
    assert.deepEqual(list, { metadata: { resourceVersion: '1' }, items: [] });
    assert.deepEqual([count, why], [200_000, 'it has more than 200000 items']);
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
