/**
 * A malicious client. It is its own process, so it does not slow the test that measures. Arguments: ADDRESS KIND COUNT
 * SECONDS. It exits by itself and prints its results as JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ask, connect, getRequest, isWhole, sourceAddress } from '../../http/strangers.ts';

const [address = '', kind, count = '0', seconds = '0'] = process.argv.slice(2);
const most = Number(count);
const until = performance.now() + Number(seconds) * 1000;
const untilEnd = (): Promise<void> => delay(Math.max(0, until - performance.now()));
const clients = Array.from({ length: most }, (_, n) => n);
const print = (found: object): void => void process.stdout.write(`${JSON.stringify(found)}\n`);

/** Opens a connection of one of four kinds: sends nothing, requests and reads, sends half a request, or does not read. */
function once(n: number, kind: number) {
  const peer = connect(address, sourceAddress(n), kind !== 3);
  if (kind === 3) peer.socket.pause();
  if (kind === 1 || kind === 3) peer.socket.write(getRequest('/metrics'));
  if (kind === 2) peer.socket.write('GET /me');
  return peer;
}

switch (kind) {
  case 'pipeline': {
    const peer = connect(address, sourceAddress(0));
    peer.socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(most));
    await peer.closed;
    print({ answers: peer.text().split('HTTP/1.1 200').length - 1, whole: isWhole(peer.text()) });
    break;
  }
  case 'scrapes': {
    print({ begun: most });
    const texts = await Promise.all(clients.map((n) => ask(address, sourceAddress(n), '/metrics')));
    print({ whole: texts.filter(isWhole).length });
    break;
  }
  case 'silent':
  case 'slow': {
    const peers = [];
    for (const n of clients) {
      peers.push(once(n, kind === 'slow' ? 3 : 0));
      if (n % 100 === 99) await delay(10);
    }
    print({ connections: most });
    await untilEnd();
    for (const { socket } of peers) socket.destroy();
    break;
  }
  case 'drip': {
    const peers = clients.map((n) => connect(address, sourceAddress(n)));
    const request = getRequest('/metrics');
    for (let at = 0; performance.now() < until && peers.some(({ socket }) => !socket.destroyed); at++) {
      for (const { socket } of peers) if (!socket.destroyed) socket.write(request.charAt(at));
      await delay(1_000);
    }
    print({ answered: peers.filter(({ text }) => text() !== '').length });
    for (const { socket } of peers) socket.destroy();
    break;
  }
  case 'reconnect': {
    let connections = 0;
    const reconnect = async (n: number): Promise<void> => {
      while (performance.now() < until) {
        connections++;
        const { socket, closed } = once(n, n % 4);
        const timer = setTimeout(() => socket.destroy(), 2_000 + (n % 100) * 10);
        await closed;
        clearTimeout(timer);
      }
    };
    const all = [];
    for (const n of clients) {
      all.push(reconnect(n));
      if (n % 50 === 49) await delay(1);
    }
    await Promise.all(all);
    print({ connections });
    break;
  }
}
