import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { listen } from '../../src/edges/http.ts';

async function serve(test: TestContext) {
  const listener = await listen({ host: '127.0.0.1', port: 0 }, (path) => {
    if (path === '/boom') throw new Error('no luck');
    return path === '/a' ? { status: 200, type: 'text/plain', body: 'ä\n' } : undefined;
  });
  test.after(() => listener.close());
  return {
    listener,
    get: (path: string, method = 'GET') => fetch(`http://${listener.address}${path}`, { method }),
  };
}

it('answers GET and HEAD, by path alone', async (test) => {
  const { get } = await serve(test);
  const answer = await get('/a?b=c');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(await answer.text(), 'ä\n');
  const head = await get('/a', 'HEAD');
  assert.equal(head.headers.get('content-length'), '3');
  assert.equal(await head.text(), '');
});

it('refuses what is not there, what it cannot make and what it does not do', async (test) => {
  const { get } = await serve(test);
  assert.equal((await get('/b')).status, 404);
  assert.equal((await get('/boom')).status, 500);
  assert.equal((await get('/a', 'POST')).status, 405);
});

it('says which address it cannot take', async (test) => {
  const { listener } = await serve(test);
  const [host = '', port] = listener.address.split(':');
  await assert.rejects(
    listen({ host, port: Number(port) }, () => undefined),
    new RegExp(`${listener.address}: expected to listen there, got EADDRINUSE; give another address`),
  );
});

it('closes though a client holds its connection', async (test) => {
  const { listener, get } = await serve(test);
  await get('/a');
  await listener.close();
  await assert.rejects(get('/a'));
});
