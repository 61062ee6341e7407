import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Access, openKube } from '../../src/kube/client.ts';
import { getFromPod, type PodAnswer } from '../../src/kube/port-forward.ts';
import { type Destination, forwardPorts } from './forwarder.ts';

async function listening(test: TestContext, server: http.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A program in a pod, and an API that forwards to it. */
async function pod(
  test: TestContext,
  answer: http.RequestListener,
  access: Partial<Access> = {},
  destination?: Destination,
) {
  const inPod = await listening(test, http.createServer(answer));
  const api = http.createServer();
  const asked = forwardPorts(api, () => destination ?? inPod);
  const port = await listening(test, api);
  const kube = openKube(async () => ({ server: `http://127.0.0.1:${port}`, ...access }));
  test.after(() => kube.close());
  const get = (path = '/', more: object = {}): Promise<PodAnswer> =>
    getFromPod(kube, {
      namespace: 'realmem',
      pod: 'realmem-x',
      port: 9644,
      path,
      mostBytes: 1_000_000,
      ...more,
    });
  return { get, asked };
}

describe('a request to a port of a pod', () => {
  it('returns status and text of the program in the pod', async (test) => {
    const { get } = await pod(test, ({ url, headers }, response) => {
      response.writeHead(404).end(`${url} of ${headers.host}`);
    });
    assert.deepEqual(await get('/a/b%20c.json'), { status: 404, text: '/a/b%20c.json of localhost:9644' });
  });

  it('returns a long answer whole', async (test) => {
    const text = '0123456789'.repeat(60_000);
    const { get } = await pod(test, (_, response) => void response.end(text));
    assert.deepEqual(await get(), { status: 200, text });
  });

  it('returns Retry-After in milliseconds', async (test) => {
    const { get } = await pod(test, (_, response) => {
      response.writeHead(503, { 'retry-after': '2' }).end('busy');
    });
    assert.deepEqual(await get(), { status: 503, text: 'busy', retryAfterMs: 2000 });
  });

  it('has the token, and the user and groups to impersonate', async (test) => {
    const impersonate = { user: 'jane', groups: ['ops', 'dev'] };
    const { get, asked } = await pod(test, (_, response) => void response.end('x'), {
      authorization: 'Bearer t',
      impersonate,
    });
    await get();
    const [headers = {}] = asked;
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['impersonate-user'], 'jane');
    assert.equal(headers['impersonate-group'], 'ops, dev');
    assert.equal(headers['sec-websocket-protocol'], 'v4.channel.k8s.io');
  });

  it("returns the kubelet's words when nothing listens on the port", async (test) => {
    const { get } = await pod(test, () => {}, {}, 'refused');
    const answer = await get();
    assert.ok('unreachable' in answer);
    assert.match(answer.unreachable, /^error forwarding port 9644 to pod realmem-x.*connection refused$/);
  });

  it('throws the refusal of the API with its status and message', async (test) => {
    const message = 'pods "realmem-x" is forbidden: User "jane" cannot get resource "pods/portforward"';
    const { get } = await pod(test, () => {}, {}, { status: 403, message });
    await assert.rejects(
      get(),
      (error) =>
        error instanceof ApiError &&
        error.status === 403 &&
        error.reason === 'Forbidden' &&
        error.message === message,
    );
  });

  it('throws at the deadline when the program does not answer', async (test) => {
    const { get } = await pod(test, () => {});
    await assert.rejects(
      get('/', { deadlineMs: 50 }),
      (error) => error instanceof ApiError && error.reason === 'Timeout',
    );
  });

  it('throws for an answer above the limit, and for one that ends early', async (test) => {
    const { get } = await pod(test, ({ url }, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      if (url === '/short') response.write('x', () => response.destroy());
      else response.end('x'.repeat(1000));
    });
    await assert.rejects(
      get('/', { mostBytes: 999 }),
      (error) => error instanceof ApiError && error.reason === 'TooLarge',
    );
    await assert.rejects(get('/short'), ApiError);
  });

  it('throws when the server answers without a WebSocket, or with another protocol', async (test) => {
    const plain = await listening(
      test,
      http.createServer((_, response) => void response.end('a login page')),
    );
    const wrong = http.createServer();
    wrong.on('upgrade', (_, socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    );
    for (const port of [plain, await listening(test, wrong)]) {
      const kube = openKube(async () => ({ server: `http://127.0.0.1:${port}` }));
      const call = { namespace: 'n', pod: 'p', port: 1, path: '/', mostBytes: 1 };
      await assert.rejects(getFromPod(kube, call), ApiError);
      kube.close();
    }
  });
});
