/** Every call ends, whatever the other side does: here it is bytes on a socket. */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Call, openKube } from '../../src/kube/client.ts';
import { allClosed, flood, type Hostile, hostile } from './hostile-server.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const last = `${ok}connection: close\r\n`;
const deadlineMs = 300;
/** For what ends by itself, on a machine of any speed. */
const longMs = 30_000;

/** Most of them wait, and each has a server of its own. */
const atOnce = { concurrency: true };

const faultOf = async (work: Promise<unknown>): Promise<ApiError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  return assert.fail('there was no fault');
};

type Server = Parameters<typeof hostile>[1];

/** What it does, and the reason of the fault that it is. */
const servers: Readonly<Record<string, readonly [Server, string]>> = {
  'says that it changes the protocol': [
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    'Unexpected',
  ],
  'says so without naming one': [(socket) => socket.write('HTTP/1.1 101 Hm\r\n\r\n'), 'Unexpected'],
  'announces an answer for ever': [
    (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
    'Unexpected',
  ],
  'gives early hints for ever': [
    (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)),
    'Unexpected',
  ],
  'announces an answer, and gives none': [(socket) => socket.write('HTTP/1.1 102 Wait\r\n\r\n'), 'Timeout'],
  'sends headers without an end': [
    (socket) => {
      socket.write(ok);
      flood(socket, `x-filler: ${'x'.repeat(1000)}\r\n`.repeat(50));
    },
    'HPE_HEADER_OVERFLOW',
  ],
  'sends a header without an end': [
    (socket) => {
      socket.write(`${ok}x: `);
      flood(socket, 'x'.repeat(50_000));
    },
    'HPE_HEADER_OVERFLOW',
  ],
  'says nothing': [() => {}, 'Timeout'],
  'hangs within the headers': [(socket) => socket.write(ok), 'Timeout'],
  'hangs after the headers': [(socket) => socket.write(`${ok}content-length: 9\r\n\r\n`), 'Timeout'],
  'hangs after the headers of a refusal': [
    (socket) => socket.write('HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\n'),
    'Timeout',
  ],
  trickles: [
    (socket) => {
      socket.write(chunked);
      const timer = setInterval(
        () => (socket.destroyed ? clearInterval(timer) : socket.write('1\r\n \r\n')),
        20,
      );
      socket.on('close', () => clearInterval(timer));
    },
    'Timeout',
  ],
  'sends a body without an end': [
    (socket) => {
      socket.write(chunked);
      flood(socket, `ffff\r\n${' '.repeat(0xffff)}\r\n`);
    },
    'TooLarge',
  ],
  'sends a body without an end, a byte at a time': [
    (socket) => {
      socket.write(chunked);
      flood(socket, '1\r\n \r\n'.repeat(10_000));
    },
    'TooLarge',
  ],
  'sends trailers without an end': [
    (socket) => {
      socket.write(`${chunked}2\r\n{}\r\n0\r\n`);
      flood(socket, `x-filler: ${'x'.repeat(1000)}\r\n`.repeat(50));
    },
    'ECONNRESET',
  ],
  'sends what nests too deep': [
    (socket) => socket.write(`${last}content-length: 100000\r\n\r\n${'['.repeat(100_000)}`),
    'TooLarge',
  ],
  'sends more values than are read': [
    (socket) => socket.write(`${last}content-length: 900001\r\n\r\n[${'{},'.repeat(300_000)}`),
    'TooLarge',
  ],
  'sends no HTTP': [(socket) => flood(socket, 'x'.repeat(50_000)), 'HPE_INVALID_CONSTANT'],
  closes: [(socket) => socket.end(), 'ECONNRESET'],
};

const { 'sends a body without an end, a byte at a time': _, ...both } = servers;

