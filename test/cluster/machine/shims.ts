/** Ends containerd's shims. containerd starts one per pod in a session of its own, and shims outlive containerd. */
import fs from 'node:fs';
import path from 'node:path';
import { dirs } from './paths.ts';
import { removeDeadSocket } from './sockets.ts';
import { until } from './until.ts';

const bundles = path.join(dirs.containerdState, 'io.containerd.runtime.v2.task/k8s.io');

/** Kills our containerd's shims, which work in its state directory, and removes their sockets. */
export async function endShims(): Promise<void> {
  const sockets = socketsOfBundles();
  await until('the shims to end', () => {
    const pids = ownShims();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids.length === 0;
  });
  for (const socket of sockets) await removeDeadSocket(socket);
}

function ownShims(): readonly number[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter(isOwnShim).map(Number);
}

function isOwnShim(pid: string): boolean {
  try {
    const name = fs.readFileSync(`/proc/${pid}/comm`, 'utf8');
    return (
      name.startsWith('containerd-shim') && fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(`${bundles}/`)
    );
  } catch {
    return false;
  }
}

function socketsOfBundles(): readonly string[] {
  if (!fs.existsSync(bundles)) return [];
  const addresses = fs.readdirSync(bundles).map((bundle) => {
    const file = path.join(bundles, bundle, 'bootstrap.json');
    if (!fs.existsSync(file)) return '';
    const { address }: { address: string } = JSON.parse(fs.readFileSync(file, 'utf8'));
    return address;
  });
  return addresses
    .filter((address) => address.startsWith('unix:///'))
    .map((address) => address.slice('unix://'.length));
}
