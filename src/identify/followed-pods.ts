/** The pods of this node as the API last told, and how long ago that was. */

import type { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import type { LargeObject } from '../kube/large-object.ts';
import { type Change, type Listing, Watch, type WatchWorld } from '../kube/watch.ts';
import { clipped } from '../model/text.ts';
import { KeptPods } from './kept-pods.ts';
import { Names } from './names.ts';

/** A watch that hears nothing for two minutes asks again, and is answered in half a minute or not at all. */
const longestSilenceMs = 150_000;

export class Pods {
  private readonly kept = new KeptPods();
  private readonly node: string | undefined;
  /** Why the last list was not read to its end. */
  private cut: string | undefined;
  /** So many pods of other nodes came. */
  private foreign = 0;
  private index: Names | undefined;
  /** When the API last answered; undefined: never. */
  inStepAt: number | undefined;
  /** Why it does not, since then. */
  fault: ApiError | undefined;

  /** @param node whose pods they are. Undefined: of any. */
  constructor(node?: string) {
    this.node = node;
  }

  /** Kept as long as the API is silent: a name does not change. */
  get names(): Names {
    this.index ??= new Names(this.kept.pods());
    return this.index;
  }

  /** Pods that are not kept, the first of them, and why. */
  get faults(): readonly string[] {
    const foreign = `${this.foreign} pods of other nodes came, which were not asked for`;
    return [
      ...(this.cut === undefined ? [] : [this.cut]),
      ...(this.foreign === 0 ? [] : [foreign]),
      ...this.kept.faults,
    ];
  }

  /** How many pods are not kept beside `faults`. */
  get moreFaults(): number {
    return this.kept.moreFaults;
  }

  /** Since when, and why, what is known may be old; undefined: it is what the API knows. */
  outOfStep(at: number): string | undefined {
    if (this.inStepAt === undefined) return `ever: ${this.fault?.message ?? 'there is no answer yet'}`;
    const silentMs = at - this.inStepAt;
    if (this.fault === undefined && silentMs <= longestSilenceMs) return undefined;
    return `for ${Math.round(silentMs / 1000)} s: ${this.fault?.message ?? 'nothing was heard since'}`;
  }

  list(): Listing {
    this.kept.begin();
    this.cut = undefined;
    this.foreign = 0;
    return {
      add: (object) => this.take(object),
      large: (object) => this.kept.refuse(uidOf(object), whyLarge(object)),
      cut: (why) => {
        this.cut = `the list of pods is not read to its end: ${why}`;
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

/** Longer than any. */
const longestUid = 253;

function uidOf(object: unknown): string {
  const uid = (object as { metadata?: { uid?: unknown } } | undefined)?.metadata?.uid;
  return typeof uid === 'string' ? clipped(uid, longestUid) : '';
}

const whyLarge = ({ metadata: { namespace = '?', name = '?' }, why }: LargeObject): string =>
  `pod ${namespace}/${name}: ${why}`;

export interface FollowWorld extends WatchWorld {
  /** There is a list. */
  readonly listed: () => void;
  readonly inStep?: (at: number) => void;
  readonly outOfStep?: (fault: ApiError, call: 'list' | 'watch') => void;
}

/** Keeps `pods` in step with those of one node, until the signal. */
export function followPods(
  kube: Kube,
  node: string,
  pods: Pods,
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
