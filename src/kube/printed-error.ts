/** Errors of calls to the API server, in the words of kubectl: people know them, and find them with a search engine. */
import { printable } from '../model/text.ts';
import { ApiError } from './api-error.ts';

/** A command could not read the cluster. The message is complete: it needs no prefix. */
export class ClusterError extends Error {}

const refusedCodes: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
];
const unknownHostCodes: readonly string[] = ['ENOTFOUND', 'EAI_AGAIN'];
const untrustedCodes: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];
const expiredCodes: readonly string[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/**
 * An API error as commands print it. Any other error stays as it is.
 * @param server URL of the API server
 */
export const asPrinted = (error: unknown, server: string): unknown =>
  error instanceof ApiError ? new ClusterError(printed(error, server)) : error;

function printed({ status, reason, message }: ApiError, server: string): string {
  if (status === 401) return 'error: You must be logged in to the server (Unauthorized)';
  if (status !== 0) return `Error from server${/^\d*$/.test(reason) ? '' : ` (${reason})`}: ${message}`;
  const { host, hostname } = placeOf(server);
  if (refusedCodes.includes(reason))
    return `The connection to the server ${host} was refused - did you specify the right host or port? (${reason})`;
  const why = unknownHostCodes.includes(reason)
    ? `lookup ${hostname}: no such host`
    : untrustedCodes.includes(reason)
      ? `tls: failed to verify certificate of ${host}: signed by an unknown authority; check certificate-authority in the kubeconfig`
      : expiredCodes.includes(reason)
        ? `tls: failed to verify certificate of ${host}: it has expired or is not yet valid; check the clock of this machine`
        : reason === 'Timeout'
          ? `${host}: ${message}; check the network, or pass a longer --request-timeout`
          : `${host}: ${message}`;
  return `Unable to connect to the server: ${why}`;
}

/** The kubeconfig's URL may be invalid. */
function placeOf(server: string): { readonly host: string; readonly hostname: string } {
  try {
    const { host, hostname } = new URL(server);
    return { host, hostname };
  } catch {
    const text = printable(server);
    return { host: text, hostname: text };
  }
}