const lists: Readonly<Record<string, readonly [Server, string]>> = {
  ...both,
  'sends a body without an end': [
    (socket) => {
      socket.write(`${chunked}a\r\n{"items":[\r\n`);
      flood(socket, `fff3\r\n${'{},'.repeat(0xfff3 / 3)}\r\n`);
    },
    'TooLarge',
  ],
  'sends an item without an end': [
    (socket) => {
      socket.write(`${chunked}b\r\n{"items":[[\r\n`);
      flood(socket, `ffff\r\n${'{'.repeat(0xffff)}\r\n`);
    },
    'Timeout',
  ],
  'sends what is around the items without an end': [
    (socket) => {
      socket.write(chunked);
      flood(socket, `ffff\r\n${'{'.repeat(0xffff)}\r\n`);
    },
    'TooLarge',
  ],
};

/** As `hostile`, and looks after what is left. */
async function settles(
  test: TestContext,
  server: Server,
  ask: (of: Hostile) => Promise<unknown>,
): Promise<string> {
  const api = await hostile(test, server);
  const { reason } = await faultOf(ask(api));
  await allClosed(api);
  return reason;
}

describe('a call ends, with nothing left open, where the server', atOnce, () => {
  for (const [does, [server, reason]] of Object.entries(servers))
    it(does, async (test) => {
      const call: Call = { path: '/x', deadlineMs: reason === 'Timeout' ? deadlineMs : longMs };
      assert.equal(
        await settles(test, server, ({ kube }) => kube.call({ ...call, mostBytes: 100_000 })),
        reason,
      );
    });
});

describe('a list ends, with nothing left open, where the server', atOnce, () => {
  for (const [does, [server, reason]] of Object.entries(lists))
    it(does, async (test) => {
      const call: Call = { path: '/x', deadlineMs: reason === 'Timeout' ? deadlineMs : longMs };
      assert.equal(await settles(test, server, ({ kube }) => kube.list(call, () => {})), reason);
    });
});

describe('a watch ends when it is told to, with nothing left open, where the server', atOnce, () => {
  for (const [does, [server]] of Object.entries(servers))
    it(does, async (test) => {
      await settles(test, server, async ({ kube }) => {
        const signal = AbortSignal.timeout(deadlineMs);
        // Each line is one too many: what is none of an object is skipped, however much comes.
        for await (const _ of kube.lines({ path: '/x', signal })) void _;
        throw new ApiError(0, 'Ended', 'as the server wished');
      });
    });

  it('sends a line without an end: it is skipped', async (test) => {
    const api = await hostile(test, (socket) => {
      const line = `{"type":"ADDED","object":{"metadata":{"name":"long","uid":"u"},"x":"${'x'.repeat(3_000_000)}"}}\n`;
      socket.end(`${ok}\r\n${line}{"type":"ADDED"}\n`);
    });
    const seen: unknown[] = [];
    for await (const line of api.kube.lines({ path: '/x' })) seen.push(line);
    const metadata = { name: 'long', uid: 'u' };
    const why = '3000071 bytes (at most 2097152)';
    assert.deepEqual(seen, [{ type: 'ADDED', metadata, why }, '{"type":"ADDED"}']);
  });

  it('goes on, and nobody reads further', async (test) => {
    const api = await hostile(test, (socket) => flood(socket, `${ok}\r\n${'{}\n'.repeat(100)}`));
    for await (const _ of api.kube.lines({ path: '/x' })) break;
    await allClosed(api);
  });
});

