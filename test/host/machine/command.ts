/** Runs tools of this machine, and waits for results. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Daemons are in directories that are not in every root's PATH. */
export const toolPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

/** The Debian package of each tool. */
const packages = {
  busybox: 'busybox-static',
  containerd: 'containerd',
  ctr: 'containerd',
  docker: 'docker.io',
  dockerd: 'docker.io',
  faketime: 'faketime',
  free: 'procps',
  mount: 'mount',
  nsenter: 'util-linux',
  openmetrics: 'python3-prometheus-client',
  pmap: 'procps',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  ps: 'procps',
  runc: 'runc',
  setpriv: 'util-linux',
  top: 'procps',
  unshare: 'util-linux',
} as const;
type Tool = keyof typeof packages;

/** A module for Debian's Python. */
const openMetricsParser = '/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py';

/** Fails if a tool is missing: a skipped test proves nothing. */
export function requireTools(...tools: readonly Tool[]): void {
  assert.equal(process.getuid?.(), 0, 'these tests start containers and need root; run them as root');
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  const wanted = new Set(missing.map((tool) => packages[tool]));
  assert.deepEqual(missing, [], `missing tools; apt-get install ${[...wanted].join(' ')}`);
}

export function findTool(tool: Tool): string | undefined {
  return toolPath
    .split(':')
    .map((directory) => (tool === 'openmetrics' ? openMetricsParser : path.join(directory, tool)))
    .find((file) => fs.existsSync(file));
}

/** Bytes. Reports of a machine with many containers are large. */
export const longestOutput = 64 * 1024 * 1024;

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns the output of the command. @throws with all output, unless it exits with 0 */
export function run(
  [file, ...args]: readonly [string, ...string[]],
  { input, env = {} }: RunOptions = {},
): string {
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: toolPath, ...env },
    input: input ?? '',
    timeout: 60_000,
    maxBuffer: longestOutput,
  });
  if (error !== undefined || status !== 0)
    throw new Error(
      `${[file, ...args].join(' ')} ended with ${signal ?? status}: ${error?.message ?? ''}${stderr}${stdout}`,
    );
  return stdout;
}

const pollMs = 20;

/** Calls `ask` until it returns a value. @throws after `seconds` without one */
export async function until<Answer>(
  what: string,
  ask: () => Answer | undefined | Promise<Answer | undefined>,
  seconds = 30,
): Promise<Answer> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < deadline, `timed out after ${seconds} s waiting for ${what}`);
    await delay(pollMs);
  }
}

/** The same, but synchronous, for cleanup. @returns whether it succeeded */
export function untilNow(isDone: () => boolean, seconds: number): boolean {
  const deadline = Date.now() + seconds * 1000;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (!isDone()) {
    if (Date.now() > deadline) return false;
    Atomics.wait(sleeper, 0, 0, pollMs);
  }
  return true;
}

/** Ends processes of the caller: SIGTERM first, then SIGKILL. */
export function endProcesses(pids: readonly number[], graceSeconds = 10): void {
  const gone = (): boolean => pids.every((pid) => !runs(pid));
  signal(pids, 'SIGTERM');
  if (untilNow(gone, graceSeconds)) return;
  signal(
    pids.filter((pid) => runs(pid)),
    'SIGKILL',
  );
  assert.ok(untilNow(gone, 10), `processes ${pids.join(', ')} do not end`);
}

function signal(pids: readonly number[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // The process has already ended.
    }
  }
}

/** A zombie (`Z`) does not run. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
