/** Parses the output of the procps tools. */
import assert from 'node:assert/strict';
import { requireTools, run } from './command.ts';

export const requireProcps = (): void => requireTools('ps', 'top', 'pmap', 'free');

/** One column of a table of all processes, for the given processes. */
function column(table: string, heading: string, pids: readonly number[]): readonly number[] {
  const lines = table.split('\n').map((line) => line.trim().split(/\s+/));
  const head = lines.findIndex((cells) => cells.includes('PID') && cells.includes(heading));
  const [pidAt, at] = ['PID', heading].map((name) => lines[head]?.indexOf(name) ?? -1) as [number, number];
  const rows = new Map(lines.slice(head + 1).map((cells) => [Number(cells[pidAt]), cells[at] ?? '']));
  return pids.map((pid) => {
    const cell = rows.get(pid) ?? '';
    // A value with a unit is rounded. None of ours is that large.
    assert.match(cell, /^\d+$/, `${heading} of ${pid}`);
    return Number(cell);
  });
}

/** In KiB, by process. */
export const psRss = (pids: readonly number[]): readonly number[] => column(run(['ps', 'aux']), 'RSS', pids);

/** In KiB, by process. */
export const topRes = (pids: readonly number[]): readonly number[] =>
  column(run(['top', '-b', '-n1']), 'RES', pids);

export interface Pmap {
  /** KiB each. */
  readonly mapped: number;
  readonly writablePrivate: number;
  readonly shared: number;
}

export function pmap(pid: number): Pmap {
  const text = run(['pmap', '-d', String(pid)]);
  const found = /^mapped: (\d+)K +writeable\/private: (\d+)K +shared: (\d+)K$/m.exec(text);
  assert.ok(found !== null, `pmap -d ${pid} prints no sums: ${text}`);
  const [mapped = 0, writablePrivate = 0, shared = 0] = found.slice(1).map(Number);
  return { mapped, writablePrivate, shared };
}

/** The first line of `free`, in bytes by column. */
export function free(): Readonly<Record<string, number>> {
  const [headings = [], cells = []] = run(['free', '--bytes', '--wide'])
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  assert.equal(cells[0], 'Mem:');
  return Object.fromEntries(headings.map((heading, index) => [heading, Number(cells[index + 1])]));
}

/** The version as three numbers. */
export function procpsVersion(): readonly number[] {
  const found = /procps-ng (\d+)\.(\d+)\.(\d+)/.exec(run(['free', '--version']));
  assert.ok(found !== null, 'expected free of procps-ng, got another one');
  return found.slice(1).map(Number);
}
