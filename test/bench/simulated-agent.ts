/** What an agent computes in its passes over a node without a host. */
import { account } from '../../src/account/account.ts';
import { realOf } from '../../src/account/memory.ts';
import { checkpointParts } from '../../src/checkpoint/write.ts';
import { identify, Names } from '../../src/identify/names.ts';
import type { Judged, Observation } from '../../src/model/observation.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { publishedOf } from '../../src/publish/publish.ts';
import { Advice } from '../../src/recommend/advice.ts';
import { judgeAmong } from '../../src/recommend/verdict.ts';
import { buildReport } from '../../src/report/build.ts';
import { History } from '../../src/usage/history.ts';
import { monday } from '../usage/made/played.ts';
import { containersPerPod, SimulatedNode } from '../usage/made/simulated-node.ts';

const context = { realOf, pageBytes: 4096, lru: 'classic' } as const;

export class SimulatedAgent {
  readonly containers: number;
  /** The most CPU time that each stage took between two points where other events can come, in milliseconds. */
  readonly longest = new Map<string, number>();
  private readonly node: SimulatedNode;
  private names: Names;
  private readonly history = new History();
  private readonly advice = new Advice(this.history);
  private at = monday + 0.123;
  private last: readonly Observation[] = [];

  constructor(pods: number) {
    this.node = new SimulatedNode(pods);
    this.names = new Names(this.node.pods);
    this.containers = pods * containersPerPod;
    this.report(0);
  }

  /** @param seconds since the last pass */
  sample(seconds: number): void {
    this.at += seconds;
    // Other values each time cost more to make up than to observe.
    if (this.last.length === 0 || seconds > 1) this.last = this.node.observe(this.at);
    this.stretch('sample', () => this.history.sampled(this.last, context, this.names.pods, this.at * 1000));
  }

  report(seconds: number): NodeReport {
    this.sample(seconds);
    const [at, { history }] = [this.at * 1000, this];
    const identified = this.stretch('identify', () => {
      const found = identify(this.last, this.names);
      history.identified(found, at);
      return found;
    });
    const accounted = this.stretch('account', () => {
      const found = account(identified, history);
      history.accounted(found, at);
      return found;
    });
    const judgeOne = judgeAmong(accounted, history, (id) => this.advice.on(id, at), at);
    const judged: Judged[] = [];
    for (const one of accounted) judged.push(this.stretch('recommend', () => judgeOne(one)));
    const report = this.stretch('report', () =>
      buildReport({
        ...{ node: 'n', observed: { agent: 'bench', at: rfc3339(at) }, accounted: judged },
        killsOf: (podUID, name) => history.killsOf(podUID, name),
        ...{ skipped: [], conditions: [] },
      }),
    );
    this.stretch('publish', () => publishedOf(report));
    const parts = checkpointParts({ node: 'n', at: this.at, ...history.kept() });
    while (this.stretch('checkpoint', () => parts.next()).done !== true);
    return report;
  }

  replace(pods: number): void {
    this.node.replace(pods);
    this.last = this.node.observe(this.at);
    this.names = new Names(this.node.pods, this.names.sandboxes);
  }

  private stretch<Made>(stage: string, work: () => Made): Made {
    const before = process.threadCpuUsage();
    const made = work();
    const { user, system } = process.threadCpuUsage(before);
    this.longest.set(stage, Math.max((user + system) / 1000, this.longest.get(stage) ?? 0));
    return made;
  }
}
