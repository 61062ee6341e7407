import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { selfSigned } from '../../src/http/self-signed.ts';

describe('selfSigned', () => {
  it('creates a certificate with the given name, valid from 1970 to 9999, and a new key each time', () => {
    const { cert, key } = selfSigned('realmem');
    const certificate = new X509Certificate(cert);
    assert.equal(certificate.subject, 'CN=realmem');
    assert.equal(certificate.issuer, 'CN=realmem');
    assert.equal(certificate.subjectAltName, 'DNS:realmem');
    assert.ok(certificate.verify(certificate.publicKey), 'it is signed by its own key');
    assert.ok(certificate.checkIssued(certificate));
    assert.equal(new Date(certificate.validFrom).getTime(), 0);
    assert.match(certificate.validTo, /9999/);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
    const other = new X509Certificate(selfSigned('realmem').cert);
    assert.notEqual(certificate.serialNumber, other.serialNumber);
    assert.equal(other.verify(certificate.publicKey), false);
  });

  it('returns the private key of its certificate, on the curve P-256', () => {
    const { cert, key } = selfSigned('realmem');
    const certificate = new X509Certificate(cert);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.ok(createPublicKey(key).equals(certificate.publicKey));
  });

  it('gives a positive serial number of 16 bytes, as RFC 5280 demands, for any random bytes', () => {
    for (let times = 0; times < 20; times++)
      assert.match(new X509Certificate(selfSigned('x').cert).serialNumber, /^01[0-9A-F]{30}$/);
  });

  it('encodes names whose lengths need one, two and three bytes of DER', () => {
    // The lengths around 128 and 256 change the form of the length, here or in the parts around the name.
    for (const length of [1, 63, 99, 100, 118, 119, 127, 128, 200, 255, 256, 300, 64_000, 65_536]) {
      const name = 'n'.repeat(length);
      const { cert } = selfSigned(name);
      const certificate = new X509Certificate(cert);
      assert.equal(certificate.subjectAltName, `DNS:${name}`, `${length}`);
      assert.ok(certificate.verify(certificate.publicKey), `${length}`);
    }
  });

  it('wraps PEM at 64 characters, with exactly one block', () => {
    const lines = selfSigned('realmem').cert.split('\n');
    assert.deepEqual(
      [lines[0], lines.at(-2), lines.at(-1)],
      ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', ''],
    );
    const body = lines.slice(1, -2);
    for (const line of body.slice(0, -1)) assert.equal(line.length, 64);
    assert.match(body.at(-1) ?? '', /^.{1,64}$/);
  });

  it('creates a certificate for servers of version 3', () => {
    const { cert } = selfSigned('realmem');
    const { raw, ca } = new X509Certificate(cert);
    assert.equal(ca, false);
    // [0] { INTEGER 2 }: the version field of version 3.
    assert.ok(raw.includes(Buffer.from('a003020102', 'hex')));
  });
});
