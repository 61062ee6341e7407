/** The client's side of a WebSocket (RFC 6455) over a connection that the server has upgraded. */
import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';

/** The key that the client sends with its request for an upgrade. */
export const webSocketKey = (): string => randomBytes(16).toString('base64');

/** The answer to a key that shows that the server speaks the protocol: Sec-WebSocket-Accept. */
export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** The server sent what the protocol forbids, or a message above the limit. */
export class WebSocketError extends Error {}

export class WebSocket {
  private readonly socket: Duplex;
  private readonly mostBytes: number;
  /** Bytes received that belong to no complete frame yet. */
  private rest: Buffer;

  /**
   * @param head bytes that arrived together with the head of the answer
   * @param mostBytes maximum size of a message
   */
  constructor(socket: Duplex, head: Buffer, mostBytes: number) {
    this.socket = socket;
    this.rest = head;
    this.mostBytes = mostBytes;
  }

  /** Sends one binary message. */
  send(payload: Uint8Array): void {
    this.write(opcodes.binary, payload);
  }

  /** Tells the server that nothing follows, and closes the connection. */
  close(): void {
    if (this.socket.destroyed) return;
    this.write(opcodes.close, new Uint8Array());
    this.socket.destroy();
  }

  /**
   * The messages of the server, whole, until it closes the connection. Answers pings. Leaving the loop closes the connection.
   * @throws WebSocketError; the error of the socket
   */
  async *messages(): AsyncGenerator<Buffer, void, undefined> {
    const chunks: AsyncIterator<Buffer> = this.socket[Symbol.asyncIterator]();
    let parts: Buffer[] = [];
    let length = 0;
    try {
      for (;;) {
        const frame = await this.frame(chunks, this.mostBytes - length);
        if (frame === undefined || frame.opcode === opcodes.close) return;
        const { opcode, isLast, payload } = frame;
        if (opcode === opcodes.ping) this.write(opcodes.pong, payload);
        if (opcode === opcodes.ping || opcode === opcodes.pong) continue;
        if ((opcode === opcodes.continuation) !== parts.length > 0)
          throw new WebSocketError('a message began before the end of another, or without a beginning');
        parts.push(payload);
        length += payload.length;
        if (!isLast) continue;
        yield Buffer.concat(parts);
        parts = [];
        length = 0;
      }
    } finally {
      this.close();
    }
  }

  /** Undefined: the connection ended. */
  private async frame(chunks: AsyncIterator<Buffer>, mostBytes: number): Promise<Frame | undefined> {
    const head = await this.take(chunks, 2);
    if (head === undefined) return undefined;
    const [first, second] = [head.readUInt8(0), head.readUInt8(1)];
    const opcode = Object.values(opcodes).find((code) => code === (first & 0x0f));
    if (opcode === undefined || (first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw new WebSocketError('a frame that the protocol does not define');
    const short = second & 0x7f;
    const isControl = opcode >= opcodes.close;
    if (isControl && (short > 125 || (first & 0x80) === 0))
      throw new WebSocketError('a control frame that is too long or in parts');
    const more = short < 126 ? undefined : await this.take(chunks, short === 126 ? 2 : 8);
    if (short >= 126 && more === undefined) return undefined;
    const length =
      more === undefined ? short : more.length === 2 ? more.readUInt16BE() : Number(more.readBigUInt64BE());
    if (!isControl && length > mostBytes)
      throw new WebSocketError(`a message of more than ${this.mostBytes} bytes`);
    const payload = await this.take(chunks, length);
    return payload && { opcode, isLast: (first & 0x80) !== 0, payload };
  }

  private async take(chunks: AsyncIterator<Buffer>, length: number): Promise<Buffer | undefined> {
    const received = [this.rest];
    let total = this.rest.length;
    while (total < length) {
      const { done, value } = await chunks.next();
      if (done) return undefined;
      received.push(value);
      total += value.length;
    }
    const all = received.length === 1 ? this.rest : Buffer.concat(received);
    this.rest = all.subarray(length);
    return all.subarray(0, length);
  }

  /** A client masks what it sends: a proxy between must not take it for a request. */
  private write(opcode: Opcode, payload: Uint8Array): void {
    if (this.socket.destroyed) return;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 0x1_0000 ? 4 : 10);
    head.writeUInt8(0x80 | opcode, 0);
    head.writeUInt8(0x80 | (head.length === 2 ? length : head.length === 4 ? 126 : 127), 1);
    if (head.length === 4) head.writeUInt16BE(length, 2);
    else if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    const mask = randomBytes(4);
    const masked = Buffer.from(payload);
    for (let at = 0; at < length; at++) masked.writeUInt8(masked.readUInt8(at) ^ mask.readUInt8(at % 4), at);
    this.socket.write(Buffer.concat([head, mask, masked]));
  }
}

interface Frame {
  readonly opcode: Opcode;
  /** Whether it is the last of its message. */
  readonly isLast: boolean;
  readonly payload: Buffer;
}
