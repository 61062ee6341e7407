/** The product's own pass, and the same with its files read in the plain way. */
import fs from 'node:fs';
import { account } from '../../src/account/account.ts';
import { sample } from '../../src/app/sample.ts';
import { type Node, tick } from '../../src/app/tick.ts';
import { CgroupTree } from '../../src/edges/cgroup-tree.ts';
import { codeOf } from '../../src/edges/errors.ts';
import type { Cgroups } from '../../src/edges/host.ts';
import { Peaks } from '../../src/history/peaks.ts';
import { Names } from '../../src/identify/names.ts';
import type { RawCgroup } from '../../src/model/cgroup.ts';
import { hotFiles } from '../../src/sample/cgroup.ts';
import type { NodeTree } from './node-tree.ts';

/**
 * Makes so many passes. @returns the µs of CPU they took in all threads, so that the garbage collector's count and
 * those of whoever shares the machine do not
 */
export type Contestant = (passes: number) => Promise<number>;

type Tree = Cgroups['tree'];

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** A pass in the product: what a tick does, or, `detailed`, what it reads when a report is due. */
export class Product {
  private readonly node: NodeTree;
  private readonly product: Node;

  constructor(node: NodeTree, tree: Tree) {
    this.node = node;
    this.product = {
      host: {
        name: 'bench',
        kernel: undefined,
        cgroups: { version: node.version, tree, mountPoint: node.directory, mountRoot: '/' },
        why: undefined,
        mountTable: undefined,
        recording: undefined,
        meminfo: () => undefined,
        recorded: () => undefined,
        close: () => tree.close(),
      },
      names: { names: new Names(node.pods), state: () => undefined, close: () => {} },
      peaks: new Peaks(),
      about: { node: 'bench', agent: 'bench', conditions: [] },
      sinks: [],
    };
  }

  readonly tick: Contestant = async (passes) => {
    const before = process.cpuUsage();
    for (let i = 0; i < passes; i++) {
      const { faults } = await tick(this.product, i, false);
      if (faults[0] !== undefined) throw new Error(`${faults[0].cgroup}: ${faults[0].why}`);
    }
    return cpuSince(before);
  };

  readonly detailed: Contestant = async (passes) => {
    const before = process.cpuUsage();
    for (let i = 0; i < passes; i++) sample(this.product.host, true);
    return cpuSince(before);
  };

  /** The real memory of all cgroups together. */
  real(): number {
    const { sightings } = sample(this.product.host, false);
    if (sightings.length !== this.node.cgroups.length)
      throw new Error(`${sightings.length} of ${this.node.cgroups.length} cgroups were found`);
    return account(sightings).reduce((sum, { usage }) => sum + (usage.realBytes ?? Number.NaN), 0);
  }

  close(): void {
    this.product.host.close();
  }
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
