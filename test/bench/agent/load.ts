/** The load of a busy node: a process in each container that touches memory and files. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeTree } from '../node-tree.ts';

/** Each process waits so long between two touches: all of them together use a small part of one core. */
const pauseMs = 500;

/** Compiles the program. @returns starts the load, and returns a function that ends it */
export function loadOf(tree: NodeTree, scratch: string): () => Promise<() => Promise<void>> {
  const program = path.join(scratch, 'load');
  const source = fileURLToPath(new URL('load.c', import.meta.url));
  const { status, error, stderr } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the load does not compile: ${error?.message ?? stderr}`);
  const containers = new Set(tree.pods.flatMap(({ containers }) => containers.flatMap(({ ids }) => ids)));
  const cgroups = tree.cgroups.filter((cgroup) => containers.has(path.basename(cgroup)));
  return async () => {
    const files = fs.mkdtempSync(path.join(scratch, 'load-'));
    const procs = cgroups.map((cgroup) => `${tree.directory}${cgroup}/cgroup.procs`);
    const child = spawn(program, [files, String(pauseMs), ...procs], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    // It says when every process is in its cgroup.
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the load ended with ${code}`))),
    ]);
    return async () => {
      process.off('exit', kill);
      kill();
      if ((child.exitCode ?? child.signalCode) === null) await once(child, 'exit');
      fs.rmSync(files, { recursive: true });
    };
  };
}
