/** Keys, certificates and kubeconfigs. Each start of the cluster creates new ones. */
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { command } from '../machine/command.ts';
import { dirs, kubeconfig, serviceAddress } from '../machine/paths.ts';

/** Returns the path of a key or certificate: `name.key` or `name.crt`. */
export const pki = (file: string): string => path.join(dirs.pki, file);

export async function makeAuthority(): Promise<void> {
  // With this empty configuration openssl does not add the extensions of the machine's own configuration.
  fs.writeFileSync(pki('openssl.cnf'), '[req]\ndistinguished_name = none\n[none]\n');
  await certify('ca', '/CN=realmem-test', [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign',
  ]);
  makeServiceAccountKeys(pki('service-accounts'));
}

/** Writes the keys that sign and verify the tokens of service accounts. @param file their path, without `.pub` and `.key` */
export function makeServiceAccountKeys(file: string): void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  fs.writeFileSync(`${file}.pub`, publicKey);
  fs.writeFileSync(`${file}.key`, privateKey, { mode: 0o600 });
}

/**
 * Issues a certificate from the cluster's authority. A client has a subject, and a server has names (`IP:…`, `DNS:…`).
 */
export function issue(name: string, subject: string, names: readonly string[] = []): Promise<void> {
  const extensions = names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`];
  return certify(name, subject, extensions, ['-CA', pki('ca.crt'), '-CAkey', pki('ca.key')]);
}

async function certify(
  name: string,
  subject: string,
  extensions: readonly string[],
  signer: readonly string[] = [],
): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-noenc',
    '-keyout',
    pki(`${name}.key`),
  ];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const target = ['-subj', subject, '-days', '30', '-out', pki(`${name}.crt`)];
  await command('openssl', [
    'req',
    '-x509',
    '-config',
    pki('openssl.cnf'),
    ...key,
    ...added,
    ...target,
    ...signer,
  ]);
}

/** Writes a kubeconfig for the user whose certificate has this name. */
export function writeKubeconfig(user: string): void {
  const base64 = (file: string): string => fs.readFileSync(pki(file), 'base64');
  const cluster = { server: `https://${serviceAddress}`, 'certificate-authority-data': base64('ca.crt') };
  const credentials = {
    'client-certificate-data': base64(`${user}.crt`),
    'client-key-data': base64(`${user}.key`),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  };
  fs.writeFileSync(kubeconfig(user), JSON.stringify(config, null, 2), { mode: 0o600 });
}
