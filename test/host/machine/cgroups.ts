/** Reads the cgroups of this machine without the code under test. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Cleanup } from './cleanup.ts';
import { endProcesses, until, untilNow } from './command.ts';

interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  readonly accountsMemory: boolean;
}

const hierarchies: readonly Hierarchy[] = fs
  .readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, mountPoint = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup')
      return { version: 1, mountPoint, accountsMemory: options.split(',').includes('memory') };
    if (type !== 'cgroup2') return [];
    const controllers = fs.readFileSync(`${mountPoint}/cgroup.controllers`, 'utf8');
    return { version: 2, mountPoint, accountsMemory: controllers.trim().split(' ').includes('memory') };
  });

/** The hierarchy of the memory controller. */
function memoryHierarchy(): Hierarchy {
  const found = hierarchies.find(({ accountsMemory }) => accountsMemory);
  assert.ok(found !== undefined, 'this machine has no cgroup mount with the memory controller');
  return found;
}

/** The directory of a cgroup in that hierarchy. */
export const directoryOf = (cgroup: string): string => `${memoryHierarchy().mountPoint}${cgroup}`;

/** The memory cgroup of a process, as the kernel reports it. */
export function cgroupOf(pid: number): string {
  const lines = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const wanted = memoryHierarchy().version === 1 ? /^\d+:(?:[^:]+,)?memory(?:,[^:]+)?:(.+)$/ : /^0::(.+)$/;
  const found = lines.map((line) => wanted.exec(line)?.[1]).find((cgroup) => cgroup !== undefined);
  assert.ok(found !== undefined, `process ${pid} has no memory cgroup: ${lines.join(' ')}`);
  return found;
}

export interface Memory {
  readonly usage: number;
  readonly activeFile: number;
  readonly inactiveFile: number;
  readonly shmem: number;
}

export function readMemory(cgroup: string): Memory {
  const read = (file: string): string => fs.readFileSync(`${directoryOf(cgroup)}/${file}`, 'utf8');
  const v1 = memoryHierarchy().version === 1;
  const usage = Number(read(v1 ? 'memory.usage_in_bytes' : 'memory.current'));
  const stat = new Map(
    read('memory.stat')
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  const figure = (key: string): number => Number(stat.get(v1 ? `total_${key}` : key));
  return {
    usage,
    activeFile: figure('active_file'),
    inactiveFile: figure('inactive_file'),
    shmem: figure('shmem'),
  };
}

/**
 * Repeats an action until the figures of these cgroups are equal before and after it, and returns both. Freezing is not
 * enough: a little later the kernel takes back the pages that it precharged for a cgroup on each CPU.
 */
export async function whileUnchanged<Value>(
  cgroups: readonly string[],
  act: () => Value | Promise<Value>,
): Promise<{ readonly memory: readonly Memory[]; readonly value: Value }> {
  return until(`${cgroups.join(', ')} to keep their figures`, async () => {
    const before = cgroups.map(readMemory);
    const value = await act();
    const memory = cgroups.map(readMemory);
    return isDeepStrictEqual(before, memory) ? { memory, value } : undefined;
  });
}

/** Creates a cgroup for this test, which may create others below. @returns its path */
export function ownCgroup(cleanup: Cleanup): string {
  const cgroup = `/realmem-test-${process.pid}`;
  cleanup.add(() => removeTree(directoryOf(cgroup)));
  makeCgroup(cgroup);
  return cgroup;
}

export function makeCgroup(cgroup: string): void {
  const directory = directoryOf(cgroup);
  // On v2 a cgroup has memory files only if its parent enables the controller.
  if (memoryHierarchy().version === 2)
    fs.writeFileSync(`${path.dirname(directory)}/cgroup.subtree_control`, '+memory');
  fs.mkdirSync(directory);
}

/** On v1 it limits memory, and memory plus swap, like the kubelet. @param limit in bytes */
export function setLimit(cgroup: string, limit: number): void {
  const files =
    memoryHierarchy().version === 1
      ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']
      : ['memory.max'];
  for (const file of files) fs.writeFileSync(`${directoryOf(cgroup)}/${file}`, String(limit));
}

export const removeCgroup = (cgroup: string): void => fs.rmdirSync(directoryOf(cgroup));

/**
 * A runtime leaves its top cgroup in every hierarchy after its containers are gone. This removes it at the end, if it did
 * not exist before and is empty.
 */
export function removeParentLater(cleanup: Cleanup, parent: string): void {
  const made = hierarchies
    .map(({ mountPoint }) => `${mountPoint}${parent}`)
    .filter((directory) => !fs.existsSync(directory));
  cleanup.add(() => {
    for (const directory of made) if (isEmpty(directory)) fs.rmdirSync(directory);
  });
}

const isEmpty = (directory: string): boolean =>
  fs.existsSync(directory) &&
  !fs.readdirSync(directory, { withFileTypes: true }).some((entry) => entry.isDirectory());

/** Kills all processes in a container's cgroup, and removes it. The runtime may do the same at that moment. */
export function clearCgroup(cgroup: string): void {
  const directories = hierarchies.map(({ mountPoint }) => `${mountPoint}${cgroup}`);
  // On v1 even SIGKILL has no effect on a frozen process.
  for (const directory of directories) {
    const state = `${directory}/freezer.state`;
    if (fs.existsSync(state)) unlessGone(() => fs.writeFileSync(state, 'THAWED'));
  }
  for (const directory of directories) {
    const pids = unlessGone(() => fs.readFileSync(`${directory}/cgroup.procs`, 'utf8')) ?? '';
    endProcesses(pids.split('\n').filter(Boolean).map(Number), 0);
  }
  for (const directory of directories) removeTree(directory);
}

/** The kernel refuses to remove files of a cgroup, and directories with children. */
function removeTree(directory: string): void {
  for (const entry of unlessGone(() => fs.readdirSync(directory, { withFileTypes: true })) ?? [])
    if (entry.isDirectory()) removeTree(`${directory}/${entry.name}`);
  // The kernel counts the last process of a cgroup a moment longer than it runs: EBUSY.
  const isRemoved = (): boolean => {
    try {
      unlessGone(() => fs.rmdirSync(directory));
      return true;
    } catch {
      return false;
    }
  };
  assert.ok(untilNow(isRemoved, 5), `could not remove ${directory}`);
}

/** Undefined if the file is gone. */
function unlessGone<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENODEV') return undefined;
    throw error;
  }
}
