/** Addresses and forwarding of this machine. */
import fs from 'node:fs';
import { command } from './command.ts';
import { record } from './made.ts';
import { nodeAddress, serviceAddress } from './paths.ts';

const forwarding = '/proc/sys/net/ipv4/ip_forward';

export async function takeAddresses(): Promise<void> {
  for (const address of [serviceAddress, nodeAddress]) {
    if ((await command('ip', ['-o', 'address', 'show', 'to', `${address}/32`])) !== '')
      throw new Error(`${address} is an address of this machine already, and not by this cluster`);
    record({ kind: 'address', address });
    await command('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  }
}

/** From the pods' interfaces to the addresses on `lo` and back. */
export function forward(): void {
  const before = fs.readFileSync(forwarding, 'utf8').trim();
  if (before === '1') return;
  record({ kind: 'sysctl', file: forwarding, before });
  fs.writeFileSync(forwarding, '1');
}

/**
 * Connections to the guest's address come to QEMU, which listens there. A route, not an address: with an address,
 * they would come from it too, and the guest drops what comes from its own address.
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
