/** A bounded set of this node's pods. The API can send any number of pods of any size. */

import { messageOf } from '../model/located-error.ts';
import type { Pod } from '../model/pod.ts';
import { clipped, printable } from '../model/text.ts';
import { keptPodOf } from '../pods/kept.ts';

/** Maximum number of pods, ended ones included. A kubelet runs 110 by default, rarely more than 500. */
const mostPods = 1_000;
/** Maximum total size as JSON in bytes: on average 2 KiB per pod. */
const mostBytes = 2 * 1024 * 1024;
/** Maximum number of dropped pods that `faults` names. */
const mostNamed = 16;
const longestWhy = 640;

interface Entry {
  readonly pod: Pod;
  readonly bytes: number;
  /** Priority. Pods with a cgroup need names most: 2 = running, 1 = ended, 0 = not started. */
  readonly rank: number;
  /** Number of the list that last contained it, or after which an event last did. */
  listing: number;
}

export class KeptPods {
  private readonly kept = new Map<string, Entry>();
  private bytes = 0;
  private listing = 0;
  /** Why pods were dropped, by UID. */
  private readonly named = new Map<string, string>();
  /** Number of dropped pods beyond those in `named`. */
  private unnamed = 0;

  pods(): readonly Pod[] {
    return [...this.kept.values()].map(({ pod }) => pod);
  }

  /** Why pods were dropped: the first messages. */
  get faults(): readonly string[] {
    return [...this.named.values()];
  }

  /** Number of dropped pods beyond those in `faults`. */
  get moreFaults(): number {
    return this.unnamed;
  }

  /** Begins a new list. Known pods stay until it is complete; those not in it are evicted first. */
  begin(): void {
    this.listing++;
    this.named.clear();
    this.unnamed = 0;
  }

  /** Ends the list: drops the pods that were not in it. */
  complete(): void {
    for (const [uid, { listing }] of this.kept) if (listing !== this.listing) this.drop(uid);
  }

  /** Adds or replaces a pod; evicts others above the bounds. @param uid the object's UID @param object the API object */
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

  /** Drops a pod and reports why. */
  refuse(uid: string, why: string): void {
    this.drop(uid);
    if (this.named.size < mostNamed || this.named.has(uid))
      this.named.set(uid, printable(clipped(why, longestWhy)));
    else this.unnamed++;
  }

  /** Removes a deleted pod. */
  remove(uid: string): void {
    if (!this.drop(uid) && !this.named.delete(uid) && this.unnamed > 0) this.unnamed--;
  }

  private drop(uid: string): boolean {
    this.bytes -= this.kept.get(uid)?.bytes ?? 0;
    return this.kept.delete(uid);
  }

  /** Drops the largest pod of the lowest priority: a tenant that creates huge pods loses those. */
  private evict(): void {
    const isLess = (one: Entry, other: Entry): boolean => {
      const [isOld, isOtherOld] = [one.listing !== this.listing, other.listing !== this.listing];
      if (isOld !== isOtherOld) return isOld;
      return one.rank === other.rank ? one.bytes > other.bytes : one.rank < other.rank;
    };
    let least: Entry | undefined;
    for (const one of this.kept.values()) if (least === undefined || isLess(one, least)) least = one;
    if (least === undefined) return;
    const { uid, namespace, name } = least.pod;
    const isOld = least.listing !== this.listing;
    this.drop(uid);
    if (!isOld)
      this.refuse(
        uid,
        `pod ${namespace}/${name}: dropped; at most ${mostPods} pods and ${mostBytes} bytes are kept`,
      );
  }
}
