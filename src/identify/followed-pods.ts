/** The pods of this node as the API last reported them, and the age of that report. */

import type { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import type { LargeObject } from '../kube/large-object.ts';
import { type Change, type Listing, Watch, type WatchWorld } from '../kube/watch.ts';
import type { CgroupId } from '../model/cgroup.ts';
import { clipped } from '../model/text.ts';
import { KeptPods } from './kept-pods.ts';
import { Names } from './names.ts';

/** After two minutes of silence the watch starts again, and the server answers within 30 s or not at all. */
const longestSilenceMs = 150_000;

export class FollowedPods {
  private readonly kept = new KeptPods();
  private readonly node: string | undefined;
  /** Why the last list was cut off. */
  private cut: string | undefined;
  /** Number of pods of other nodes that were ignored. */
  private foreign = 0;
  private index: Names | undefined;
  /** Shared by all indexes, which are replaced with every change. */
  private readonly sandboxes = new WeakSet<CgroupId>();
  /** When the API last answered, in monotonic milliseconds. Undefined: never. */
  inStepAt: number | undefined;
  /** The last error since then. */
  fault: ApiError | undefined;

  /** @param node accept only pods of this node. Undefined: of any node */
  constructor(node?: string) {
    this.node = node;
  }

  /** The last known names. They stay valid while the API does not answer, because names do not change. */
  get names(): Names {
    this.index ??= new Names(this.kept.pods(), this.sandboxes);
    return this.index;
  }

  /** Why pods are missing: the first messages. */
  get faults(): readonly string[] {
    const foreign = `ignored ${this.foreign} pods of other nodes, which the agent did not request`;
    return [
      ...(this.cut === undefined ? [] : [this.cut]),
      ...(this.foreign === 0 ? [] : [foreign]),
      ...this.kept.faults,
    ];
  }

  /** Number of missing pods beyond those in `faults`. */
  get moreFaults(): number {
    return this.kept.moreFaults;
  }

  /** Since when and why the pods may be stale: `for 65 s: REASON`. Undefined: they are up to date. */
  outOfStep(at: number): string | undefined {
    if (this.inStepAt === undefined) return `since the start: ${this.fault?.message ?? 'no answer yet'}`;
    const silentMs = at - this.inStepAt;
    if (this.fault === undefined && silentMs <= longestSilenceMs) return undefined;
    return `for ${Math.round(silentMs / 1000)} s: ${this.fault?.message ?? 'no event or bookmark'}`;
  }

  list(): Listing {
    this.kept.begin();
    this.cut = undefined;
    this.foreign = 0;
    return {
      add: (object) => this.take(object),
      large: (object) => this.kept.refuse(uidOf(object), whyLarge(object)),
      cut: (why) => {
        this.cut = `the list of pods was cut off: ${why}`;
      },
      done: () => {
        this.kept.complete();
        this.index = undefined;
      },
    };
  }

  change(type: Change, object: unknown): void {
    if (type !== 'ADDED') this.kept.remove(uidOf(object));
    if (type !== 'DELETED') this.take(object);
    this.index = undefined;
  }

  largeChange(type: Change, object: LargeObject): void {
    if (type !== 'ADDED') this.kept.remove(uidOf(object));
    if (type !== 'DELETED') this.kept.refuse(uidOf(object), whyLarge(object));
    this.index = undefined;
  }

  private take(object: unknown): void {
    const node = nodeOf(object);
    if (this.node !== undefined && node !== undefined && node !== this.node) this.foreign++;
    else this.kept.add(uidOf(object), object);
    this.index = undefined;
  }
}

const nodeOf = (object: unknown): unknown =>
  (object as { spec?: { nodeName?: unknown } } | undefined)?.spec?.nodeName;

/** Maximum length of a UID. */
const longestUid = 253;

function uidOf(object: unknown): string {
  const uid = (object as { metadata?: { uid?: unknown } } | undefined)?.metadata?.uid;
  return typeof uid === 'string' ? clipped(uid, longestUid) : '';
}

const whyLarge = ({ metadata: { namespace = '?', name = '?' }, why }: LargeObject): string =>
  `pod ${namespace}/${name}: ${why}`;

export interface FollowWorld extends WatchWorld {
  /** Called after each complete list. */
  readonly listed: () => void;
  readonly inStep?: (at: number) => void;
  readonly outOfStep?: (fault: ApiError, call: 'list' | 'watch') => void;
}

/** Keeps `pods` up to date with the pods of one node until the signal aborts. */
export function followPods(
  kube: Kube,
  node: string,
  pods: FollowedPods,
  world: FollowWorld,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  const watch = new Watch(
    kube,
    path,
    {
      list() {
        const listing = pods.list();
        return {
          ...listing,
          done() {
            listing.done();
            world.listed();
          },
        };
      },
      change: (type, object) => pods.change(type, object),
      largeChange: (type, object) => pods.largeChange(type, object),
      inStep(at) {
        pods.inStepAt = at;
        pods.fault = undefined;
        world.inStep?.(at);
      },
      outOfStep(fault, _, call) {
        pods.fault = fault;
        world.outOfStep?.(fault, call);
      },
    },
    world,
  );
  return watch.run(signal);
}
