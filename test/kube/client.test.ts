import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
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
  return assert.fail('expected an ApiError');
};

it('sends method, path, body and headers of a call, and returns the parsed answer', async (test) => {
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

it('throws an ApiError with status, reason, printable message and Retry-After of a refusal', async (test) => {
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

it('throws an ApiError with the HTTP status of a refusal in HTML', async (test) => {
  const kube = await api(test, (_, response) => response.writeHead(502).end('<html>bad gateway'));
  const { status, message } = await faultOf(kube.call({ path: '/' }));
  assert.equal(status, 502);
  assert.match(message, /HTTP 502: <html>bad gateway/);
});

it('throws Timeout when the server does not answer within 50 ms', async (test) => {
  const kube = await api(test, () => {});
  const { status, reason } = await faultOf(kube.call({ path: '/slow', deadlineMs: 50 }));
  assert.deepEqual([status, reason], [0, 'Timeout']);
});

it('throws ECONNREFUSED when no server listens', async () => {
  const kube = openKube(async () => ({ server: 'http://127.0.0.1:9' }));
  assert.equal((await faultOf(kube.call({ path: '/' }))).reason, 'ECONNREFUSED');
  kube.close();
});

it('yields whole lines that arrive split into chunks, and skips empty ones', async (test) => {
  const kube = await api(test, (_, response) => {
    response.write('{"a":1}\n{"b"');
    setImmediate(() => response.end(':2}\n\n{"c":3}\n'));
  });
  const lines: unknown[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}']);
});

it('decodes a character that is split between two chunks', async (test) => {
  const [first, second] = [Buffer.from('"a'), Buffer.from('€"\n')];
  const kube = await api(test, (_, response) => {
    response.write(Buffer.concat([first, second.subarray(0, 2)]));
    setImmediate(() => response.end(second.subarray(2)));
  });
  const lines: unknown[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['"a€"']);
});

it('yields the lines before a broken connection, then throws', async (test) => {
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

it('throws an error that quotes an answer that is not JSON', async (test) => {
  const kube = await api(test, (_, response) => response.end('hello'));
  assert.match((await faultOf(kube.call({ path: '/x' }))).message, /\/x: expected JSON, got "hello"/);
});

const large = (bytes: number): string => JSON.stringify({ data: 'x'.repeat(bytes) });

it('refuses an answer of 1.2 MB, and reads it when the call allows 2 MiB', async (test) => {
  const kube = await api(test, (_, response) => response.end(large(1_200_000)));
  const { reason, message } = await faultOf(kube.call({ path: '/x' }));
  assert.deepEqual(
    [reason, message],
    ['TooLarge', '/x: expected at most 1048576 bytes, got a longer answer'],
  );
  assert.ok(await kube.call({ path: '/x', mostBytes: 2 ** 21 }));
});

it('accepts a PATCH and a DELETE with status 200 and an answer of 5 MB', async (test) => {
  const kube = await api(test, (_, response) => response.end(large(5_000_000)));
  for (const method of ['PATCH', 'DELETE'] as const)
    assert.equal(await kube.call({ path: '/x', method, body: {} }), undefined);
});

it('cuts the message of a refusal to 1024 characters, and replaces a reason that is no word by the status', async (test) => {
  const kube = await api(test, (_, response) => {
    response.writeHead(500);
    response.end(JSON.stringify({ reason: 'a\n"b"', message: 'm'.repeat(30_000) }));
  });
  const { reason, message } = await faultOf(kube.call({ path: '/x' }));
  assert.deepEqual([reason, message.length], ['500', 1025]);
});

it('throws the status of a refusal whose body does not end', async (test) => {
  const kube = await api(test, (_, response) => {
    response.writeHead(503);
    response.write('x'.repeat(200_000));
  });
  assert.equal((await faultOf(kube.call({ path: '/x' }))).status, 503);
});

describe('a list', () => {
  const item = (name: string, more = ''): string =>
    JSON.stringify({ metadata: { name, namespace: 'n', uid: `u-${name}` }, more });
  const listOf = (...items: readonly string[]): string =>
    `{"metadata":{"resourceVersion":"1"},"items":[${items.join(',')}]}`;

  it('reports items that are too long, too deep or too crowded by name, and continues with the next', async (test) => {
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

  it('throws for an item that is too large when there is no handler', async (test) => {
    const kube = await api(test, (_, response) => response.end(listOf(item('long', '<'.repeat(3_000_000)))));
    assert.match(
      (await faultOf(kube.list({ path: '/x' }, () => {}))).message,
      /item too large: 3000069 bytes/,
    );
  });

  it('cuts a list of 200,500 items off after 200,000 and reports it', async (test) => {
    const kube = await api(test, (_, response) => response.end(listOf('{},'.repeat(200_500).slice(0, -1))));
    let count = 0;
    let why = '';
    const list = await kube.list({ path: '/x', deadlineMs: 60_000 }, () => count++, {
      cut: (said) => {
        why = said;
      },
    });
    assert.deepEqual(list, { metadata: { resourceVersion: '1' }, items: [] });
    assert.deepEqual([count, why], [200_000, 'more than 200000 items']);
  });
});
