/**
 * A lock file for one writer at a time, as a listening Unix socket. Once its process ends, the kernel refuses connections, so
 * no stale lock remains. This works across containers, PID namespaces and clocks.
 */
import { statSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { codeOf } from '../model/located-error.ts';

export type Claim =
  | { readonly kind: 'held'; readonly lock: Lock }
  /** @property by the holder's description of itself */
  | { readonly kind: 'taken'; readonly by: string }
  /** A socket cannot be created there, so another writer cannot be excluded. `why`: the reason. */
  | { readonly kind: 'none'; readonly why: string };

export interface Lock {
  /** False once the socket file was removed: then another process may hold the lock. */
  readonly isHeld: () => boolean;
  readonly release: () => void;
}

/** Maximum length of a socket address in bytes (unix(7): 108 with the terminating zero). */
const longestAddress = 107;
const answerMs = 1_000;
const longestAnswer = 1_000;
const tries = 5;

/**
 * Tries to take the lock.
 * @param file path of the lock, in an existing directory
 * @param about description of this process, for others that try
 */
export async function claim(file: string, about: string): Promise<Claim> {
  if (!canBeLocked(file)) return { kind: 'none', why: `its path is longer than ${longestAddress} bytes` };
  let why = '';
  for (let index = 0; index < tries; index++) {
    try {
      return { kind: 'held', lock: await listenAt(file, about) };
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') return { kind: 'none', why: codeOf(error) ?? String(error) };
    }
    const found = identityOf(file);
    const answer = await ask(file);
    if ('by' in answer) return { kind: 'taken', by: answer.by };
    why = answer.code;
    // No process listens, so the holder is gone. Remove the file unless another process replaced it meanwhile.
    if (why === 'ECONNREFUSED' && identityOf(file) === found) remove(file);
    else if (why !== 'ENOENT' && why !== 'ECONNREFUSED') return { kind: 'taken', by: `${silent} (${why})` };
  }
  return { kind: 'none', why };
}

/** The description that the holder of a lock gives of itself. Undefined: no process holds it. Takes no lock. */
export async function holderOf(file: string): Promise<string | undefined> {
  if (!canBeLocked(file)) return undefined;
  const answer = await ask(file);
  if ('by' in answer) return answer.by;
  return answer.code === 'ENOENT' || answer.code === 'ECONNREFUSED'
    ? undefined
    : `${silent} (${answer.code})`;
}

/** Whether the path is short enough for a socket. */
export const canBeLocked = (file: string): boolean => Buffer.byteLength(file) <= longestAddress;

async function listenAt(address: string, about: string): Promise<Lock> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.end(about);
  });
  server.maxConnections = 8;
  // The lock must not keep the process alive.
  server.unref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(address, resolve);
  await promise;
  const made = identityOf(address);
  const isHeld = (): boolean => made !== undefined && identityOf(address) === made;
  return {
    isHeld,
    release: () => {
      // close() also unlinks the address. If another process holds the lock now, that would be its socket.
      if (isHeld()) server.close();
    },
  };
}

/** The holder's description, or the error code of the connection. */
type Holder = { readonly by: string } | { readonly code: string };

const silent = 'a process that does not answer';

function ask(address: string): Promise<Holder> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    let text = '';
    const done = (answer: Holder): void => {
      resolve(answer);
      socket.destroy();
    };
    let isConnected = false;
    socket.setEncoding('utf8');
    socket.setTimeout(answerMs, () => done({ by: text || silent }));
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestAnswer) done({ by: text.slice(0, longestAnswer) });
    });
    socket.on('end', () => done({ by: text || 'a process that does not identify itself' }));
    socket.on('error', (error) =>
      done(isConnected ? { by: text || silent } : { code: codeOf(error) ?? String(error) }),
    );
  });
}

/** Inode and creation time: an inode number alone can be reused by the next file. */
function identityOf(file: string): string | undefined {
  try {
    const { ino, birthtimeNs } = statSync(file, { bigint: true });
    return `${ino} ${birthtimeNs}`;
  } catch {
    return undefined;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Another process removed it first, or we may not remove it: the next try shows which.
  }
}
