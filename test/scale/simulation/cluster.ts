/** Simulates many nodes, second by second. */
import { CountingApi } from './api.ts';
import { advance, settled } from './clock.ts';
import { type NodeOptions, SimulatedNode } from './node.ts';
import { usual } from './pods.ts';

export interface ClusterOptions
  extends Partial<Pick<NodeOptions, 'nodes' | 'pods' | 'shape' | 'annotateEach'>> {
  /** The number of simulated nodes. The others exist only in the node count of the cluster. */
  readonly simulated?: number;
  readonly seconds: number;
  readonly seed?: number;
}

/** Any midnight. */
const beginMs = Date.UTC(2026, 0, 5);

export class SimulatedCluster {
  readonly api: CountingApi;
  readonly nodes: readonly SimulatedNode[];
  second = 0;

  constructor({ nodes = 5_000, simulated = nodes, seconds, seed = 1, ...more }: ClusterOptions) {
    this.api = new CountingApi(beginMs, seconds);
    this.nodes = Array.from({ length: simulated }, (_, index) => {
      const options = { pods: 30, shape: usual, annotateEach: 4, ...more, index, nodes, seed, at: beginMs };
      return new SimulatedNode(options, this.api);
    });
  }

  get at(): number {
    return beginMs + 1000 * this.second;
  }

  /** Simulates `seconds` seconds. In each one, `happen` runs before the agents make their reports. */
  async run(seconds: number, happen: (second: number) => void = () => {}): Promise<void> {
    const clocks = this.nodes.map(({ clock }) => clock);
    for (const end = this.second + seconds; this.second < end; this.second++) {
      await advance(clocks, this.at);
      happen(this.second);
      for (const node of this.nodes) node.tick(this.at);
      await settled();
    }
  }

  startAll(): void {
    for (const node of this.nodes) node.start(this.at);
  }

  /** Gives each pod its annotations, as after a long time with agents. */
  annotateAll(): void {
    for (const node of this.nodes) node.annotateAll(this.at);
  }
}
