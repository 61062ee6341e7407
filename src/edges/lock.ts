/**
 * One process at a time writes to a place. A listening socket in its directory is the lock: the kernel refuses a
 * connection once its process is gone, whichever container, process id or clock it had, so that no lock is left behind.
 */
import { statSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { codeOf } from '../model/located-error.ts';

export type Claim =
  | { readonly kind: 'held'; readonly lock: Lock }
  /** @property by what that process says of itself */
  | { readonly kind: 'taken'; readonly by: string }
  /** No socket can be made there, for this reason: nobody can say who else writes. */
  | { readonly kind: 'none'; readonly why: string };

export interface Lock {
  /** False once somebody removed it: then another may hold it. */
  readonly isHeld: () => boolean;
  readonly release: () => void;
}

/** Addresses of sockets are no longer (unix(7): 108 bytes, with the zero at the end). */
const longestAddress = 107;
const answerMs = 1_000;
const longestAnswer = 1_000;
const tries = 5;

/**
 * @param file the lock, in a directory that is there
 * @param about what to tell others about its holder
 */
export async function claim(file: string, about: string): Promise<Claim> {
  if (Buffer.byteLength(file) > longestAddress)
    return { kind: 'none', why: `its path is longer than ${longestAddress} bytes` };
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
    // Nobody listens: its process is gone. Somebody else may have come first meanwhile.
    if (why === 'ECONNREFUSED' && identityOf(file) === found) remove(file);
    else if (why !== 'ENOENT' && why !== 'ECONNREFUSED')
      return { kind: 'taken', by: `a process that does not answer (${why})` };
  }
  return { kind: 'none', why };
}

async function listenAt(address: string, about: string): Promise<Lock> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.end(about);
  });
  server.maxConnections = 8;
  // Nobody waits for it at the end.
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
      // It removes whatever lies at its address: that of another, where this one was lost.
      if (isHeld()) server.close();
    },
  };
}

type Answer = { readonly by: string } | { readonly code: string };

function ask(address: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    let text = '';
    const done = (answer: Answer): void => {
      resolve(answer);
      socket.destroy();
    };
    let isConnected = false;
    socket.setEncoding('utf8');
    socket.setTimeout(answerMs, () => done({ by: text || 'a process that does not answer' }));
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestAnswer) done({ by: text.slice(0, longestAnswer) });
    });
    socket.on('end', () => done({ by: text || 'a process that does not say who it is' }));
    socket.on('error', (error) =>
      done(
        isConnected
          ? { by: text || 'a process that does not answer' }
          : { code: codeOf(error) ?? String(error) },
      ),
    );
  });
}

/** Numbers of inodes are used again: with its time of birth one is told from the next. */
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
    // Somebody else was quicker, or it may not be removed: the next try tells.
  }
}
