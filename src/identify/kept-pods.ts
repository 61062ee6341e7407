/** The pods of this node, within bounds: the API can send any number of them, of any size. */

import { messageOf } from '../model/located-error.ts';
import type { Pod } from '../model/pod.ts';
import { clipped, printable } from '../model/text.ts';
import { keptPodOf } from '../pods/kept.ts';

/** A kubelet runs 110 unless told otherwise, hardly ever more than 500. Those that have ended count as well. */
const mostPods = 1_000;
/** Of all of them, as JSON: 2 KiB each. */
const mostBytes = 2 * 1024 * 1024;
/** Of those that are not kept so many are named. */
const mostNamed = 16;
const longestWhy = 640;

interface Kept {
  readonly pod: Pod;
  readonly bytes: number;
  /** What has a cgroup needs its name most: 2 runs, 1 ran, 0 has not begun. */
  readonly rank: number;
  /** In which list, or after which, it was last heard of. */
  listing: number;
}

export class KeptPods {
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;
  private listing = 0;
  /** Why some are not kept, by UID. */
  private readonly named = new Map<string, string>();
  /** How many more are not. */
  private unnamed = 0;

  pods(): readonly Pod[] {
    return [...this.kept.values()].map(({ pod }) => pod);
  }

  /** Pods that are not kept, the first of them, and why. */
  get faults(): readonly string[] {
    return [...this.named.values()];
  }

  /** How many pods are not kept beside `faults`. */
  get moreFaults(): number {
    return this.unnamed;
  }

  /** A new list begins: what is known stays until it is complete, but what it does not have gives way first. */
  begin(): void {
    this.listing++;
    this.named.clear();
    this.unnamed = 0;
  }

  /** What the list did not have is gone. */
  complete(): void {
    for (const [uid, { listing }] of this.kept) if (listing !== this.listing) this.drop(uid);
  }

  /** @param uid of the object */
  add(uid: string, object: unknown): void {
    this.drop(uid);
    this.named.delete(uid);
    try {
      const { pod, bytes } = keptPodOf(object);
      const rank = pod.containers.some(({ running }) => running)
        ? 2
        : pod.containers.some(({ ids }) => ids.length > 0)
          ? 1
          : 0;
      this.kept.set(pod.uid, { pod, bytes, rank, listing: this.listing });
      this.bytes += bytes;
      while (this.kept.size > mostPods || this.bytes > mostBytes) this.evict();
    } catch (error) {
      this.refuse(uid, messageOf(error));
    }
  }

  /** One that is not kept. */
  refuse(uid: string, why: string): void {
    this.drop(uid);
    if (this.named.size < mostNamed || this.named.has(uid))
      this.named.set(uid, printable(clipped(why, longestWhy)));
    else this.unnamed++;
  }

  /** One that is gone. */
  remove(uid: string): void {
    if (!this.drop(uid) && !this.named.delete(uid) && this.unnamed > 0) this.unnamed--;
  }

  private drop(uid: string): boolean {
    this.bytes -= this.kept.get(uid)?.bytes ?? 0;
    return this.kept.delete(uid);
  }

  /** Of those that matter least the largest: whoever fills the room with fat pods loses those. */
  private evict(): void {
    const isLess = (one: Kept, other: Kept): boolean => {
      const [isOld, isOtherOld] = [one.listing !== this.listing, other.listing !== this.listing];
      if (isOld !== isOtherOld) return isOld;
      return one.rank === other.rank ? one.bytes > other.bytes : one.rank < other.rank;
    };
    let least: Kept | undefined;
    for (const one of this.kept.values()) if (least === undefined || isLess(one, least)) least = one;
    if (least === undefined) return;
    const { uid, namespace, name } = least.pod;
    const isOld = least.listing !== this.listing;
    this.drop(uid);
    if (!isOld)
      this.refuse(
        uid,
        `pod ${namespace}/${name}: ${mostPods} pods and ${mostBytes} bytes of them are kept at most`,
      );
  }
}
