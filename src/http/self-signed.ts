/** Creates a self-signed certificate: it encrypts the traffic but does not authenticate the server. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** DER (ITU-T X.690): tag, length, content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length.toString(16);
  const bytes = Buffer.from(length.length % 2 === 0 ? length : `0${length}`, 'hex');
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from(head), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content);
const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes);
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value));

/** Object identifiers in DER. */
const ecdsaWithSha256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = der(0x06, Buffer.from('550403', 'hex'));
const subjectAltName = der(0x06, Buffer.from('551d11', 'hex'));

/** 1970 to 9999, as a node's clock may be wrong. The key lives only as long as the process (RFC 5280, 4.1.2.5). */
const validity = sequence(text(0x17, '700101000000Z'), text(0x18, '99991231235959Z'));

/**
 * Creates a P-256 key and its certificate, both in PEM.
 * @param name common name and DNS name, in ASCII
 */
export function selfSigned(name: string): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // DER requires the shortest encoding of a positive integer: a first byte of 1 satisfies that.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
  const subject = sequence(der(0x31, sequence(commonName, text(0x0c, name))));
  const names = sequence(subjectAltName, der(0x04, sequence(text(0x82, name))));
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(names)),
  );
  const certificate = sequence(signed, ecdsaWithSha256, bits(sign('sha256', signed, privateKey)));
  const lines = certificate.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
