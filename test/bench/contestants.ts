/** Who runs: the product's own pass, and what it is measured against. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { account } from '../../src/account/account.ts';
import { sample } from '../../src/app/sample.ts';
import { CgroupTree } from '../../src/edges/cgroup-tree.ts';
import { codeOf } from '../../src/edges/errors.ts';
import type { Cgroups, Host } from '../../src/edges/host.ts';
import { Peaks } from '../../src/history/peaks.ts';
import { identify, Names } from '../../src/identify/names.ts';
import type { RawCgroup } from '../../src/model/cgroup.ts';
import { hotFiles } from '../../src/sample/cgroup.ts';
import type { NodeTree } from './node-tree.ts';

/** What some passes came to. */
export interface Turn {
  readonly nanoseconds: number;
  /** The real memory of all cgroups in the last pass: all that compute it must find the same. */
  readonly real?: number;
}

export interface Contestant {
  run(passes: number): Turn | Promise<Turn>;
}

type Tree = Cgroups['tree'];

/** All that a tick does which makes no report. */
export function pass(node: NodeTree, tree: Tree, detailed: boolean): Contestant {
  const { version } = node;
  const host: Host = {
    name: 'bench',
    kernel: undefined,
    cgroups: { version, tree, mountPoint: node.directory, mountRoot: '/' },
    why: undefined,
    mountTable: undefined,
    recording: undefined,
    meminfo: () => undefined,
    recorded: () => undefined,
    close: () => tree.close(),
  };
  const names = new Names(node.pods);
  const peaks = new Peaks();
  const once = () => {
    const sampled = sample(host, detailed);
    return { sampled, remembered: peaks.remember(account(identify(sampled.sightings, names))) };
  };
  return {
    run(passes) {
      const start = process.hrtime.bigint();
      let last = once();
      for (let i = 1; i < passes; i++) last = once();
      const nanoseconds = Number(process.hrtime.bigint() - start);
      const { sampled, remembered } = last;
      if (sampled.faults.length > 0 || remembered.length !== node.cgroups.length)
        throw new Error(`a pass found ${remembered.length} of ${node.cgroups.length} cgroups`);
      const real = remembered.reduce((sum, { usage }) => sum + (usage.realBytes ?? Number.NaN), 0);
      return { nanoseconds, real };
    },
  };
}

/** The product's tree, on the node's own root. */
export const keptOpen = (node: NodeTree): Tree =>
  new CgroupTree({
    directory: node.directory,
    root: '/',
    live: true,
    hotFiles: hotFiles[node.version],
    maxOpen: Number.POSITIVE_INFINITY,
  });

/** The same files of the same cgroups, the list of them given, each file read by its path. */
export function readByPath(node: NodeTree): Tree {
  const cgroups: readonly RawCgroup[] = node.cgroups.map((cgroup) => {
    const directory = `${node.directory}${cgroup}`;
    const absent = new Set<string>();
    return {
      id: { path: cgroup, inode: fs.statSync(directory).ino },
      read(file) {
        if (absent.has(file)) return undefined;
        try {
          return fs.readFileSync(`${directory}/${file}`);
        } catch (error) {
          if (codeOf(error) !== 'ENOENT') throw error;
          absent.add(file);
          return undefined;
        }
      },
    };
  });
  return {
    walk(visit) {
      for (const cgroup of cgroups) visit(cgroup);
      return [];
    },
    close() {},
  };
}

const cacheKeys = {
  1: ['total_active_file', 'total_inactive_file'],
  2: ['active_file', 'inactive_file'],
} as const;

/** The C program, compiled here and now; it runs until `close`. */
export class Baseline {
  private readonly child;
  private readonly answers: AsyncIterator<string>;

  constructor(node: NodeTree, scratch: string) {
    const program = path.join(scratch, 'pass');
    const source = fileURLToPath(new URL('pass.c', import.meta.url));
    const { status, error, stderr } = spawnSync('cc', ['-O2', '-o', program, source], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the C baseline does not compile: ${error?.message ?? stderr}`);
    const list = path.join(scratch, 'cgroups');
    fs.writeFileSync(list, node.cgroups.map((cgroup) => `${node.directory}${cgroup}\n`).join(''));
    this.child = spawn(program, [list, ...cacheKeys[node.version], ...hotFiles[node.version]], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  contestant(command: 'read' | 'parse'): Contestant {
    return {
      run: async (passes) => {
        this.child.stdin.write(`${command} ${passes}\n`);
        const { value, done } = await this.answers.next();
        if (done) throw new Error('the C baseline ended early');
        const [nanoseconds, real] = value.split(' ').map(Number) as [number, number];
        return command === 'parse' ? { nanoseconds, real } : { nanoseconds };
      },
    };
  }

  close(): void {
    this.child.stdin.end();
  }
}
