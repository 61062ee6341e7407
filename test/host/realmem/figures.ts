/** Compares a container in a report with the kernel's figures. */
import assert from 'node:assert/strict';
import type { NodeReport, OtherReport } from '../../../src/model/report.ts';
import type { Memory } from '../machine/cgroups.ts';
import { fileBytes, mebibyte, tmpfsBytes } from '../runtimes/container.ts';

/** A container, or any cgroup. */
export interface Target {
  readonly cgroup: string;
}

/** Its entry in the report. Undefined without one. */
export const entryOf = ({ others }: NodeReport, { cgroup }: Target): OtherReport | undefined =>
  others.find((other) => other.cgroup === cgroup);

export function assertListed(report: NodeReport, container: Target, name: string): OtherReport {
  const entry = entryOf(report, container);
  assert.ok(entry !== undefined, `${container.cgroup} is not in the report of ${report.observed.at}`);
  assert.deepEqual({ type: entry.type, name: entry.name }, { type: 'container', name });
  return entry;
}

/** Exact to the byte, because the figures did not change while the agent made the report. */
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

/** The claim of the article, for a container that runs `rereads`: real contains the tmpfs and no page cache. */
export function assertTmpfsWithoutCache(report: NodeReport, container: Target): void {
  const { realBytes = 0, workingSetBytes = 0, shmemBytes = 0 } = entryOf(report, container) ?? {};
  assert.ok(
    shmemBytes >= tmpfsBytes,
    `expected shmem of at least ${tmpfsBytes} bytes (the tmpfs), got ${shmemBytes}`,
  );
  assert.ok(
    realBytes >= tmpfsBytes,
    `expected real of at least ${tmpfsBytes} bytes (the tmpfs), got ${realBytes}`,
  );
  // Kernel memory and the shell add a few MiB.
  assert.ok(
    realBytes < tmpfsBytes + 10 * mebibyte,
    `expected real of tmpfs and shell alone, got ${realBytes} bytes`,
  );
  const hidden = workingSetBytes - realBytes;
  assert.ok(
    hidden >= fileBytes,
    `expected a working set ${fileBytes} bytes (the file) above real, got ${hidden} above`,
  );
}

/** Asserts equal text. On a difference it prints only the lines that differ: a whole report is too long to read. */
export function assertSameLines(actual: string, expected: string): void {
  if (actual === expected) return;
  const [mine, theirs] = [actual.split('\n'), expected.split('\n')];
  const at = theirs.findIndex((line, index) => line !== mine[index]);
  assert.fail(`line ${at + 1}: expected\n${theirs.slice(at, at + 8).join('\n')}\ngot\n${mine[at]}`);
}

/** A line for the log of a test run. */
export function describe(report: NodeReport, container: Target): string {
  const { usageBytes, workingSetBytes, realBytes } = entryOf(report, container) ?? {};
  return `${container.cgroup}: usage ${usageBytes}, working set ${workingSetBytes}, real ${realBytes}`;
}
