/** What a report says of a container, held against what the kernel says. */
import assert from 'node:assert/strict';
import type { NodeReport, OtherReport } from '../../src/model/report.ts';
import type { Memory } from './cgroups.ts';
import { kept, mebibyte, reread } from './container.ts';

/** A container, or any cgroup. */
export interface Target {
  readonly cgroup: string;
}

/** Its line in the report; undefined where it has none. */
export const entryOf = ({ others }: NodeReport, { cgroup }: Target): OtherReport | undefined =>
  others.find((other) => other.cgroup === cgroup);

export function assertListed(report: NodeReport, container: Target, name: string): OtherReport {
  const entry = entryOf(report, container);
  assert.ok(entry !== undefined, `${container.cgroup} is not in the report of ${report.observed.at}`);
  assert.deepEqual({ type: entry.type, name: entry.name }, { type: 'container', name });
  return entry;
}

/** To the byte: from figures that did not change while the report was made. */
export function assertExact(report: NodeReport, container: Target, memory: Memory | undefined): void {
  assert.ok(memory !== undefined);
  const { usage, activeFile, inactiveFile, shmem } = memory;
  const entry = entryOf(report, container);
  const { usageBytes, realBytes, workingSetBytes, activeFileBytes, inactiveFileBytes, shmemBytes } =
    entry ?? {};
  assert.deepEqual(
    { usageBytes, realBytes, workingSetBytes, activeFileBytes, inactiveFileBytes, shmemBytes },
    {
      usageBytes: usage,
      realBytes: usage - activeFile - inactiveFile,
      workingSetBytes: usage - inactiveFile,
      activeFileBytes: activeFile,
      inactiveFileBytes: inactiveFile,
      shmemBytes: shmem,
    },
  );
}

/** The founding document's claim, for a container that runs `rereads`. */
export function assertTmpfsStaysAndCacheGoes(report: NodeReport, container: Target): void {
  const { realBytes = 0, workingSetBytes = 0, shmemBytes = 0 } = entryOf(report, container) ?? {};
  assert.ok(shmemBytes >= kept, `shmem ${shmemBytes}`);
  assert.ok(realBytes >= kept, `real ${realBytes} is without the tmpfs`);
  // Kernel memory and the shell come on top: a few MiB.
  assert.ok(realBytes < kept + 10 * mebibyte, `real ${realBytes} is more than the tmpfs and the shell`);
  const hidden = workingSetBytes - realBytes;
  assert.ok(hidden >= reread, `the working set ${workingSetBytes} has only ${hidden} of the file in it`);
}

/** The same text; if not, where the two part: a whole report is too long to be looked at. */
export function assertSameLines(actual: string, expected: string): void {
  if (actual === expected) return;
  const [mine, theirs] = [actual.split('\n'), expected.split('\n')];
  const at = theirs.findIndex((line, index) => line !== mine[index]);
  assert.fail(`line ${at + 1}: expected\n${theirs.slice(at, at + 8).join('\n')}\ngot\n${mine[at]}`);
}

/** For the record of a run. */
export function describe(report: NodeReport, container: Target): string {
  const { usageBytes, workingSetBytes, realBytes } = entryOf(report, container) ?? {};
  return `${container.cgroup}: usage ${usageBytes}, working set ${workingSetBytes}, real ${realBytes}`;
}
