import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { acceptOf, WebSocket, WebSocketError } from '../../src/http/websocket.ts';
import { frame, unmask } from '../kube/forwarder.ts';

function opened(
  head = Buffer.alloc(0),
  most = 1000,
): { readonly socket: WebSocket; readonly server: Duplex } {
  const [client, server] = duplexPair();
  return { socket: new WebSocket(client, head, most), server };
}

async function all(socket: WebSocket): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of socket.messages()) texts.push(message.toString());
  return texts;
}

describe('a WebSocket', () => {
  it('answers a key as the example of RFC 6455 does', () => {
    assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  it('yields whole messages, however their bytes arrive, until the server closes', async () => {
    const bytes = Buffer.concat([
      frame(Buffer.from('one')),
      frame(Buffer.from('tw'), 2, false),
      frame(Buffer.from('o'), 0),
      frame(Buffer.alloc(0)),
      frame(Buffer.from('x'.repeat(300))),
      frame(Buffer.alloc(0), 8),
    ]);
    for (const size of [1, 2, 7, bytes.length]) {
      const { socket, server } = opened(bytes.subarray(0, 3));
      for (let at = 3; at < bytes.length; at += size) server.write(bytes.subarray(at, at + size));
      assert.deepEqual(await all(socket), ['one', 'two', '', 'x'.repeat(300)], `${size} bytes at once`);
    }
  });

  it('reads messages of 64 KiB and more, whose length has eight bytes', async () => {
    const { socket, server } = opened(undefined, 1_000_000);
    server.end(frame(Buffer.alloc(70_000, 'y')));
    const [message] = await all(socket);
    assert.equal(message?.length, 70_000);
  });

  it('ends without an error when the connection ends', async () => {
    const { socket, server } = opened();
    server.end(frame(Buffer.from('only')).subarray(0, 4));
    assert.deepEqual(await all(socket), []);
  });

  it('masks what it sends, and answers a ping with its payload', async () => {
    const { socket, server } = opened();
    const payload = Buffer.alloc(300, 'z');
    socket.send(payload);
    server.write(frame(Buffer.from('are you there'), 9));
    const ended = all(socket);
    const received: Buffer[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    server.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (received.length === 2) resolve();
    });
    await promise;
    const sent = Buffer.concat(received);
    server.write(frame(Buffer.alloc(0), 8));
    await ended;
    assert.equal(sent.readUInt8(1) & 0x80, 0x80);
    const first = unmask(sent);
    assert.deepEqual([first?.opcode, first?.payload], [2, payload]);
    const second = unmask(sent.subarray(first?.length));
    assert.deepEqual([second?.opcode, second?.payload.toString()], [10, 'are you there']);
  });

  for (const [name, bytes] of [
    ['a message above the limit', frame(Buffer.alloc(1001))],
    [
      'parts that are above the limit together',
      Buffer.concat([frame(Buffer.alloc(600), 2, false), frame(Buffer.alloc(401), 0)]),
    ],
    ['a masked frame', Buffer.of(0x82, 0x80, 0, 0, 0, 0)],
    ['reserved bits', Buffer.of(0xc2, 0)],
    ['an unknown kind of frame', Buffer.of(0x83, 0)],
    ['a ping of more than 125 bytes', frame(Buffer.alloc(126), 9)],
    ['a ping in parts', frame(Buffer.alloc(1), 9, false)],
    ['a continuation of nothing', frame(Buffer.from('x'), 0)],
    ['a second beginning', Buffer.concat([frame(Buffer.from('x'), 2, false), frame(Buffer.from('y'))])],
  ] as const)
    it(`refuses ${name}`, async () => {
      const { socket, server } = opened();
      server.write(bytes);
      await assert.rejects(all(socket), WebSocketError);
    });
});
