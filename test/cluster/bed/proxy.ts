/** A proxy in front of the API server. It injects the faults that a test asks for, until `heal`. */
import { once } from 'node:events';
import fs from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { command } from '../machine/command.ts';
import { serviceAddress } from '../machine/paths.ts';
import { issue, pki } from './certificates.ts';

export interface Asked {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** By the clock of `performance.now()`. */
  readonly at: number;
}

export type Which = (asked: Asked) => boolean;

/** A fault that the proxy injects into the requests that a test selects. */
export type InjectedFault =
  /** Sends half of the next data, and then closes the connection. */
  | { readonly kind: 'cut' }
  /** Keeps the connection open and sends nothing more, even after `heal`. */
  | { readonly kind: 'freeze' }
  /** The proxy answers by itself, and closes open requests. */
  | Answer;

export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export const answer = (status: number, body: string | Uint8Array, headers = {}): Answer => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

const statusObject = (code: number, reason: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `injected by the test proxy: ${reason}`,
  reason,
  code,
});

/** An error in the form of the API server's refusals. */
export const refusal = (
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => answer(code, JSON.stringify(statusObject(code, reason)), headers);

/** An error event, in the form in which the API server ends an accepted watch. */
export const errorEvent = (code: number, reason: string): Answer =>
  answer(200, `${JSON.stringify({ type: 'ERROR', object: statusObject(code, reason) })}\n`);

/** An open request and its response. */
interface Exchange {
  readonly asked: Asked;
  readonly response: http.ServerResponse;
  fault: InjectedFault | undefined;
}

const certificate = 'api-proxy';
const read = (file: string): string => fs.readFileSync(pki(file), 'utf8');

export class ApiProxy {
  /** All requests, in order. */
  readonly asked: Asked[] = [];
  /** The certificate to verify the proxy with. */
  caFile = pki('ca.crt');
  private readonly openExchanges = new Set<Exchange>();
  private readonly server: https.Server;
  private readonly upstream = new https.Agent({ keepAlive: true });
  private readonly authority = read('ca.crt');
  private readonly administrator = { cert: read('admin.crt'), key: read('admin.key') };
  private which: Which = () => false;
  private fault: InjectedFault | undefined;
  private port = 0;

  private constructor(server: https.Server) {
    this.server = server;
    server.on('request', (request, response) => this.take(request, response));
    // Longer than any test, so kept connections end only when a test closes them.
    server.keepAliveTimeout = 600_000;
  }

  /** Opens a proxy with a certificate of the cluster's authority. */
  static async open(): Promise<ApiProxy> {
    await issue(certificate, `/CN=${certificate}`, ['IP:127.0.0.1']);
    const { cert, key } = { cert: read(`${certificate}.crt`), key: read(`${certificate}.key`) };
    const proxy = new ApiProxy(https.createServer({ cert, key }));
    await proxy.accept();
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  count(which: Which): number {
    return this.asked.filter(which).length;
  }

  /** Counts the open requests that match. */
  open(which: Which): number {
    return [...this.openExchanges].filter(({ asked }) => which(asked)).length;
  }

  /** Counts the open requests that match and whose answer has begun. */
  answering(which: Which): number {
    return [...this.openExchanges].filter(({ asked, response }) => which(asked) && response.headersSent)
      .length;
  }

  /** Injects the fault from now on, and into open requests too. */
  fail(which: Which, fault: InjectedFault): void {
    this.which = which;
    this.fault = fault;
    for (const exchange of this.openExchanges) if (which(exchange.asked)) exchange.fault = fault;
    if (fault.kind === 'answer') this.drop(which);
  }

  /** Ends the fault. Frozen requests stay frozen. */
  heal(): void {
    this.fault = undefined;
    this.which = () => false;
    for (const exchange of this.openExchanges)
      if (exchange.fault?.kind !== 'freeze') exchange.fault = undefined;
  }

  /** Closes the connections of matching open requests. */
  drop(which: Which): void {
    for (const { asked, response } of this.openExchanges) if (which(asked)) response.destroy();
  }

  /** Refuses new connections, and closes existing ones. */
  async refuse(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Listens on the previous port if there was one. */
  async accept(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Changes to a certificate from an authority that no client trusts yet. Closes all connections. */
  async rotate(): Promise<void> {
    const [key, cert] = [pki(`${certificate}-next.key`), pki(`${certificate}-next.crt`)];
    const names = ['-subj', `/CN=${certificate}-next`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const pair = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-keyout',
      key,
      '-out',
      cert,
    ];
    // The new certificate is self-signed, so it is its own authority.
    await command('openssl', [
      'req',
      '-x509',
      '-config',
      pki('openssl.cnf'),
      '-days',
      '1',
      ...names,
      ...pair,
    ]);
    this.server.setSecureContext({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) });
    this.server.closeAllConnections();
    this.caFile = cert;
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.refuse();
    this.upstream.destroy();
    for (const name of [certificate, `${certificate}-next`])
      for (const end of ['key', 'crt']) fs.rmSync(pki(`${name}.${end}`), { force: true });
  }

  private take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, authorization: headers.authorization, at: performance.now() };
    this.asked.push(asked);
    const exchange: Exchange = { asked, response, fault: this.which(asked) ? this.fault : undefined };
    this.openExchanges.add(exchange);
    response.on('close', () => this.openExchanges.delete(exchange));
    const { fault } = exchange;
    if (fault?.kind === 'answer') response.writeHead(fault.status, fault.headers).end(fault.body);
    else if (fault?.kind !== 'freeze') this.forward(request, exchange);
  }

  /** Keeps the client's own credentials. Without any, it forwards as the administrator. */
  private forward(request: http.IncomingMessage, exchange: Exchange): void {
    const { response, asked } = exchange;
    const onward = https.request({
      host: serviceAddress,
      method: asked.method,
      path: asked.path,
      headers: { ...request.headers, host: serviceAddress },
      agent: this.upstream,
      ca: this.authority,
      ...(asked.authorization === undefined && this.administrator),
    });
    const isFrozen = (): boolean => exchange.fault?.kind === 'freeze';
    const lost = (): void => {
      if (!isFrozen()) response.destroy();
    };
    response.on('close', () => onward.destroy());
    onward.on('error', lost);
    onward.on('response', (answered) => {
      if (!isFrozen()) {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        response.flushHeaders();
      }
      answered.on('error', lost);
      answered.on('data', (bytes: Buffer) => {
        const cut = exchange.fault?.kind === 'cut';
        if (cut) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
        else if (!isFrozen()) response.write(bytes);
      });
      answered.on('end', () => {
        if (!isFrozen()) response.end();
      });
    });
    request.pipe(onward);
  }
}
