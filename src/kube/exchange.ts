/** Sends one request over node:http(s). It ends when its signal aborts, whatever the server does with the connection. */
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { acceptOf, webSocketKey } from '../http/websocket.ts';
import { codeOf } from '../model/located-error.ts';
import { ApiError } from './api-error.ts';

export interface Outgoing {
  readonly method: string;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body: string | undefined;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
}

/** Maximum of all headers and trailers. Node's default; set here because a Node option could raise it. */
const mostHeaderBytes = 16 * 1024;
/** Maximum number of informational responses (status 100 to 199) before the final one. */
const mostInformation = 16;
/** Error codes of an idle connection that the server closed: it did not read the request. */
const closedCodes: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE'];

/**
 * Sends a request and resolves with the response. If the server had just closed the kept connection, sends it once more on a
 * new one. Does not retry after a byte of an answer, nor a POST, which might create an object twice.
 * @throws ApiError, or the error of the socket
 */
export async function exchange(url: URL, outgoing: Outgoing): Promise<http.IncomingMessage> {
  try {
    return await send(url, outgoing);
  } catch (error) {
    if (!(error instanceof ClosedBefore) || outgoing.method === 'POST' || outgoing.signal.aborted)
      throw error instanceof ClosedBefore ? error.cause : error;
    // The server probably closed the other idle connections too.
    for (const free of Object.values(outgoing.agent.freeSockets))
      for (const socket of free ?? []) socket.destroy();
    try {
      return await send(url, outgoing);
    } catch (again) {
      throw again instanceof ClosedBefore ? again.cause : again;
    }
  }
}

class ClosedBefore extends Error {}

function send(url: URL, { method, headers, body, agent, signal }: Outgoing): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method,
    headers,
    agent,
    signal,
    maxHeaderSize: mostHeaderBytes,
  });
  const fail = (status: number, reason: string, message: string): void => {
    reject(new ApiError(status, reason, `${url.pathname}: ${message}`));
    request.destroy();
  };
  let readBefore = 0;
  request.once('socket', (socket) => {
    readBefore = socket.bytesRead;
  });
  let information = 0;
  request.on('information', () => {
    if (++information > mostInformation)
      fail(0, 'Unexpected', `expected at most ${mostInformation} informational responses, got more`);
  });
  const failUpgrade = (statusCode = 0): void =>
    fail(
      statusCode,
      'Unexpected',
      `HTTP ${statusCode}: the server switches the protocol although the request did not ask for it`,
    );
  // Without this listener the request would never settle: an upgrade is neither a response nor an error.
  request.once('upgrade', ({ statusCode }, socket) => {
    socket.destroy();
    failUpgrade(statusCode);
  });
  request.once('response', (response) => {
    // The reader of the response gets errors itself. Without a reader, an error must not end the process.
    response.on('error', () => {});
    if ((response.statusCode ?? 0) < 200) failUpgrade(response.statusCode);
    else resolve(response);
  });
  request.on('error', (error) => {
    const isUnread = request.reusedSocket && (request.socket?.bytesRead ?? 0) === readBefore;
    reject(
      isUnread && closedCodes.includes(codeOf(error)) ? new ClosedBefore('closed', { cause: error }) : error,
    );
  });
  request.end(body);
  return promise;
}

export interface Upgraded {
  readonly socket: Duplex;
  /** Bytes that arrived together with the head of the answer. */
  readonly head: Buffer;
}

/**
 * Asks for a WebSocket.
 * @param protocol its subprotocol; the server must choose it
 * @returns the connection; the response if the server refuses
 * @throws ApiError, or the error of the socket
 */
export function upgrade(
  url: URL,
  { headers, agent, signal }: Pick<Outgoing, 'headers' | 'agent' | 'signal'>,
  protocol: string,
): Promise<Upgraded | http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded | http.IncomingMessage>();
  const key = webSocketKey();
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'GET',
    headers: {
      ...headers,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': key,
      'sec-websocket-protocol': protocol,
    },
    agent,
    signal,
    maxHeaderSize: mostHeaderBytes,
  });
  request.once('upgrade', ({ headers: answered }, socket, head) => {
    // The reader of the connection gets errors itself. Without a reader, an error must not end the process.
    socket.on('error', () => {});
    const chosen = answered['sec-websocket-protocol'];
    if (answered['sec-websocket-accept'] === acceptOf(key) && chosen === protocol) {
      resolve({ socket, head });
      return;
    }
    socket.destroy();
    reject(
      new ApiError(
        0,
        'Unexpected',
        `${url.pathname}: expected a WebSocket with the protocol ${protocol}, got ${chosen ?? 'none'}`,
      ),
    );
  });
  request.once('response', (response) => {
    response.on('error', () => {});
    resolve(response);
  });
  request.on('error', reject);
  request.end();
  return promise;
}
