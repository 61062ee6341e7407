/**
 * The connections of a listener that anybody may reach: how many there are, for how long, and which one goes when there are
 * too many. A kubelet and a Prometheus have addresses of their own and ask at once, and that is how they always get in.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Limits } from './http-limits.ts';

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
  isRequested: boolean;
  /** Checks since it came, and then since its request was complete: of a time when the agent was busy nobody is guilty. */
  age: number;
}

export class Connections {
  private readonly limits: Limits;
  private readonly onClosed: (reason: CloseReason) => void;
  /** Oldest first. */
  private readonly all = new Map<net.Socket, Connection>();
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
    const ofSource = [...this.all.values()].filter((one) => one.source === source);
    if (ofSource.length >= this.limits.perSource) this.closeOne(ofSource, 'source_limit');
    else if (this.all.size >= this.limits.total) this.closeOne([...this.all.values()], 'total_limit');
    const stream = secure(socket);
    this.all.set(socket, { socket, stream, source, isRequested: false, age: 0 });
    socket.once('close', () => this.all.delete(socket));
    return { stream, source };
  }

  /** The request of this connection is complete. */
  requested(socket: net.Socket): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    connection.isRequested = true;
    connection.age = 0;
  }

  /** Closes it at once; what the kernel still holds of a page is thrown away. */
  close(socket: net.Socket, reason: CloseReason): void {
    const connection = this.all.get(socket);
    if (connection === undefined) return;
    this.onClosed(reason);
    this.all.delete(socket);
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

  private check(): void {
    const { requestMs, responseMs, checkMs } = this.limits;
    for (const connection of this.all.values()) {
      const { socket, isRequested } = connection;
      connection.age += checkMs;
      if (connection.age > (isRequested ? responseMs : requestMs))
        this.close(socket, isRequested ? 'response_timeout' : 'request_timeout');
    }
  }
}
