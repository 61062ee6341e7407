/** Starts Debian's Prometheus on a loopback address, and asks it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import type { Undo } from '../machine/cleanup.ts';
import { endProcesses, toolPath, until } from '../machine/command.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970 and values, in the order of time. */
  readonly values: readonly (readonly [time: number, value: number])[];
}

/** What a test or a script gives to be undone. */
export interface Undoing {
  add(undo: Undo): void;
}

export interface PrometheusOptions {
  /** Holds the data, and `prometheus.yml`. */
  readonly directory: string;
  /** In YAML. */
  readonly config: string;
}

interface Given {
  readonly metric: Series['metric'];
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export class Prometheus {
  private readonly address: string;
  private readonly child: ChildProcess;
  private log = '';

  private constructor(address: string, child: ChildProcess) {
    this.address = address;
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  /** Starts the server, and waits until it answers. */
  static async start(undoing: Undoing, { directory, config }: PrometheusOptions): Promise<Prometheus> {
    const file = `${directory}/prometheus.yml`;
    fs.writeFileSync(file, config);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${directory}/data`,
        // Data of a recording is older than any usual retention.
        '--storage.tsdb.retention.time=50y',
        `--web.listen-address=${address}`,
      ],
      { env: { PATH: toolPath }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    undoing.add(() => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        endProcesses([child.pid]);
    });
    const server = new Prometheus(address, child);
    await server.untilReady();
    return server;
  }

  private untilReady(): Promise<true> {
    return until('Prometheus to be ready', async () => {
      assert.equal(this.child.exitCode, null, this.log);
      const response = await fetch(`http://${this.address}/-/ready`).catch(() => undefined);
      return response?.ok === true || undefined;
    });
  }

  /** The `data` of an answer. @throws with the error that Prometheus gives */
  async get(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await fetch(`http://${this.address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = (await response.json()) as {
      readonly status: string;
      readonly data?: unknown;
      readonly error?: string;
    };
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  }

  /** @param time seconds since 1970 */
  instant(query: string, time: number): Promise<readonly Series[]> {
    return this.series('query', { query, time: `${time}` });
  }

  range(query: string, start: number, end: number, step: number): Promise<readonly Series[]> {
    return this.series('query_range', { query, start: `${start}`, end: `${end}`, step: `${step}` });
  }

  private async series(path: string, parameters: Readonly<Record<string, string>>) {
    const { result } = (await this.get(path, parameters)) as { readonly result: readonly Given[] };
    return result.map(
      ({ metric, value, values = value === undefined ? [] : [value] }): Series => ({
        metric,
        values: values.map(([time, text]) => [time, Number(text)]),
      }),
    );
  }
}

/** Another program could take it in between. Then Prometheus ends, and the test fails with its log. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = net.createServer().once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as net.AddressInfo;
    server.close(() => resolve(port));
  });
  return promise;
}
