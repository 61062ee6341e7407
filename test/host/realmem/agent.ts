/** Starts realmem as a process, like its users do. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runLeftOut } from '../../../src/edges/clock.ts';
import type { NodeReport } from '../../../src/model/report.ts';
import type { Cleanup } from '../machine/cleanup.ts';
import { endProcesses, longestOutput, run, toolPath, until } from '../machine/command.ts';

export type Launch = readonly [string, ...string[]];

export const project = fileURLToPath(new URL('../../../', import.meta.url));

/** The command before the arguments of `realmem`. */
const asRoot: Launch = [process.execPath, `${project}src/cli.ts`];

/** Without the caller's settings (REALMEM_*). */
const environment = { PATH: toolPath, XDG_STATE_HOME: '/nonexistent' };

/** Returns the output of the command. @throws unless it exits with 0 */
export const realmem = (args: readonly string[], launch = asRoot): string =>
  run([...launch, ...args], { env: environment });

/** The same, without blocking this process. */
export async function realmemAside(args: readonly string[]): Promise<string> {
  const [file, ...before] = asRoot;
  const options = { env: environment, maxBuffer: longestOutput };
  return (await promisify(execFile)(file, [...before, ...args], options)).stdout;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly address?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly seconds: number;
}

export interface AgentOptions {
  readonly launch?: Launch;
  readonly stateHome?: string;
}

/** Starts `realmem agent` with free addresses, and waits until it has tried to listen on both. */
export async function startAgent(
  cleanup: Cleanup,
  args: readonly string[],
  { launch = asRoot, stateHome }: AgentOptions = {},
): Promise<Agent> {
  const flags = ['--probe-address', '127.0.0.1:0', '--report-address', '127.0.0.1:0', '--output', 'off'];
  const [file, ...before] = launch;
  const child = spawn(file, [...before, 'agent', ...flags, ...args], {
    env: { ...environment, ...(stateHome !== undefined && { XDG_STATE_HOME: stateHome }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  cleanup.add(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      endProcesses([child.pid]);
  });
  const agent = new Agent(child);
  await agent.logged(/^report (?:not )?served/);
  return agent;
}

export class Agent {
  readonly log: LogLine[] = [];
  private readonly child: ChildProcess;
  private ended: Pick<Ended, 'code' | 'signal'> | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.on('close', (code, signal) => {
      this.ended = { code, signal };
    });
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      this.log.push(...lines.map(parseLine));
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Warnings and errors of the log, except skipped runs: a busy machine causes those. */
  get warnings(): readonly LogLine[] {
    return this.log.filter(({ level, msg }) => level !== 'info' && msg !== runLeftOut);
  }

  /** The first line of the log whose message matches. */
  logged(message: RegExp): Promise<LogLine> {
    return until(`the agent to log ${message}`, () => {
      const found = this.log.find(({ msg }) => message.test(msg));
      if (found === undefined && this.ended !== undefined)
        throw new Error(`the agent ended with ${JSON.stringify(this.ended)}: ${JSON.stringify(this.log)}`);
      return found;
    });
  }

  /** From the log, because the kernel chose the port. */
  address(of: 'probes and metrics' | 'report'): string {
    const line = this.log.find(({ msg }) => msg === `${of} served`);
    assert.ok(
      line?.address !== undefined,
      `expected a listener's address in the log, got ${JSON.stringify(this.log)}`,
    );
    return line.address;
  }

  probe(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return get(this.address('probes and metrics'), path, headers);
  }

  page(path: string): Promise<Response> {
    return get(this.address('report'), path);
  }

  untilReady(): Promise<true> {
    return until('the agent to be ready', async () => (await this.probe('/readyz')).ok || undefined);
  }

  /**
   * The first report whose pass started after this moment. Reports round their time down to seconds, so this can skip a
   * report that started within the same second.
   */
  reportSince(moment: number): Promise<NodeReport> {
    return until(`a report made after ${new Date(moment).toISOString()}`, async () => {
      const response = await this.page('/report.json');
      // 503: the first pass is not complete.
      if (response.status === 503) return undefined;
      assert.equal(response.status, 200);
      const report = (await response.json()) as NodeReport;
      return Date.parse(report.observed.at ?? '') > moment ? report : undefined;
    });
  }

  /** The value of a metric that /metrics contains once. */
  async metric(name: string): Promise<number> {
    const text = await (await this.probe('/metrics')).text();
    const value = new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'm').exec(text)?.[1];
    assert.ok(value !== undefined, `/metrics has no ${name}`);
    return Number(value);
  }

  /** Sends the signal and waits until the agent exits. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    const from = performance.now();
    this.child.kill(signal);
    const ended = await until(`the agent to end on ${signal}`, () => this.ended);
    return { ...ended, seconds: (performance.now() - from) / 1000 };
  }
}

/** Opens a new connection: the agent may have closed an idle one while this process waited for a command. */
const get = (
  address: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> => fetch(`http://${address}${path}`, { headers: { ...headers, connection: 'close' } });

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'not JSON', msg: line };
  }
}
