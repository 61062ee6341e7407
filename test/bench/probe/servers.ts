/** PostgreSQL and Redis from Debian, under their own benchmarks. The servers run in the cgroup, the benchmarks outside. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { codeOf } from '../../../src/model/located-error.ts';
import { until } from '../../host/machine/command.ts';
import type { Container } from './container.ts';
import type { Workload } from './workloads.ts';

const MiB = 2 ** 20;
const pageBytes = 4096;
const startSeconds = 120;

/** Bytes that one unit of pgbench's scale takes: the table of accounts and its index. */
const scaleBytes = 15 * MiB;

/** Where Debian's package has the programs, without the number of the version. */
export const postgresPrograms = (): string => {
  const parent = '/usr/lib/postgresql';
  const [version] = fs.existsSync(parent) ? fs.readdirSync(parent) : [];
  if (version === undefined) throw new Error(`${parent}: expected PostgreSQL; apt-get install postgresql`);
  return path.join(parent, version, 'bin');
};

const settings = {
  // Small, so the database needs page cache.
  shared_buffers: '4MB',
  autovacuum: 'off',
  fsync: 'off',
  huge_pages: 'off',
  jit: 'off',
  listen_addresses: '',
  max_connections: '8',
  max_wal_senders: '0',
  wal_level: 'minimal',
  logging_collector: 'off',
};

/** @param scale of pgbench */
export const postgres = (scale: number): Workload => ({
  name: 'postgres',
  what: `PostgreSQL, pgbench -S with scale ${scale}, beside 64 MiB that nobody reads`,
  expectedCacheBytes: scale * scaleBytes,
  isBusy: true,
  async start(container, { counted, ended }) {
    const programs = postgresPrograms();
    const { disk } = container;
    const unprivileged = { isUnprivileged: true };
    const client = { isUnprivileged: true, isOutside: true };
    const connected = ['-h', disk, '-U', 'bench'];
    await container.run(
      [`${programs}/initdb`, '-D', `${disk}/data`, '-U', 'bench', '--no-sync', '-E', 'UTF8', '--locale=C'],
      unprivileged,
    );
    const given = Object.entries({ ...settings, unix_socket_directories: disk });
    const server = container.spawn(
      [
        ...[`${programs}/postgres`, '-D', `${disk}/data`],
        ...given.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      unprivileged,
    );
    server.once('exit', ended);
    await untilListens(server, `${disk}/.s.PGSQL.5432`);
    const isReady = [`${programs}/psql`, ...connected, '-c', 'select 1', 'postgres'];
    const ready = (): Promise<true | undefined> =>
      container.run(isReady, client).then(
        () => true,
        () => undefined,
      );
    await until('PostgreSQL to answer', ready, startSeconds);
    await container.run(
      [`${programs}/pgbench`, ...connected, '-i', '-q', '-s', `${scale}`, 'postgres'],
      client,
    );
    const cold = `create table cold as select i, repeat('x', 960) from generate_series(1, 65536) as i`;
    await container.run(
      [`${programs}/psql`, ...connected, '-q', '-c', cold, '-c', 'checkpoint', 'postgres'],
      client,
    );
    const benchmark = container.spawn(
      [
        ...[`${programs}/pgbench`, ...connected, '-S', '-n', '-M', 'prepared', '-c', '1', '-T', '100000'],
        ...['-P', '1', 'postgres'],
      ],
      client,
    );
    benchmark.once('exit', ended);
    benchmark.stdout.resume();
    let [operations, before] = [0, 0];
    createInterface({ input: benchmark.stderr }).on('line', (line) => {
      const [, seconds, rate] = /^progress: ([\d.]+) s, ([\d.]+) tps/.exec(line) ?? [];
      if (seconds === undefined) return;
      operations += (Number(seconds) - before) * Number(rate);
      before = Number(seconds);
      counted({ operations, pages: readBytes(container) / pageBytes });
    });
  },
});

/** @throws Error with what the server printed, if it does not listen */
async function untilListens(server: Server, socket: string): Promise<void> {
  let printed = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (data: Buffer) => {
      // A server that runs for hours may print much.
      if (printed.length < longestMessages) printed += data.toString();
    });
  try {
    await until(
      'the server to listen',
      () => {
        if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
        return fs.existsSync(socket) ? true : undefined;
      },
      startSeconds,
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}: ${printed}`);
  }
}

type Server = ReturnType<Container['spawn']>;
const longestMessages = 10_000;

/** Bytes that the running processes have read from files. */
function readBytes({ pids }: Container): number {
  const read = (pid: number): number => {
    try {
      return Number(/^rchar: (\d+)$/m.exec(fs.readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return 0;
      throw error;
    }
  };
  return pids.reduce((sum, pid) => sum + read(pid), 0);
}

const keys = 50_000;

export const redis: Workload = {
  name: 'redis',
  what: 'Redis, redis-benchmark -t get, beside its RDB and AOF files',
  // Its program.
  expectedCacheBytes: 2 * MiB,
  isBusy: true,
  async start(container, { counted, ended }) {
    const { disk } = container;
    const socket = `${disk}/socket`;
    // A copy, because others may have read the program before: then its pages belong to them.
    await container.run(['sh', '-c', 'cp "$0" program && sync program', '/usr/bin/redis-server']);
    const server = container.spawn(
      [
        ...[`${disk}/program`, '--port', '0', '--unixsocket', socket, '--dir', disk, '--save', ''],
        ...['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'],
      ],
      { isUnprivileged: true },
    );
    server.once('exit', ended);
    await untilListens(server, socket);
    const benchmark = ['redis-benchmark', '-s', socket, '-r', `${keys}`, '-d', '1024', '-q'];
    const client = { isUnprivileged: true, isOutside: true };
    await container.run([...benchmark, '-t', 'set', '-n', `${2 * keys}`, '-P', '16'], client);
    await asked(socket, 'BGSAVE');
    await until(
      'Redis to save',
      async () =>
        /rdb_bgsave_in_progress:0/.test(await asked(socket, 'INFO persistence')) ? true : undefined,
      startSeconds,
    );
    const load = container.spawn([...benchmark, '-t', 'get', '-n', '2000000000', '-c', '1'], client);
    load.once('exit', ended);
    load.stdout.resume();
    load.stderr.resume();
    const count = async (): Promise<void> => {
      try {
        const operations = Number(
          /total_commands_processed:(\d+)/.exec(await asked(socket, 'INFO stats'))?.[1],
        );
        // It reads no file. Each command runs the program, whose pages are in a file.
        if (Number.isFinite(operations)) counted({ operations, pages: operations });
      } catch {
        // It ended, which `ended` reports.
      }
      if (load.exitCode === null && server.exitCode === null) setTimeout(count, 1000);
    };
    await count();
  },
};

/** Sends one command and reads the answer. */
function asked(socket: string, words: string): Promise<string> {
  const connection = net.connect(socket);
  connection.write(`${words}\r\nQUIT\r\n`);
  return text(connection);
}
