/** Many nodes, and the seconds of their lives. */
import { CountingApi } from './api.ts';
import { advance, settled } from './clock.ts';
import { type NodeOptions, SimulatedNode } from './node.ts';
import { usual } from './pods.ts';

export interface FleetOptions
  extends Partial<Pick<NodeOptions, 'nodes' | 'pods' | 'shape' | 'annotateEach'>> {
  /** So many of the nodes live; the others are counted by the cluster alone. */
  readonly living?: number;
  readonly seconds: number;
  readonly seed?: number;
}

/** Some midnight. */
const beginMs = Date.UTC(2026, 0, 5);

export class Fleet {
  readonly api: CountingApi;
  readonly nodes: readonly SimulatedNode[];
  second = 0;

  constructor({ nodes = 5_000, living = nodes, seconds, seed = 1, ...more }: FleetOptions) {
    this.api = new CountingApi(beginMs, seconds);
    this.nodes = Array.from({ length: living }, (_, index) => {
      const options = { pods: 30, shape: usual, annotateEach: 4, ...more, index, nodes, seed, at: beginMs };
      return new SimulatedNode(options, this.api);
    });
  }

  get at(): number {
    return beginMs + 1000 * this.second;
  }

  /** Lives so many seconds; in each, what is to happen happens before the agents make their reports. */
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

  /** As if the agents had been there for long: each pod has its annotations. */
  annotateAll(): void {
    for (const node of this.nodes) node.annotateAll(this.at);
  }
}
