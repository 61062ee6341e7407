/** Measures one workload on one machine: the figures of realmem's own code, and the truth. */
import { usageOf } from '../../../src/account/memory.ts';
import { type Bytes, bytes } from '../../../src/model/bytes.ts';
import type { CgroupSample, CgroupVersion, RawCgroup } from '../../../src/model/cgroup.ts';
import type { MemoryUsage } from '../../../src/model/usage.ts';
import { sampleCgroup } from '../../../src/sample/cgroup.ts';
import type { Machine } from '../machine/machine.ts';
import { scriptOf } from '../machine/script.ts';
import type { Workload } from './workloads.ts';

export interface Figures {
  readonly sample: CgroupSample;
  readonly usage: MemoryUsage;
}

export interface Measurement {
  readonly workload: Workload;
  readonly version: CgroupVersion;
  readonly size: Bytes;
  /** The workload is idle and holds all its memory. */
  readonly before: Figures;
  /** The kernel can reclaim no more. */
  readonly after: Figures;
  /** `usageBytes` of `after`. */
  readonly truth: Bytes;
  /** The excess of the first reading of usage: pages that the kernel precharged on each CPU. */
  readonly ahead: Bytes;
  /** The number of reclaim rounds. */
  readonly rounds: number;
}

/** The allowed error of a figure: 1 % of the truth, and at least 1 MiB. */
export const boundOf = ({ truth }: Measurement): number => Math.max(truth / 100, 1024 ** 2);

const steps = scriptOf('measure.sh');

export async function measure(
  machine: Machine,
  workload: Workload,
  mebibytes: number,
  program: string,
): Promise<Measurement> {
  const own = `realmem-truth-${process.pid}`;
  const share = mebibytes / workload.kinds.length;
  const script = `
VERSION=${machine.version} CGROUP=${machine.cgroups}/${own} DISK=/var/tmp/${own} SHM=/dev/shm/${own}
KINDS='${workload.kinds.map((kind) => `${kind}=${share}`).join(' ')}'
program() {
  base64 -d <<'END' | gunzip
${program}
END
}
${steps}`;
  const output = await machine.run(script);
  const { version } = machine;
  const before = figuresOf(output, 'before', version);
  const after = figuresOf(output, 'after', version);
  const truth = after.usage.usageBytes;
  const usage = before.usage.usageBytes;
  if (truth === undefined || usage === undefined) throw new Error(`no usage in:\n${output}`);
  return {
    workload,
    version,
    size: bytes(mebibytes * 1024 ** 2),
    before,
    after,
    truth,
    ahead: bytes(Math.max(0, numberOf(output, 'undrained') - usage)),
    rounds: numberOf(output, 'rounds'),
  };
}

/** Parses the files of one moment with the code that reads a node. */
function figuresOf(output: string, moment: 'before' | 'after', version: CgroupVersion): Figures {
  const files = new Map<string, Uint8Array>();
  for (const section of output.split(/^==== /m)) {
    const [, when, file, content] = /^(\S+) (\S+)\n(.*)$/s.exec(section) ?? [];
    if (when === moment && file !== undefined) files.set(file, new TextEncoder().encode(content));
  }
  const raw: RawCgroup = { id: { path: '/measured', inode: 0 }, read: (file) => files.get(file) };
  const sample = sampleCgroup(raw, version, true);
  if (sample.faults.length > 0) throw new Error(sample.faults.join('\n'));
  return { sample, usage: usageOf(sample) };
}

function numberOf(output: string, name: string): number {
  const number = new RegExp(`^==== ${name}\n(\\d+)$`, 'm').exec(output)?.[1];
  if (number === undefined) throw new Error(`no ${name} in:\n${output}`);
  return Number(number);
}
