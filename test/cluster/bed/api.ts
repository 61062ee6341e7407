/** Queries the API server while the cluster comes up. One HTTPS request is faster than one kubectl process. */
import fs from 'node:fs';
import https from 'node:https';
import { serviceAddress } from '../machine/paths.ts';
import { pki } from './certificates.ts';

/** Resolves with the body of a 200 answer. Rejects for any other status, and without an answer. */
function get(path: string): Promise<string> {
  const read = (file: string): Buffer => fs.readFileSync(pki(file));
  const tls = { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key'), agent: false };
  return new Promise((resolve, reject) => {
    const request = https.get({ host: serviceAddress, path, timeout: 5000, ...tls }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`GET ${path}: ${response.statusCode} ${body.slice(0, 200)}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`GET ${path}: no answer`)));
    request.on('error', reject);
  });
}

const answers = (path: string): Promise<boolean> =>
  get(path).then(
    () => true,
    () => false,
  );

export const isApiReady = (): Promise<boolean> => answers('/readyz');

/** The API server refuses pods until this account exists. */
export const hasDefaultServiceAccount = (): Promise<boolean> =>
  answers('/api/v1/namespaces/default/serviceaccounts/default');

interface NodeObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export async function isNodeReady(name: string): Promise<boolean> {
  const body = await get(`/api/v1/nodes/${name}`).catch(() => undefined);
  if (body === undefined) return false;
  const node: NodeObject = JSON.parse(body);
  return node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
