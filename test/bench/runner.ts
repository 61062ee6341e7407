/** A contestant. It is its own process, so it does not pay for the garbage of another one. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hotFiles } from '../../src/sample/cgroup.ts';
import type { NodeTree } from './node-tree.ts';

/** Reads lines `COMMAND PASSES`. Answers each with the nanoseconds of CPU that the passes took, and with real. */
export class Runner {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  /** @param input what the process reads before the first command */
  constructor(program: string, args: readonly string[], input: string) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.write(input);
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async run(command: string, passes: number): Promise<{ nanoseconds: number; real: number }> {
    this.child.stdin.write(`${command} ${passes}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`a contestant ended early: ${this.child.spawnfile}`);
    const [nanoseconds, real] = value.split(' ').map(Number) as [number, number];
    return { nanoseconds, real };
  }

  get openDescriptors(): number {
    return fs.readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  close(): void {
    this.child.stdin.end();
  }
}

/** Has the commands `tick`, `detailed` and `real`. @param way how it reads files */
export function nodeRunner({ version, directory, pods, cgroups }: NodeTree, way: 'kept' | 'by-path'): Runner {
  const script = fileURLToPath(new URL('product.ts', import.meta.url));
  const tree = JSON.stringify({ version, directory, pods, cgroups });
  return new Runner(process.execPath, [...process.execArgv, script, way], `${tree}\n`);
}

const cacheKeys = {
  1: ['total_active_file', 'total_inactive_file'],
  2: ['active_file', 'inactive_file'],
} as const;

/** Has the commands `read` and `parse`. `parse` also computes real. */
export function cRunner({ version, directory, cgroups }: NodeTree): Runner {
  const source = fileURLToPath(new URL('pass.c', import.meta.url));
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
  try {
    const program = path.join(scratch, 'pass');
    const { status, error, stderr } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the C baseline does not compile: ${error?.message ?? stderr}`);
    const list = cgroups.map((cgroup) => `${directory}${cgroup}\n`).join('');
    return new Runner(program, [...cacheKeys[version], ...hotFiles[version]], `${list}\n`);
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}
