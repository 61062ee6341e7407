/** The same reads in C: what the kernel itself takes. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hotFiles } from '../../src/sample/cgroup.ts';
import type { NodeTree } from './node-tree.ts';
import type { Contestant } from './product.ts';

const cacheKeys = {
  1: ['total_active_file', 'total_inactive_file'],
  2: ['active_file', 'inactive_file'],
} as const;

/** The C program, compiled here and now; it runs until `close`. */
export class Baseline {
  private readonly child;
  private readonly answers: AsyncIterator<string>;

  constructor(node: NodeTree) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-bench-'));
    try {
      const program = path.join(directory, 'pass');
      const source = fileURLToPath(new URL('pass.c', import.meta.url));
      const { status, error, stderr } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`the C baseline does not compile: ${error?.message ?? stderr}`);
      this.child = spawn(program, [...cacheKeys[node.version], ...hotFiles[node.version]], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
    this.child.stdin.write(node.cgroups.map((cgroup) => `${node.directory}${cgroup}\n`).join(''));
    this.child.stdin.write('\n');
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  readonly read: Contestant = async (passes) => (await this.ask('read', passes)).microseconds;
  readonly parse: Contestant = async (passes) => (await this.ask('parse', passes)).microseconds;
  readonly real = async (): Promise<number> => (await this.ask('parse', 1)).real;

  private async ask(
    command: 'read' | 'parse',
    passes: number,
  ): Promise<{ microseconds: number; real: number }> {
    this.child.stdin.write(`${command} ${passes}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error('the C baseline ended early');
    const [nanoseconds, real] = value.split(' ').map(Number) as [number, number];
    return { microseconds: nanoseconds / 1000, real };
  }

  close(): void {
    this.child.stdin.end();
  }
}
