/** API errors as commands print them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { asPrinted, ClusterError } from '../../src/kube/printed-error.ts';

const server = 'https://api.example:6443';
const printed = (status: number, reason: string, message: string): string => {
  const error = asPrinted(new ApiError(status, reason, message), server);
  assert.ok(error instanceof ClusterError);
  return error.message;
};

const cases: readonly (readonly [
  title: string,
  status: number,
  reason: string,
  message: string,
  expected: string,
])[] = [
  ['401', 401, 'Unauthorized', 'x', 'error: You must be logged in to the server (Unauthorized)'],
  [
    'a refusal with its reason',
    403,
    'Forbidden',
    'pods is forbidden: User "jane" cannot list resource "pods"',
    'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods"',
  ],
  [
    'a refusal of a proxy without a reason',
    502,
    '502',
    'HTTP 502: bad gateway',
    'Error from server: HTTP 502: bad gateway',
  ],
  [
    'a refused connection with host and port',
    0,
    'ECONNREFUSED',
    '/version: connect ECONNREFUSED',
    'The connection to the server api.example:6443 was refused - did you specify the right host or port? (ECONNREFUSED)',
  ],
  [
    'an unknown host',
    0,
    'ENOTFOUND',
    '/version: getaddrinfo ENOTFOUND',
    'Unable to connect to the server: lookup api.example: no such host',
  ],
  [
    'an untrusted certificate with what to check',
    0,
    'SELF_SIGNED_CERT_IN_CHAIN',
    'x',
    'Unable to connect to the server: tls: failed to verify certificate of api.example:6443: signed by an unknown authority; check certificate-authority in the kubeconfig',
  ],
  [
    'an expired certificate with what to check',
    0,
    'CERT_HAS_EXPIRED',
    'x',
    'Unable to connect to the server: tls: failed to verify certificate of api.example:6443: it has expired or is not yet valid; check the clock of this machine',
  ],
  [
    'no answer with the flag that waits longer',
    0,
    'Timeout',
    '/api/v1/pods: no answer within 10000 ms',
    'Unable to connect to the server: api.example:6443: /api/v1/pods: no answer within 10000 ms; check the network, or pass a longer --request-timeout',
  ],
  [
    'an answer that is no JSON with the server',
    0,
    'NotJSON',
    '/api: expected JSON, got "<html>"',
    'Unable to connect to the server: api.example:6443: /api: expected JSON, got "<html>"',
  ],
];
for (const [title, status, reason, message, expected] of cases)
  it(`prints ${title}`, () => assert.equal(printed(status, reason, message), expected));

it('prints a server that is no URL without control characters', () => {
  const error = asPrinted(new ApiError(0, 'ECONNREFUSED', 'x'), 'nonsense\u001b[2J');
  assert.match(
    String((error as Error).message),
    /^The connection to the server nonsense\\u001b\[2J was refused/,
  );
});

it('leaves other errors as they are', () => {
  const error = new TypeError('x');
  assert.equal(asPrinted(error, server), error);
});
