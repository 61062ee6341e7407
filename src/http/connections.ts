/**
 * Bounds the number and duration of a listener's connections. The listener may be reachable for attackers. When there are
 * too many connections, it closes the oldest one that has not sent its request. A kubelet or Prometheus sends its request at
 * once and has its own source address, so it always gets in.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Limits } from './limits.ts';

/** Why the listener closed a connection before the client had received its answer. Label values of a metric. */
export const closeReasons = [
  'source_limit',
  'total_limit',
  'request_timeout',
  'response_timeout',
  'excess_data',
] as const;
export type CloseReason = (typeof closeReasons)[number];

interface Connection {
  readonly socket: net.Socket;
  /** The socket, or TLS over it. */
  readonly stream: Duplex;
  readonly source: string;
  /**
   * Milliseconds since it was accepted; reset when its request is complete. Counted in timer checks, as the client must not
   * pay for time in which the agent was busy.
   */
  age: number;
}

export class Connections {
  private readonly limits: Limits;
  private readonly onClosed: (reason: CloseReason) => void;
  /** Connections whose request is incomplete, and those being answered. Oldest first. */
  private readonly waiting = new Map<net.Socket, Connection>();
  private readonly answering = new Map<net.Socket, Connection>();
  private readonly countOfSource = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(limits: Limits, onClosed: (reason: CloseReason) => void) {
    this.limits = limits;
    this.onClosed = onClosed;
    this.timer = setInterval(() => this.check(), limits.checkMs).unref();
  }

  /** Adds a connection, and closes an older one when there are too many. @returns undefined if it is closed already */
  add(
    socket: net.Socket,
    secure: (socket: net.Socket) => Duplex,
  ): Pick<Connection, 'stream' | 'source'> | undefined {
    const source = socket.remoteAddress;
    if (source === undefined) {
      socket.destroy();
      return undefined;
    }
    const count = this.countOfSource.get(source) ?? 0;
    if (count >= this.limits.perSource) this.closeFirst('source_limit', (one) => one.source === source);
    // Also after a connection of this source was closed: that one may not have been waiting.
    if (this.waiting.size >= this.limits.waiting) this.closeFirst('total_limit', () => true);
    const stream = secure(socket);
    this.waiting.set(socket, { socket, stream, source, age: 0 });
    this.countOfSource.set(source, (this.countOfSource.get(source) ?? 0) + 1);
    socket.once('close', () => this.forget(socket));
    return { stream, source };
  }

  /** Marks this connection's request as complete: from now on it is being answered. */
  requested(socket: net.Socket): void {
    const connection = this.waiting.get(socket);
    if (connection === undefined) return;
    this.waiting.delete(socket);
    connection.age = 0;
    this.answering.set(socket, connection);
    const [oldest] = this.answering.keys();
    if (this.answering.size > this.limits.answering && oldest !== undefined)
      this.close(oldest, 'total_limit');
  }

  /** Closes the connection at once and discards data that the kernel still buffers. */
  close(socket: net.Socket, reason: CloseReason): void {
    const connection = this.forget(socket);
    if (connection === undefined) return;
    this.onClosed(reason);
    const reset = (): void => {
      // resetAndDestroy alone waits until the client has received everything; destroy alone leaves the data in the kernel.
      socket.resetAndDestroy();
      socket.destroy();
    };
    // While our shutdown is in progress, libuv refuses to reset the socket and would leak the descriptor.
    const { writableEnded, writableFinished, writableLength } = connection.stream;
    if (writableEnded && !writableFinished && writableLength === 0) connection.stream.once('finish', reset);
    else reset();
  }

  end(): void {
    clearInterval(this.timer);
    for (const socket of [...this.waiting.keys(), ...this.answering.keys()]) socket.destroy();
  }

  /** Closes the oldest matching connection, first among those with an incomplete request: real clients ask at once. */
  private closeFirst(reason: CloseReason, isOne: (connection: Connection) => boolean): void {
    for (const some of [this.waiting, this.answering])
      for (const connection of some.values())
        if (isOne(connection)) {
          this.close(connection.socket, reason);
          return;
        }
  }

  private forget(socket: net.Socket): Connection | undefined {
    const connection = this.waiting.get(socket) ?? this.answering.get(socket);
    if (connection === undefined) return undefined;
    this.waiting.delete(socket);
    this.answering.delete(socket);
    const count = (this.countOfSource.get(connection.source) ?? 1) - 1;
    if (count === 0) this.countOfSource.delete(connection.source);
    else this.countOfSource.set(connection.source, count);
    return connection;
  }

  private check(): void {
    const { requestMs, responseMs, checkMs } = this.limits;
    const each = (some: ReadonlyMap<net.Socket, Connection>, mostMs: number, reason: CloseReason): void => {
      for (const connection of some.values()) {
        connection.age += checkMs;
        if (connection.age > mostMs) this.close(connection.socket, reason);
      }
    };
    each(this.waiting, requestMs, 'request_timeout');
    each(this.answering, responseMs, 'response_timeout');
  }
}
