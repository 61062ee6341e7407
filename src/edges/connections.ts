/**
 * The connections of a listener that anybody may reach: how many there are, for how long, and which one goes when there are
 * too many. A kubelet and a Prometheus have addresses of their own and ask at once, and that is how they always get in.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { ticks } from './clock.ts';

/** Why a connection was closed before its answer was taken. */
export const closeReasons = [
  'source_limit',
  'total_limit',
  'request_timeout',
  'response_timeout',
  'excess_data',
] as const;
export type CloseReason = (typeof closeReasons)[number];

export interface Limits {
  /** Connections of a listener. Each takes a descriptor; `descriptorsReserved` counts on it. */
  readonly total: number;
  /** Connections from one address. */
  readonly perSource: number;
  /** Pages that are sent at the same time: the kernel may hold all of each for a client that does not read. */
  readonly turns: number;
  /** From the connection to the end of the request's head, TLS included. */
  readonly requestMs: number;
  /** From there until the client has taken the answer and closed. */
  readonly responseMs: number;
  /** How long a page may be under way while others wait for their turn. */
  readonly turnMs: number;
  /** How often all this is looked at. */
  readonly checkMs: number;
}

/** A probe or a scrape takes milliseconds. */
export const usualLimits: Limits = {
  total: 64,
  perSource: 8,
  turns: 32,
  requestMs: 3_000,
  responseMs: 10_000,
  turnMs: 1_000,
  checkMs: 1_000,
};

interface Connection {
  readonly socket: net.Socket;
  /** The socket, or TLS over it. */
  readonly stream: Duplex;
  readonly source: string;
  /** When it came, and then when its request was complete. */
  since: number;
  isRequested: boolean;
  /** What sends the page when it is this connection's turn. */
  send?: () => void;
  sendingSince?: number;
}

export class Connections {
  private readonly limits: Limits;
  private readonly onClosed: (reason: CloseReason) => void;
  /** Oldest first, as are the two below. */
  private readonly all = new Map<net.Socket, Connection>();
  private readonly waiting = new Set<Connection>();
  private readonly sending = new Set<Connection>();
  private readonly timer: NodeJS.Timeout;

  constructor(limits: Limits, onClosed: (reason: CloseReason) => void) {
    this.limits = limits;
    this.onClosed = onClosed;
    this.timer = setInterval(() => this.check(ticks()), limits.checkMs).unref();
  }

  /** Takes a connection up, and closes an older one where there are too many. @returns undefined where it has gone already */
  add(
    socket: net.Socket,
    secure: (socket: net.Socket) => Duplex,
  ): Pick<Connection, 'stream' | 'source'> | undefined {
    const source = socket.remoteAddress;
    if (source === undefined) {
      socket.destroy();
      return undefined;
    }
    const ofSource = [...this.all.values()].filter((one) => one.source === source);
    if (ofSource.length >= this.limits.perSource) this.closeOne(ofSource, 'source_limit');
    else if (this.all.size >= this.limits.total) this.closeOne([...this.all.values()], 'total_limit');
    const stream = secure(socket);
    this.all.set(socket, { socket, stream, source, since: ticks(), isRequested: false });
    socket.once('close', () => this.forget(socket));
    return { stream, source };
  }

  /** The request of this connection is complete. */
  requested(socket: net.Socket): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    connection.isRequested = true;
    connection.since = ticks();
  }

  /** Sends a page when it is this connection's turn, which lasts until the connection is closed. */
  inTurn(socket: net.Socket, send: () => void): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    connection.send = send;
    this.waiting.add(connection);
    this.next();
  }

  /** Closes it at once; what the kernel still holds of a page is thrown away. */
  close(socket: net.Socket, reason: CloseReason): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    this.onClosed(reason);
    this.forget(socket);
    const reset = (): void => {
      // This alone would wait until the client has taken what it was sent, and the next alone would leave that to the kernel.
      socket.resetAndDestroy();
      socket.destroy();
    };
    // While the end of our side is on its way to the kernel libuv refuses to reset, and would keep the descriptor for ever.
    const { writableEnded, writableFinished, writableLength } = connection.stream;
    if (writableEnded && !writableFinished && writableLength === 0) connection.stream.once('finish', reset);
    else reset();
  }

  end(): void {
    clearInterval(this.timer);
    for (const socket of this.all.keys()) socket.destroy();
  }

  /** The oldest whose request is not complete: whoever asks something asks at once. Else the oldest. */
  private closeOne(some: readonly Connection[], reason: CloseReason): void {
    const victim = some.find(({ isRequested }) => !isRequested) ?? some[0];
    if (victim !== undefined) this.close(victim.socket, reason);
  }

  private forget(socket: net.Socket): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    this.all.delete(socket);
    this.waiting.delete(connection);
    this.sending.delete(connection);
    this.next();
  }

  private next(): void {
    for (const connection of this.waiting) {
      if (this.sending.size >= this.limits.turns) return;
      this.waiting.delete(connection);
      this.sending.add(connection);
      connection.sendingSince = ticks();
      connection.send?.();
    }
  }

  private check(at: number): void {
    const { requestMs, responseMs, turnMs } = this.limits;
    const othersWait = this.waiting.size > 0;
    for (const { socket, isRequested, since, sendingSince = at } of this.all.values()) {
      if (!isRequested && at - since >= requestMs) this.close(socket, 'request_timeout');
      else if (isRequested && (at - since >= responseMs || (othersWait && at - sendingSince >= turnMs)))
        this.close(socket, 'response_timeout');
    }
  }
}
