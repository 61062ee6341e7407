/** Which process listens on a TCP port, as `/proc` tells (proc_net(5), proc_pid_fd(5)). */
import fs from 'node:fs';
import path from 'node:path';
import { readText } from './files.ts';

export interface PortHolder {
  /** Absent: another user's process, or one of another PID namespace. */
  readonly pid?: number;
  /** Its command line, not escaped. */
  readonly command?: string;
}

/** State LISTEN of `include/net/tcp_states.h`. */
const listening = '0A';
/** Addresses that exclude a listener at 127.0.0.1: itself and all addresses, in IPv4 and IPv6. */
const withLoopback = new Set(['0100007F', '00000000', '0'.repeat(32)]);
/** Bytes. A machine with a million connections has 150 MB of lines. */
const longestTable = 256 * 1024 * 1024;

/**
 * @param root the directory that represents the host's `/`
 * @param host the address to listen at; another one than 127.0.0.1 counts as taken by any listener on the port
 * @returns undefined: nobody listens there, or the table cannot be read
 */
export function portHolder(root: string, port: number, host: string | undefined): PortHolder | undefined {
  const inode = listenerOn(root, port, host);
  if (inode === undefined) return undefined;
  const pid = ownerOf(root, inode);
  if (pid === undefined) return {};
  const command = textAt(path.join(root, 'proc', String(pid), 'cmdline'))
    ?.replaceAll('\0', ' ')
    .trim();
  return { pid, ...(command !== undefined && command !== '' && { command }) };
}

function listenerOn(root: string, port: number, host: string | undefined): string | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['tcp', 'tcp6'])
    for (const line of textAt(path.join(root, 'proc/net', table))
      ?.split('\n')
      .slice(1) ?? []) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', at] = local.split(':');
      if (state !== listening || at !== wanted) continue;
      if (host !== '127.0.0.1' || withLoopback.has(address)) return inode;
    }
  return undefined;
}

/** The process that has the socket open. */
function ownerOf(root: string, inode: string): number | undefined {
  const proc = path.join(root, 'proc');
  for (const pid of namesIn(proc)) {
    if (!/^[1-9]\d*$/.test(pid)) continue;
    const descriptors = path.join(proc, pid, 'fd');
    for (const descriptor of namesIn(descriptors))
      if (targetOf(path.join(descriptors, descriptor)) === `socket:[${inode}]`) return Number(pid);
  }
  return undefined;
}

function namesIn(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    // The process ended, or belongs to another user.
    return [];
  }
}

function targetOf(link: string): string | undefined {
  try {
    return fs.readlinkSync(link);
  } catch {
    return undefined;
  }
}

function textAt(file: string): string | undefined {
  try {
    return readText(file, longestTable);
  } catch {
    return undefined;
  }
}
