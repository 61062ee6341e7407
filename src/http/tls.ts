/** TLS for a listener, with a certificate from files, read again when they change, or of its own. Loaded when it is asked for. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { codeOf, InputError, messageOf } from '../model/located-error.ts';
import { selfSigned } from './self-signed.ts';

export interface CertificateFiles {
  /** PEM: the certificate, and those between it and its authority. */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

export interface SecureOptions {
  /** Undefined: a certificate of its own, in memory. */
  readonly files: CertificateFiles | undefined;
  readonly ticks: () => number;
  /** Told why a changed certificate is not used. */
  readonly warn: (message: string) => void;
}

/** A certificate is renewed long before it ends. */
const lookEachMs = 1_000;

/** Of a token: what is kept of it cannot be used as one. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Wraps a connection in TLS 1.3, which has no renegotiation. @throws InputFault where the files cannot be used */
export function secureBy({ files, ticks, warn }: SecureOptions): (socket: net.Socket) => Duplex {
  const wrap = (socket: net.Socket, secureContext: tls.SecureContext): Duplex =>
    new tls.TLSSocket(socket, { isServer: true, secureContext });
  if (files === undefined) {
    const own = contextOf(selfSigned('realmem'));
    return (socket) => wrap(socket, own);
  }
  let seen = stateOf(files);
  let context = read(files);
  let lookedAt = ticks();
  return (socket) => {
    const at = ticks();
    if (at - lookedAt >= lookEachMs) {
      lookedAt = at;
      const state = stateOf(files);
      if (state !== seen) {
        seen = state;
        try {
          context = read(files);
        } catch (error) {
          // The other of the two files may be written in a moment.
          warn(`the last certificate stays in use: ${messageOf(error)}`);
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

/** A kubelet changes both by one link: another inode, whatever the clock says. Empty where they cannot be looked at. */
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
        expected: 'a file in PEM that can be read',
        got: codeOf(error) ?? messageOf(error),
      });
    }
  }) as [Buffer, Buffer];
  try {
    return contextOf({ cert: certPem, key: keyPem });
  } catch (error) {
    throw new InputError({
      where: cert,
      expected: `a certificate in PEM, and its key in ${key}`,
      got: messageOf(error),
    });
  }
}
