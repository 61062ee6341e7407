/** One request and its answer, which ends when its signal says so, whatever the other side does with the connection. */
import http from 'node:http';
import https from 'node:https';
import { codeOf } from '../model/located-error.ts';
import { ApiError } from './api-error.ts';

export interface Outgoing {
  readonly method: string;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body: string | undefined;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
}

/** All headers of an answer together, and its trailers: Node's own default, which a command line could raise. */
const mostHeaderBytes = 16 * 1024;
/** Answers of status 100 to 199 come before the one that counts: nobody sends many. */
const mostInformation = 16;
/** Errors of a connection that the server closed while nobody used it: whatever was sent on it was not read. */
const closedCodes: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE'];

/**
 * Sends a request. A kept connection may have been closed by the server a moment before: then it is sent once more, on a
 * new one, unless a byte of an answer came, or it is a POST, which may make something twice.
 * @throws KubeFault, and what the socket throws
 */
export async function exchange(url: URL, outgoing: Outgoing): Promise<http.IncomingMessage> {
  try {
    return await send(url, outgoing);
  } catch (error) {
    if (!(error instanceof ClosedBefore) || outgoing.method === 'POST' || outgoing.signal.aborted)
      throw error instanceof ClosedBefore ? error.cause : error;
    // What else is kept was likely closed as well.
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
  const give = (status: number, reason: string, message: string): void => {
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
      give(0, 'Unexpected', 'answers that announce others, without an end');
  });
  const changed = (statusCode = 0): void =>
    give(
      statusCode,
      'Unexpected',
      `HTTP ${statusCode}: the server changes the protocol, which nobody asked for`,
    );
  // Without this the answer would be neither a response nor an error, and never come.
  request.once('upgrade', ({ statusCode }, socket) => {
    socket.destroy();
    changed(statusCode);
  });
  request.once('response', (response) => {
    // Whoever reads it hears of it; once nobody does, an error must not end the process.
    response.on('error', () => {});
    if ((response.statusCode ?? 0) < 200) changed(response.statusCode);
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
