import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import tls from 'node:tls';
import { usualLimits } from '../../src/http/limits.ts';
import { type ListenOptions, listen, plainText } from '../../src/http/listener.ts';
import { selfSigned } from '../../src/http/self-signed.ts';
import { secureBy } from '../../src/http/tls.ts';
import { tempDir } from '../temp.ts';
import { connect, getRequest, isWhole } from './strangers.ts';

const page = Buffer.alloc(900_000, 'x');

async function serve(
  test: TestContext,
  secure: NonNullable<ListenOptions['secure']>,
  more: ListenOptions = {},
) {
  const listener = await listen(
    { host: '127.0.0.1', port: 0 },
    {
      probe: (path) => (path === '/healthz' ? plainText(200, 'ok') : undefined),
      page: () => ({ status: 200, type: 'text/plain', body: page }),
    },
    { ...more, secure },
  );
  test.after(() => listener.close());
  return listener.address;
}

interface Asked {
  readonly text: string;
  readonly certificate: string;
}

function ask(address: string, path: string, options: tls.ConnectionOptions = {}): Promise<Asked> {
  const port = Number(address.split(':')[1]);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      const certificate = socket.getPeerCertificate().fingerprint256;
      socket.write(getRequest(path));
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.once('close', () => resolve({ text: Buffer.concat(chunks).toString(), certificate }));
    });
    socket.once('error', reject);
  });
}

const unused = { ticks: () => 0, warn: (message: string) => assert.fail(message) };

describe('a self-signed certificate', () => {
  it('is accepted by a client with it as CA for its own name only', async (test) => {
    const { cert, key } = selfSigned('realmem');
    const directory = tempDir(test);
    const files = { cert: path.join(directory, 'tls.crt'), key: path.join(directory, 'tls.key') };
    fs.writeFileSync(files.cert, cert);
    fs.writeFileSync(files.key, key);
    const address = await serve(test, secureBy({ files, ...unused }));
    const trusting = { ca: cert, rejectUnauthorized: true, servername: 'realmem' };
    assert.ok(isWhole((await ask(address, '/metrics', trusting)).text));
    await assert.rejects(ask(address, '/metrics', { ...trusting, servername: 'other' }), /altnames/);
  });
});

describe('a listener with TLS', () => {
  it('answers over TLS 1.3 and refuses TLS 1.2 and plain HTTP', async (test) => {
    const address = await serve(test, secureBy({ files: undefined, ...unused }));
    assert.match((await ask(address, '/healthz')).text, /ok\n$/);
    assert.ok(isWhole((await ask(address, '/metrics')).text));
    await assert.rejects(ask(address, '/metrics', { maxVersion: 'TLSv1.2' }), /version|alert/i);
    const open = connect(address, '127.0.0.1');
    open.socket.write(getRequest('/metrics'));
    await open.closed;
    assert.doesNotMatch(open.text(), /x/);
  });

  it('closes a connection without a handshake, and one whose client does not read', async (test) => {
    const closed = new Map<string, number>();
    const done = Promise.withResolvers<void>();
    const limits = { ...usualLimits, requestMs: 300, responseMs: 300, checkMs: 20 };
    const address = await serve(test, secureBy({ files: undefined, ...unused }), {
      limits,
      onClosed: (reason) => {
        closed.set(reason, (closed.get(reason) ?? 0) + 1);
        if (closed.size === 2) done.resolve();
      },
    });
    const silent = connect(address, '127.0.0.1');
    const slow = tls.connect(
      { host: '127.0.0.1', port: Number(address.split(':')[1]), rejectUnauthorized: false },
      () => {
        slow.pause();
        slow.write(getRequest('/metrics'));
      },
    );
    slow.on('error', () => {});
    await done.promise;
    assert.deepEqual(Object.fromEntries(closed), { request_timeout: 1, response_timeout: 1 });
    await silent.closed;
    slow.destroy();
  });

  it('loads a new certificate from its files, and keeps the old one while certificate and key do not match', async (test) => {
    const directory = tempDir(test);
    const files = { cert: path.join(directory, 'tls.crt'), key: path.join(directory, 'tls.key') };
    const [first, second] = [selfSigned('first'), selfSigned('second')];
    fs.writeFileSync(files.cert, first.cert);
    fs.writeFileSync(files.key, first.key);
    let at = 0;
    const warnings: string[] = [];
    const ticks = (): number => {
      at += 1_000;
      return at;
    };
    const warn = (message: string): void => void warnings.push(message);
    const address = await serve(test, secureBy({ files, ticks, warn }));
    const nameNow = async (): Promise<string> => (await ask(address, '/healthz')).certificate;
    const before = await nameNow();
    assert.equal(before, new X509Certificate(first.cert).fingerprint256);
    fs.writeFileSync(files.cert, second.cert);
    assert.equal(await nameNow(), before);
    assert.equal(warnings.length, 1, 'warns once');
    assert.match(
      warnings[0] ?? '',
      /^keeping the previous certificate: .*tls\.crt: expected a PEM certificate whose key is in .*tls\.key, got/,
    );
    fs.writeFileSync(files.key, second.key);
    assert.equal(await nameNow(), new X509Certificate(second.cert).fingerprint256);
  });

  it('throws an error that names a missing file', (test) => {
    const cert = path.join(tempDir(test), 'tls.crt');
    assert.throws(
      () => secureBy({ files: { cert, key: cert }, ...unused }),
      /tls\.crt: expected a readable PEM file, got ENOENT/,
    );
  });
});
