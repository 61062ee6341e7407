/**
 * A contestant that runs passes of realmem. It reads files over open descriptors (`kept`) or by path (`by-path`). `tick` is the pass of a
 * running agent, which reads only what can have changed. `all` reads everything. runner.ts starts it, and describes its input and output.
 */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { account } from '../../src/account/account.ts';
import { isExplained } from '../../src/account/residual.ts';
import { type Node, tick } from '../../src/agent/tick.ts';
import { CgroupTree } from '../../src/edges/cgroup-tree.ts';
import type { Cgroups } from '../../src/edges/host.ts';
import { Names } from '../../src/identify/names.ts';
import type { RawCgroup } from '../../src/model/cgroup.ts';
import { codeOf } from '../../src/model/located-error.ts';
import { Advice } from '../../src/recommend/advice.ts';
import { hotFiles } from '../../src/sample/cgroup.ts';
import { sample } from '../../src/sample/host.ts';
import { Reuse } from '../../src/sample/reuse/reuse.ts';
import { Selection } from '../../src/sample/selection.ts';
import { History } from '../../src/usage/history.ts';
import type { NodeTree } from './node-tree.ts';

type Tree = Cgroups['tree'];
type Standing = Pick<NodeTree, 'version' | 'directory' | 'pods' | 'cgroups'>;

/** realmem's own tree, on the root of the node. */
const keptOpen = (node: Standing): Tree =>
  new CgroupTree({
    directory: node.directory,
    root: '/',
    live: true,
    hotFiles: hotFiles[node.version],
    maxOpen: Number.POSITIVE_INFINITY,
  });

/** Reads the same files of the same cgroups from a given list, each file by its path. */
function readByPath(node: Standing): Tree {
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
    *scan() {
      yield* cgroups;
    },
    close() {},
  };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const standing = JSON.parse(String((await lines.next()).value)) as Standing;
const tree = process.argv[2] === 'kept' ? keptOpen(standing) : readByPath(standing);
const history = new History();
const product: Node = {
  host: {
    name: 'bench',
    kernel: undefined,
    cgroups: { version: standing.version, tree, mountPoint: standing.directory, mountRoot: '/' },
    why: undefined,
    mountTable: undefined,
    recording: undefined,
    meminfo: () => undefined,
    lruGen: () => 'none',
    arcstats: () => undefined,
    recorded: () => undefined,
    containerName: () => undefined,
    close: () => tree.close(),
  },
  names: { names: new Names(standing.pods), state: () => undefined, close: () => {} },
  history,
  advice: new Advice(history),
  conditions: () => [],
  selection: new Selection(),
  about: { node: 'bench', agent: 'bench', conditions: [] },
  sinks: [],
};

const agent: Node = { ...product, reuse: new Reuse((one) => isExplained(one, undefined)) };
let hasReported = false;

async function pass(command: string): Promise<void> {
  // As in an agent, the first pass reports.
  if (command === 'tick' && !hasReported) sample(agent.host, true, agent.selection, agent.reuse);
  hasReported ||= command === 'tick';
  const { faults } =
    command === 'detailed'
      ? sample(product.host, true)
      : await tick(command === 'tick' ? agent : product, 0, false);
  if (faults[0] !== undefined) throw new Error(`${faults[0].cgroup}: ${faults[0].why}`);
}

/** The sum over all cgroups. */
function real(): number {
  const { observations } = sample(product.host, false);
  if (observations.length !== standing.cgroups.length)
    throw new Error(`found ${observations.length} of ${standing.cgroups.length} cgroups`);
  return account(observations).reduce((sum, { usage }) => sum + (usage.realBytes ?? Number.NaN), 0);
}

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const [command = '', passes] = line.split(' ');
  // CPU time of all threads, because the garbage collector counts too.
  const before = process.cpuUsage();
  if (command !== 'real') for (let i = 0; i < Number(passes); i++) await pass(command);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) * 1000} ${command === 'real' ? real() : 0}\n`);
}