describe('a call ends by its deadline where', () => {
  it('the handshake of TLS does not', async (test) => {
    const api = await hostile(test, () => {}, {}, 'https');
    assert.equal((await faultOf(api.kube.call({ path: '/x', deadlineMs }))).reason, 'Timeout');
    await allClosed(api);
  });

  it('the name of the server is looked up for ever', async (test) => {
    test.mock.method(dns, 'lookup', () => {});
    const kube = openKube(async () => ({ server: 'http://nowhere.invalid' }));
    assert.equal((await faultOf(kube.call({ path: '/x', deadlineMs }))).reason, 'Timeout');
    kube.close();
  });

  it('the credential does not come, which is asked for once', async () => {
    let asked = 0;
    const kube = openKube(() => {
      asked++;
      return new Promise(() => {});
    });
    const ask = (): Promise<ApiError> => faultOf(kube.call({ path: '/x', deadlineMs }));
    const faults = [...(await Promise.all([ask(), ask()])), await ask()];
    assert.deepEqual([faults.map(({ reason }) => reason), asked], [['Timeout', 'Timeout', 'Timeout'], 1]);
    kube.close();
  });

  it('all connections are taken by calls that hang', async (test) => {
    const api = await hostile(test, () => {});
    const all = Array.from({ length: 12 }, () => faultOf(api.kube.call({ path: '/x', deadlineMs })));
    for (const { reason } of await Promise.all(all)) assert.equal(reason, 'Timeout');
    // Those that waited for a connection get one a moment later, which is kept for the next call.
    while (api.open() > 0) {
      api.kube.close();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

it('a call ends at once when its signal is given, before, during and after it is sent', async (test) => {
  const api = await hostile(test, (socket) => socket.write(ok));
  const given = AbortSignal.abort();
  assert.equal((await faultOf(api.kube.call({ path: '/x', signal: given }))).status, 0);
  const end = new AbortController();
  const work = faultOf(api.kube.call({ path: '/x', signal: end.signal }));
  while (api.open() === 0) await new Promise((resolve) => setImmediate(resolve));
  end.abort();
  assert.equal((await work).status, 0);
  await allClosed(api);
});

describe('whatever comes', () => {
  /** Parts of answers, whole ones, and anything. */
  const part = fc.oneof(
    fc.constantFrom(
      ok,
      chunked,
      '\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n',
      'HTTP/1.1 101 X\r\n\r\n',
      'HTTP/1.1 100 X\r\n\r\n',
      'HTTP/1.1 429 X\r\nretry-after: 99999999999\r\ncontent-length: 0\r\n\r\n',
      'HTTP/1.1 204 X\r\n\r\n',
      'HTTP/1.1 302 X\r\nlocation: /\r\ncontent-length: 0\r\n\r\n',
      'content-encoding: gzip\r\n',
      'transfer-encoding: chunked\r\n',
      '{"items":[',
      '{"metadata":{"uid":"a"}},',
      ']}',
      'a\r\n{"items":[]\r\n',
      '1\r\n}\r\n',
      '0\r\n\r\n',
      'null',
    ),
    fc.string({ maxLength: 50 }),
    fc.nat({ max: 2_000 }).map((count) => '['.repeat(count)),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const answer = fc.record({
    parts: fc.array(part, { maxLength: 8 }),
    ends: fc.constantFrom('end', 'destroy', 'hang'),
    method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
  });

  it('a call, a list and a watch settle with an answer or a KubeFault', async (test) => {
    let script: { parts: readonly string[]; ends: string } = { parts: [], ends: 'end' };
    const { kube } = await hostile(test, (socket) => {
      for (const piece of script.parts) socket.write(piece, 'latin1');
      if (script.ends === 'end') socket.end();
      if (script.ends === 'destroy') socket.destroy();
    });
    const isFault = (error: unknown): void => assert.ok(error instanceof ApiError, String(error));
    await fc.assert(
      fc.asyncProperty(answer, async ({ parts, ends, method }) => {
        script = { parts, ends };
        const short = { path: '/x', deadlineMs: 40 };
        await kube.call({ ...short, method: method as 'GET', body: {} }).catch(isFault);
        await kube.list(short, () => {}).catch(isFault);
        const read = async (): Promise<void> => {
          for await (const _ of kube.lines({ path: '/x', signal: AbortSignal.timeout(40) })) void _;
        };
        await read().catch(isFault);
      }),
      { numRuns: 60 },
    );
  });
});
