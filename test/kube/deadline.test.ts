/** Every call ends, whatever bytes the server sends. */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/kube/api-error.ts';
import { type Call, openKube } from '../../src/kube/client.ts';
import { allClosed, flood, type Hostile, hostile } from './limits/hostile-server.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const last = `${ok}connection: close\r\n`;
const deadlineMs = 300;
/** Deadline for calls that end without it: long enough for a slow machine. */
const longMs = 30_000;

/** Tests run concurrently: most only wait, and each has its own server. */
const atOnce = { concurrency: true };

const faultOf = async (work: Promise<unknown>): Promise<ApiError> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  return assert.fail('expected an ApiError');
};

type Server = Parameters<typeof hostile>[1];

/** What the server does, and the reason of the resulting ApiError. */
const servers: Readonly<Record<string, readonly [Server, string]>> = {
  'switches to another protocol': [
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    'Unexpected',
  ],
  'sends 101 without naming a protocol': [(socket) => socket.write('HTTP/1.1 101 Hm\r\n\r\n'), 'Unexpected'],
  'sends 100 Continue without end': [
    (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
    'Unexpected',
  ],
  'sends 103 Early Hints without end': [
    (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)),
    'Unexpected',
  ],
  'sends 102 and then nothing': [(socket) => socket.write('HTTP/1.1 102 Wait\r\n\r\n'), 'Timeout'],
  'sends headers without end': [
    (socket) => {
      socket.write(ok);
      flood(socket, `x-filler: ${'x'.repeat(1000)}\r\n`.repeat(50));
    },
    'HPE_HEADER_OVERFLOW',
  ],
  'sends one header without end': [
    (socket) => {
      socket.write(`${ok}x: `);
      flood(socket, 'x'.repeat(50_000));
    },
    'HPE_HEADER_OVERFLOW',
  ],
  'sends nothing': [() => {}, 'Timeout'],
  'hangs in the middle of the headers': [(socket) => socket.write(ok), 'Timeout'],
  'hangs after the headers': [(socket) => socket.write(`${ok}content-length: 9\r\n\r\n`), 'Timeout'],
  'hangs after the headers of a refusal': [
    (socket) => socket.write('HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\n'),
    'Timeout',
  ],
  'sends a byte every 20 ms': [
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
  'sends a body without end': [
    (socket) => {
      socket.write(chunked);
      flood(socket, `ffff\r\n${' '.repeat(0xffff)}\r\n`);
    },
    'TooLarge',
  ],
  'sends a body without end in chunks of a byte': [
    (socket) => {
      socket.write(chunked);
      flood(socket, '1\r\n \r\n'.repeat(10_000));
    },
    'TooLarge',
  ],
  'sends trailers without end': [
    (socket) => {
      socket.write(`${chunked}2\r\n{}\r\n0\r\n`);
      flood(socket, `x-filler: ${'x'.repeat(1000)}\r\n`.repeat(50));
    },
    'ECONNRESET',
  ],
  'sends JSON that nests too deep': [
    (socket) => socket.write(`${last}content-length: 100000\r\n\r\n${'['.repeat(100_000)}`),
    'TooLarge',
  ],
  'sends JSON with too many values': [
    (socket) => socket.write(`${last}content-length: 900001\r\n\r\n[${'{},'.repeat(300_000)}`),
    'TooLarge',
  ],
  'does not send HTTP': [(socket) => flood(socket, 'x'.repeat(50_000)), 'HPE_INVALID_CONSTANT'],
  'closes the connection': [(socket) => socket.end(), 'ECONNRESET'],
};

const { 'sends a body without end in chunks of a byte': _, ...both } = servers;

const lists: Readonly<Record<string, readonly [Server, string]>> = {
  ...both,
  'sends a body without end': [
    (socket) => {
      socket.write(`${chunked}a\r\n{"items":[\r\n`);
      flood(socket, `fff3\r\n${'{},'.repeat(0xfff3 / 3)}\r\n`);
    },
    'TooLarge',
  ],
  'sends an item without end': [
    (socket) => {
      socket.write(`${chunked}b\r\n{"items":[[\r\n`);
      flood(socket, `ffff\r\n${'{'.repeat(0xffff)}\r\n`);
    },
    'Timeout',
  ],
  'sends text around the items without end': [
    (socket) => {
      socket.write(chunked);
      flood(socket, `ffff\r\n${'{'.repeat(0xffff)}\r\n`);
    },
    'TooLarge',
  ],
};

/** Starts a hostile server, runs the call, waits until no connection is open. @returns the ApiError's reason */
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

describe('a call ends and leaves no connection open when the server', atOnce, () => {
  for (const [does, [server, reason]] of Object.entries(servers))
    it(does, async (test) => {
      const call: Call = { path: '/x', deadlineMs: reason === 'Timeout' ? deadlineMs : longMs };
      assert.equal(
        await settles(test, server, ({ kube }) => kube.call({ ...call, mostBytes: 100_000 })),
        reason,
      );
    });
});

describe('a list ends and leaves no connection open when the server', atOnce, () => {
  for (const [does, [server, reason]] of Object.entries(lists))
    it(does, async (test) => {
      const call: Call = { path: '/x', deadlineMs: reason === 'Timeout' ? deadlineMs : longMs };
      assert.equal(await settles(test, server, ({ kube }) => kube.list(call, () => {})), reason);
    });
});

describe('a watch ends at its signal and leaves no connection open when the server', atOnce, () => {
  for (const [does, [server]] of Object.entries(servers))
    it(does, async (test) => {
      await settles(test, server, async ({ kube }) => {
        const signal = AbortSignal.timeout(deadlineMs);
        // Discard all lines.
        for await (const _ of kube.lines({ path: '/x', signal })) void _;
        throw new ApiError(0, 'Ended', 'the server ended the watch');
      });
    });

  it('sends a line of 3 MB: the line is reported by name and the next one is read', async (test) => {
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

  it('sends lines without end and the reader stops after one', async (test) => {
    const api = await hostile(test, (socket) => flood(socket, `${ok}\r\n${'{}\n'.repeat(100)}`));
    for await (const _ of api.kube.lines({ path: '/x' })) break;
    await allClosed(api);
  });
});

describe('a call ends at its deadline when', () => {
  it('the TLS handshake hangs', async (test) => {
    const api = await hostile(test, () => {}, {}, 'https');
    assert.equal((await faultOf(api.kube.call({ path: '/x', deadlineMs }))).reason, 'Timeout');
    await allClosed(api);
  });

  it('the DNS lookup hangs', async (test) => {
    test.mock.method(dns, 'lookup', () => {});
    const kube = openKube(async () => ({ server: 'http://nowhere.invalid' }));
    assert.equal((await faultOf(kube.call({ path: '/x', deadlineMs }))).reason, 'Timeout');
    kube.close();
  });

  it('the credentials hang, and three calls request them once', async () => {
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

  it('hanging calls use all connections', async (test) => {
    const api = await hostile(test, () => {});
    const all = Array.from({ length: 12 }, () => faultOf(api.kube.call({ path: '/x', deadlineMs })));
    for (const { reason } of await Promise.all(all)) assert.equal(reason, 'Timeout');
    // Calls that waited for a connection still open one, which the pool keeps.
    while (api.open() > 0) {
      api.kube.close();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

it('a call ends at once when its signal aborts before it is sent, and while it waits for the answer', async (test) => {
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

describe('any bytes', () => {
  /** Parts of answers, whole answers, and arbitrary text. */
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

  it('make a call, a list and a watch settle with an answer or an ApiError', async (test) => {
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
