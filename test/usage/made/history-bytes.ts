/**
 * Prints the bytes of heap that the history of a node takes, with its part of each pod and sandbox, in the steady state of an
 * agent and after a restart. Arguments: the number of pods, of their workloads, and of days. A pod has two containers.
 *
 * Two sizes give the bytes per container: what does not grow with the node, such as code, is in both and cancels out.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { account } from '../../../src/account/account.ts';
import { realOf } from '../../../src/account/memory.ts';
import { decodeCheckpoint } from '../../../src/checkpoint/read.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { identify, Names } from '../../../src/identify/names.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { History } from '../../../src/usage/history.ts';
import { day, hour, monday } from './played.ts';
import { containersPerPod, SimulatedNode } from './simulated-node.ts';

/** Bytes of heap. */
interface Weighed {
  readonly names: number;
  readonly steady: number;
  readonly restored: number;
}

/** One sample in each of the five minutes that a histogram counts. */
const stepSeconds = 300;
/** Before the last day a sample an hour makes the same entries: more samples only raise counts and peaks, which take no more bytes. */
const denseSeconds = day;
const context = { realOf, pageBytes: 4096, lru: 'classic' } as const;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** Compiled code and bytecode come and go with the calls, and not with the containers. */
const spacesOfCode = ['code_space', 'code_large_object_space', 'trusted_space', 'trusted_large_object_space'];
function held(): number {
  // The later ones free what only weak references or finished compilations held.
  for (let round = 0; round < 4; round++) gc();
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !spacesOfCode.includes(space_name))
    .reduce((sum, { space_used_size }) => sum + space_used_size, process.memoryUsage().external);
}

/** What is not of the history, and the same before and after. */
class Machine {
  readonly node: SimulatedNode;
  readonly names: Names;
  readonly first: number;
  readonly last: number;
  /** The last sample of each cgroup does not count: the sampler keeps those that it may hand over again. */
  observations: readonly Observation[] = [];

  constructor(pods: number, workloads: number, days: number) {
    this.node = new SimulatedNode(pods, workloads);
    this.names = new Names(this.node.pods);
    // Passes begin at fractions of a second.
    this.first = monday + 0.123;
    this.last = this.first + days * day;
    this.observations = this.node.observe(this.first);
    identify(this.observations, this.names);
    // A key of a set gets into one piece. The sampler and the API client have done the same with each path and name.
    new Set(this.observations.map(({ sample }) => sample.id.path));
    new Set(this.node.pods.flatMap(({ name, namespace, workload = '' }) => [name, namespace, workload]));
  }

  pass(history: History, at: number): void {
    const { node, names } = this;
    this.observations = node.observe(at);
    history.sampled(this.observations, context, node.pods, at * 1000);
    if (Math.floor(at) % hour !== 0) return;
    const identified = identify(this.observations, names);
    history.identified(identified, at * 1000);
    history.accounted(account(identified, history), at * 1000);
  }
}

/*
 * Each history is in a function of its own. A variable of the top level, or a call in the same function, would keep it in memory
 * after its last use, and so in the figure that the next one is compared with.
 */
function run(machine: Machine): { readonly bytes: number; readonly names: number; readonly text: string } {
  const before = held();
  const history = new History();
  const denseFrom = machine.last - denseSeconds;
  for (let at = machine.first; at <= machine.last; at += at < denseFrom ? hour : stepSeconds)
    machine.pass(history, at);
  const bytes = held() - before;
  const names = [...history.kept().aggregates].length;
  return { bytes, names, text: encodeCheckpoint({ node: 'n', at: machine.last, ...history.kept() }) };
}

function restored(text: string): History {
  const history = new History();
  history.restore(decodeCheckpoint('history', text));
  return history;
}

function restart(machine: Machine, text: string): number {
  const before = held();
  const history = restored(text);
  machine.pass(history, machine.last + hour);
  const bytes = held() - before;
  if (history.changes === 0) throw new Error('expected a pass');
  return bytes;
}

function weigh(pods: number, workloads: number, days: number): Weighed {
  const machine = new Machine(pods, workloads, days);
  const { bytes, names, text } = run(machine);
  return { names, steady: bytes, restored: restart(machine, text) };
}

const [pods, workloads, days] = process.argv.slice(2).map(Number) as [number, number, number];
// Compiles what a pass calls, and makes the shapes of all objects.
weigh(10, 4, 3);
process.stdout.write(
  `${JSON.stringify({ containers: containersPerPod * pods, ...weigh(pods, workloads, days) })}\n`,
);
