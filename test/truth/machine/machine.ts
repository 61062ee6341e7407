/** The machines to measure on: this one, and the guest of the test cluster, which has the other cgroup version. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { text } from 'node:stream/consumers';
import type { CgroupVersion } from '../../../src/model/cgroup.ts';
import { inGuest, isGuestRunning } from '../../cluster/guest/guest.ts';
import { directoryOf } from '../../host/machine/cgroups.ts';
import { endProcesses } from '../../host/machine/command.ts';

export interface Machine {
  readonly name: string;
  readonly version: CgroupVersion;
  /** The top of its memory hierarchy. */
  readonly cgroups: string;
  /** Runs a shell script as root. @returns its output */
  run(script: string): Promise<string>;
}

export function machines(): readonly Machine[] {
  const cgroups = directoryOf('');
  const version = fs.existsSync(`${cgroups}/cgroup.controllers`) ? 2 : 1;
  const host: Machine = { name: 'this machine', version, cgroups, run: onHost };
  const guest: Machine = { name: 'the guest', version: 2, cgroups: '/sys/fs/cgroup', run: inGuest };
  return isGuestRunning() ? [host, guest] : [host];
}

const running = new Set<ChildProcess>();

async function onHost(script: string): Promise<string> {
  const child = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  // A script that exits early stops reading. Its exit code reports the failure.
  child.stdin.on('error', () => {});
  child.stdin.end(script);
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  running.delete(child);
  if (code !== 0) throw new Error(`exit code ${code}: ${errors.trim()}`);
  return output;
}

/** Ends the scripts, and waits until they have removed what they created. Scripts in the guest do this by themselves. */
export function endScripts(): void {
  const pids = [...running].flatMap(({ pid, exitCode }) =>
    pid === undefined || exitCode !== null ? [] : pid,
  );
  endProcesses(pids, 60);
}

/** Facts about the machine that the figures depend on. */
export async function factsOf({ run }: Machine): Promise<Readonly<Record<string, string>>> {
  const output = await run(`
    value() { awk -v key="$1:" '$1 == key { printf "%.0f MiB", $2 / 1024 }' /proc/meminfo; }
    # The active choice is the one in brackets.
    choice() { sed 's/.*\\[\\(.*\\)\\].*/\\1/; s/^0x0*$/off/' "$1" 2>/dev/null || echo 'not in this kernel'; }
    echo "kernel=$(uname -sr)"
    echo "CPUs=$(grep -c ^processor /proc/cpuinfo)"
    echo "memory=$(value MemTotal)"
    echo "swap=$(value SwapTotal)"
    echo "file system=$(awk '$2 == "/" { type = $3 } END { print type }' /proc/mounts)"
    echo "multi-generational LRU=$(choice /sys/kernel/mm/lru_gen/enabled)"
    echo "transparent huge pages=$(choice /sys/kernel/mm/transparent_hugepage/enabled)"`);
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string]),
  );
}
