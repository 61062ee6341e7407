/**
 * The connections of a listener that anybody may reach: how many there are, for how long, and which one goes when there are
 * too many. A kubelet and a Prometheus have addresses of their own and ask at once, and that is how they always get in.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Limits } from './limits.ts';

/** Why a connection was closed before its answer was taken. */
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
  /** Checks since it came, and then since its request was complete: of a time when the agent was busy nobody is guilty. */
  age: number;
}

export class Connections {
  private readonly limits: Limits;
  private readonly onClosed: (reason: CloseReason) => void;
  /** Those whose request is not complete, and those that are answered. Oldest first. */
  private readonly waiting = new Map<net.Socket, Connection>();
  private readonly answering = new Map<net.Socket, Connection>();
  private readonly countOfSource = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(limits: Limits, onClosed: (reason: CloseReason) => void) {
    this.limits = limits;
    this.onClosed = onClosed;
    this.timer = setInterval(() => this.check(), limits.checkMs).unref();
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
    const count = this.countOfSource.get(source) ?? 0;
    if (count >= this.limits.perSource) this.closeFirst('source_limit', (one) => one.source === source);
    else if (this.waiting.size >= this.limits.waiting) this.closeFirst('total_limit', () => true);
    const stream = secure(socket);
    this.waiting.set(socket, { socket, stream, source, age: 0 });
    this.countOfSource.set(source, (this.countOfSource.get(source) ?? 0) + 1);
    socket.once('close', () => this.forget(socket));
    return { stream, source };
  }

  /** The request of this connection is complete: from now on it is answered. */
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

  /** Closes it at once; what the kernel still holds of a page is thrown away. */
  close(socket: net.Socket, reason: CloseReason): void {
    const connection = this.forget(socket);
    if (connection === undefined) return;
    this.onClosed(reason);
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
    for (const socket of [...this.waiting.keys(), ...this.answering.keys()]) socket.destroy();
  }

  /** The oldest of these whose request is not complete: whoever asks something asks at once. Else the oldest. */
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
