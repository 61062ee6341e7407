import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { it } from 'node:test';
import { portHolder } from '../../src/edges/ports.ts';
import { lay, tempDir } from '../temp.ts';

it('portHolder finds this process as the holder of a port that it listens on, and nobody afterwards', async (test) => {
  const server = net.createServer();
  test.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const holder = portHolder('/', port, '127.0.0.1');
  assert.equal(holder?.pid, process.pid);
  assert.match(holder?.command ?? '', /node/);
  server.close();
  await once(server, 'close');
  assert.equal(portHolder('/', port, '127.0.0.1'), undefined);
});

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
/** A line of /proc/net/tcp. 25AB is port 9643. */
const line = (address: string, state = '0A'): string =>
  `   0: ${address}:25AB 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  0  0 576 1 00 100 0 0 10 0\n`;

for (const [what, table, text, host, isTaken] of [
  ['a listener at the address', 'tcp', line('0100007F'), '127.0.0.1', true],
  ['a listener at all IPv4 addresses', 'tcp', line('00000000'), '127.0.0.1', true],
  ['a listener at all IPv6 addresses', 'tcp6', line('0'.repeat(32)), '127.0.0.1', true],
  ['a listener at another address', 'tcp', line('0200000A'), '127.0.0.1', false],
  ['a listener at another address, for all addresses', 'tcp', line('0200000A'), undefined, true],
  ['an established connection', 'tcp', line('0100007F', '01'), '127.0.0.1', false],
] as const)
  it(`portHolder takes ${what} (${host ?? 'all'}) for ${isTaken ? 'taken' : 'free'}`, (test) => {
    const root = tempDir(test);
    lay(root, { [`proc/net/${table}`]: `${heading}${text}` });
    assert.deepEqual(portHolder(root, 9643, host), isTaken ? {} : undefined);
  });

it('portHolder names the process that has the socket open', (test) => {
  const root = tempDir(test);
  lay(root, {
    'proc/net/tcp': `${heading}${line('0100007F')}`,
    'proc/41/fd/': '',
    'proc/42/fd/': '',
    'proc/42/cmdline': 'nginx\0-g\0daemon off;\0',
  });
  fs.symlinkSync('socket:[577]', path.join(root, 'proc/41/fd/3'));
  fs.symlinkSync('socket:[576]', path.join(root, 'proc/42/fd/3'));
  assert.deepEqual(portHolder(root, 9643, '127.0.0.1'), { pid: 42, command: 'nginx -g daemon off;' });
});

it('portHolder takes a port for free where there is no table', (test) => {
  assert.equal(portHolder(tempDir(test), 9643, '127.0.0.1'), undefined);
});
