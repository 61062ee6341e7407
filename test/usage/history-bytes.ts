/**
 * Prints the bytes of heap that the history of a container takes, with its part of its pod and its sandbox, after garbage
 * collection. Arguments: the number of pods, of their workloads, and of days. A pod has two containers.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { account } from '../../src/account/account.ts';
import { realOf } from '../../src/account/memory.ts';
import { identify, Names } from '../../src/identify/names.ts';
import { History } from '../../src/usage/history.ts';
import { day, hour, monday } from './played.ts';
import { containersPerPod, SimulatedNode } from './simulated-node.ts';

const [pods, workloads, days] = process.argv.slice(2).map(Number) as [number, number, number];
/** One sample in each of the five minutes that a histogram counts, on the last days. */
const stepSeconds = 300;
/** Before them a sample an hour makes the same entries: more samples only raise counts and peaks, which take no more bytes. */
const denseSeconds = 4 * day;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
function held(): number {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const node = new SimulatedNode(pods, workloads);
const names = new Names(node.pods);
const context = { realOf, pageBytes: 4096, lru: 'classic' } as const;

function observe(history: History, seconds: number): void {
  const denseFrom = seconds - denseSeconds;
  for (let second = 0; second < seconds; second += second < denseFrom ? hour : stepSeconds) {
    // Passes begin at fractions of a second.
    const at = monday + second + 0.123;
    const observations = node.observe(at);
    history.sampled(observations, context, node.pods, at * 1000);
    if (second % hour !== 0) continue;
    const identified = identify(observations, names);
    history.identified(identified, at * 1000);
    history.accounted(account(identified, history), at * 1000);
  }
}

// The code, and what the engine keeps for it, does not count.
observe(new History(), 2 * hour);
const before = held();
const history = new History();
observe(history, days * day);
const bytes = Math.round((held() - before) / containersPerPod / pods);
const kept = [...history.kept().aggregates].length;
process.stdout.write(`${JSON.stringify({ containers: containersPerPod * pods, names: kept, bytes })}\n`);
