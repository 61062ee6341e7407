import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { type Access, openKube } from '../../src/edges/kube.ts';
import { KubeFault } from '../../src/model/kube-fault.ts';

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

const faultOf = async (work: Promise<unknown>): Promise<KubeFault> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof KubeFault);
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
    method: 'PATCH',
    path: '/a?b=c',
    body: { d: 1 },
    contentType: 'application/merge-patch+json',
  });
  assert.deepEqual(answer, {
    method: 'PATCH',
    url: '/a?b=c',
    type: 'application/merge-patch+json',
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
  const lines: string[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}']);
});

it('puts a character together that comes in two halves', async (test) => {
  const [first, second] = [Buffer.from('"a'), Buffer.from('€"\n')];
  const kube = await api(test, (_, response) => {
    response.write(Buffer.concat([first, second.subarray(0, 2)]));
    setImmediate(() => response.end(second.subarray(2)));
  });
  const lines: string[] = [];
  for await (const line of kube.lines({ path: '/' })) lines.push(line);
  assert.deepEqual(lines, ['"a€"']);
});

it('is told when lines are cut off in the middle', async (test) => {
  const kube = await api(test, (_, response) => {
    response.write('{"a":1}\n');
    setImmediate(() => response.destroy());
  });
  const lines: string[] = [];
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
