/** Plays one schedule in a cgroup, with or without a limit. Returns the samples of realmem's own code, and the result. */
import type { CgroupSample, CgroupVersion, RawCgroup } from '../../../src/model/cgroup.ts';
import { sampleCgroup } from '../../../src/sample/cgroup.ts';
import type { Machine } from '../machine/machine.ts';
import { scriptOf } from '../machine/script.ts';
import { heldBy, type Schedule } from './schedules.ts';

const MiB = 2 ** 20;
const pageBytes = 4096;

export interface Run {
  /** One at the end of each step. Empty with a limit. */
  readonly samples: readonly CgroupSample[];
  readonly oomKills: number;
  /** Bytes of memory and files that the player touched. Each touch counts. */
  readonly touched: number;
  /** Bytes of those that the kernel had dropped and had to read back from disk. */
  readonly refaulted: number;
  readonly seconds: number;
  /** Time in which it waited for memory. Absent on v1. */
  readonly stalledSeconds?: number;
}

const steps = scriptOf('play.sh');

/** @param limit in bytes @param program the compiled player */
export async function play(
  machine: Machine,
  schedule: Schedule,
  limit: number | undefined,
  program: string,
): Promise<Run> {
  const own = `realmem-limits-${process.pid}`;
  const file = Math.max(...schedule.map((step) => step.file)) / MiB;
  const output = await machine.run(`
VERSION=${machine.version} CGROUP=${machine.cgroups}/${own} DISK=/var/tmp/${own} SHM=/dev/shm/${own}
LIMIT=${limit === undefined ? '' : Math.round(limit)} FILE=${file}
program() {
  base64 -d <<'END' | gunzip
${program}
END
}
schedule() {
  cat <<'END'
${linesOf(schedule)}END
}
${steps}`);
  return runOf(output, schedule, machine.version);
}

/** The format of the player. */
const linesOf = (schedule: Schedule): string =>
  schedule
    .map(({ milliseconds, anonymous, tmpfs, file }) => {
      const mebibytes = [anonymous, tmpfs, file].map((size) => (size / MiB).toFixed(3));
      return `${[milliseconds, ...mebibytes].join(' ')}\n`;
    })
    .join('');

function runOf(output: string, schedule: Schedule, version: CgroupVersion): Run {
  const samples: CgroupSample[] = [];
  let [played, touched, seconds] = [0, 0, 0];
  for (const section of output.split(/^==== /m)) {
    const [, times, microseconds, files] = /^step (\d+) (\d+)\n(.*)$/s.exec(section) ?? [];
    const step = schedule[played];
    if (files === undefined || step === undefined) continue;
    played++;
    if (files !== '') samples.push(sampleIn(files, version));
    touched += Number(times) * heldBy(step);
    seconds += Number(microseconds) / 1e6;
  }
  const [, status, end = ''] = /^==== end (\d+)\n(.*)$/ms.exec(output) ?? [];
  const { details, stat } = sampleIn(end, version);
  const [oomKills, refaults] = [details?.oomKills, stat?.refaultFile];
  if (oomKills === undefined || refaults === undefined)
    throw new Error(`expected OOM kills and refaults of the cgroup, got:\n${output}`);
  if (oomKills > 0 !== (status === '137') || (oomKills === 0 && played < schedule.length))
    throw new Error(`the player ended with ${status} after ${oomKills} OOM kills:\n${output}`);
  // The averages of memory.pressure cover ten seconds or more: too long for a run. So use the total.
  const stalled = /^memory\.pressure:some .*total=(\d+)$/m.exec(end)?.[1];
  return {
    samples,
    oomKills,
    touched,
    refaulted: refaults * pageBytes,
    seconds,
    ...(stalled !== undefined && { stalledSeconds: Number(stalled) / 1e6 }),
  };
}

/** Parses the files of one moment with the code that reads a node. Each line starts with the name of its file. */
function sampleIn(lines: string, version: CgroupVersion): CgroupSample {
  const files = new Map<string, string>();
  for (const [, file = '', line] of lines.matchAll(/^(memory\.[^:]+):(.*)$/gm))
    files.set(file, `${files.get(file) ?? ''}${line}\n`);
  const raw: RawCgroup = {
    id: { path: '/played', inode: 0 },
    read: (file) => {
      const text = files.get(file);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
  };
  const sample = sampleCgroup(raw, version, true);
  if (sample.faults.length > 0) throw new Error(sample.faults.join('\n'));
  return sample;
}
