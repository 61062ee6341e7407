/**
 * HTTP to a port of a pod, through the API server and the kubelet, with the user's rights on `pods/portforward`. The program
 * in the pod may listen on its loopback address only.
 *
 * The kubelet speaks the subprotocol `v4.channel.k8s.io`: the first byte of each message is its channel. Channel 0 has the
 * data of the port, channel 1 an error. The first message of each repeats the port in two bytes.
 * Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
 */
import http from 'node:http';
import { Duplex } from 'node:stream';
import { WebSocket } from '../http/websocket.ts';
import { answerWithin, bodyOf, tooLarge, unlessAborted } from './answer.ts';
import type { TunnelKube } from './client.ts';

export interface PodCall {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
  /** Path of the request to the program in the pod. */
  readonly path: string;
  /** Deadline for the complete answer. */
  readonly deadlineMs?: number;
  readonly mostBytes: number;
  readonly signal?: AbortSignal;
}

/** What the program answered, or why the kubelet could not connect to it. */
export type PodAnswer = PodResponse | { readonly unreachable: string };

export interface PodResponse {
  readonly status: number;
  readonly text: string;
  /** From the Retry-After header. */
  readonly retryAfterMs?: number;
}

const protocol = 'v4.channel.k8s.io';
const data = 0;
const error = 1;

/** The kubelet copies in pieces of 32 KiB. */
const mostMessageBytes = 1024 * 1024;
/** Characters of the kubelet's error that are kept. */
const longestError = 4096;

/** Sends a GET to the port. @throws ApiError: the API refuses it, or there is no answer in time, or it is too large */
export function getFromPod(kube: Pick<TunnelKube, 'upgrade'>, call: PodCall): Promise<PodAnswer> {
  const { namespace, pod, port } = call;
  const [inNamespace, ofPod] = [namespace, pod].map(encodeURIComponent);
  const path = `/api/v1/namespaces/${inNamespace}/pods/${ofPod}/portforward?ports=${port}`;
  const { deadlineMs, signal: given } = call;
  const timed = { path, ...(deadlineMs !== undefined && { deadlineMs }), ...(given && { signal: given }) };
  return answerWithin(timed, async (signal) => {
    const { socket, head } = await kube.upgrade({ path, protocol, signal });
    const forwarded = new ForwardedPort(new WebSocket(socket, head, mostMessageBytes));
    try {
      return await unlessAborted(responseOf(forwarded, call), signal);
    } catch (failed) {
      if (forwarded.unreachable !== undefined) return { unreachable: forwarded.unreachable };
      throw failed;
    } finally {
      forwarded.destroy();
    }
  });
}

async function responseOf(connection: Duplex, { path, port, mostBytes }: PodCall): Promise<PodResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = http.request({
    path,
    headers: { host: `localhost:${port}` },
    createConnection: () => connection,
  });
  request.once('response', resolve);
  request.once('error', reject);
  request.end();
  const response = await promise;
  const body = await bodyOf(response, mostBytes);
  if (!body.isWhole) throw tooLarge(path, `expected at most ${mostBytes} bytes, got a longer answer`);
  const wait = response.headers['retry-after'];
  return {
    status: response.statusCode ?? 0,
    text: body.text,
    ...(wait !== undefined && /^\d{1,6}$/.test(wait) && { retryAfterMs: Number(wait) * 1000 }),
  };
}

/** The connection to the port. */
class ForwardedPort extends Duplex {
  private readonly socket: WebSocket;
  /** Why the kubelet could not connect, or lost the connection. */
  unreachable: string | undefined;
  private goOn: (() => void) | undefined;

  constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    this.on('error', () => {});
    this.receive().then(
      () => this.push(null),
      (failed) => this.destroy(failed),
    );
  }

  private async receive(): Promise<void> {
    const begun = new Set<number>();
    for await (const message of this.socket.messages()) {
      const channel = message[0];
      if (channel === undefined) continue;
      // The port in two bytes.
      const isFirst = !begun.has(channel);
      begun.add(channel);
      const payload = message.subarray(isFirst ? 3 : 1);
      if (payload.length === 0) continue;
      if (channel === error) {
        this.unreachable = payload.toString('utf8', 0, longestError);
        throw new Error(this.unreachable);
      }
      if (channel === data && !this.push(payload))
        await new Promise<void>((resolve) => {
          this.goOn = resolve;
        });
    }
  }

  override _read(): void {
    this.goOn?.();
    this.goOn = undefined;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.socket.send(Buffer.concat([Buffer.of(data), chunk]));
    done();
  }

  override _destroy(failed: Error | null, done: (failed: Error | null) => void): void {
    this.goOn?.();
    this.socket.close();
    done(failed);
  }
}
