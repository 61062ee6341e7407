/** Configures addresses and IP forwarding on this machine. */
import fs from 'node:fs';
import { command } from './command.ts';
import { record } from './made.ts';
import { nodeAddress, serviceAddress } from './paths.ts';

const forwarding = '/proc/sys/net/ipv4/ip_forward';

export async function takeAddresses(): Promise<void> {
  for (const address of [serviceAddress, nodeAddress]) {
    if ((await command('ip', ['-o', 'address', 'show', 'to', `${address}/32`])) !== '')
      throw new Error(`this machine already has the address ${address}, and not from this cluster`);
    record({ kind: 'address', address });
    await command('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  }
}

/** Forwards packets between the pods' interfaces and the addresses on `lo`. */
export function forward(): void {
  const before = fs.readFileSync(forwarding, 'utf8').trim();
  if (before === '1') return;
  record({ kind: 'sysctl', file: forwarding, before });
  fs.writeFileSync(forwarding, '1');
}

/**
 * Routes the guest's address to this machine, where QEMU listens on it. A route, and not an address on `lo`: with an
 * address, connections would also come from it. The guest drops packets from its own address.
 */
export async function routeTo(address: string): Promise<void> {
  record({ kind: 'local route', address });
  await command('ip', ['route', 'add', ...localRoute(address)]);
}

export const localRoute = (address: string): readonly string[] => [
  'local',
  `${address}/32`,
  'dev',
  'lo',
  'src',
  nodeAddress,
  'table',
  'local',
];
