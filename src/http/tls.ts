/** TLS for a listener, with a certificate from files or a self-signed one. Loaded only when TLS is enabled. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { codeOf, InputError, messageOf } from '../model/located-error.ts';
import { selfSigned } from './self-signed.ts';

export interface CertificateFiles {
  /** Path of a PEM file: the certificate and its intermediates. */
  readonly cert: string;
  /** Path of a PEM file: the private key. */
  readonly key: string;
}

export interface SecureOptions {
  /** Undefined: a self-signed certificate in memory. */
  readonly files: CertificateFiles | undefined;
  /** Monotonic milliseconds. */
  readonly ticks: () => number;
  /** Receives the reason when a changed certificate cannot be used. */
  readonly warn: (message: string) => void;
}

/** How often to check the files for changes. Certificates are renewed long before they expire. */
const checkEachMs = 1_000;

/** SHA-256 in base64, to remember a token without keeping it. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

/**
 * Wraps connections in TLS 1.3, which has no renegotiation. Reads changed certificate files again.
 * @throws InputError when the files cannot be used at the start
 */
export function secureBy({ files, ticks, warn }: SecureOptions): (socket: net.Socket) => Duplex {
  const wrap = (socket: net.Socket, secureContext: tls.SecureContext): Duplex =>
    new tls.TLSSocket(socket, { isServer: true, secureContext });
  if (files === undefined) {
    const own = contextOf(selfSigned('realmem'));
    return (socket) => wrap(socket, own);
  }
  let seen = stateOf(files);
  let context = read(files);
  let checkedAt = ticks();
  return (socket) => {
    const at = ticks();
    if (at - checkedAt >= checkEachMs) {
      checkedAt = at;
      const state = stateOf(files);
      if (state !== seen) {
        seen = state;
        try {
          context = read(files);
        } catch (error) {
          // Perhaps only one of the two files was replaced so far.
          warn(`keeping the previous certificate: ${messageOf(error)}`);
        }
      }
    }
    return wrap(socket, context);
  };
}

const contextOf = (pair: {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}): tls.SecureContext => tls.createSecureContext({ ...pair, minVersion: 'TLSv1.3' });

/**
 * Inode, time and size of both files. The kubelet replaces both with one symbolic link: the inode changes even when the clock
 * is wrong. Empty when a file cannot be read.
 */
function stateOf({ cert, key }: CertificateFiles): string {
  try {
    return [cert, key]
      .map((file) => fs.statSync(file))
      .map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`)
      .join();
  } catch {
    return '';
  }
}

function read({ cert, key }: CertificateFiles): tls.SecureContext {
  const [certPem, keyPem] = [cert, key].map((file) => {
    try {
      return fs.readFileSync(file);
    } catch (error) {
      throw new InputError({
        where: file,
        expected: 'a readable PEM file',
        got: codeOf(error) ?? messageOf(error),
      });
    }
  }) as [Buffer, Buffer];
  try {
    return contextOf({ cert: certPem, key: keyPem });
  } catch (error) {
    throw new InputError({
      where: cert,
      expected: `a PEM certificate whose key is in ${key}`,
      got: messageOf(error),
    });
  }
}
