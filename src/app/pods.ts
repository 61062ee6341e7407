/** The pods of this node as the API last told, and how long ago that was. */
import type { Kube } from '../edges/kube.ts';
import { Watch, type WatchWorld } from '../edges/watch.ts';
import { Names } from '../identify/names.ts';
import { podOf } from '../identify/pods.ts';
import { reducePods } from '../identify/reduce.ts';
import { messageOf } from '../model/fault.ts';
import type { KubeFault } from '../model/kube-fault.ts';
import type { Pod } from '../model/pod.ts';

/** A watch that hears nothing for two minutes asks again, and is answered in half a minute or not at all. */
const longestSilenceMs = 150_000;

export class Pods {
  private readonly pods = new Map<string, Pod>();
  private readonly faulty = new Map<string, string>();
  private index: Names | undefined;
  /** When the API last answered; undefined: never. */
  inStepAt: number | undefined;
  /** Why it does not, since then. */
  fault: KubeFault | undefined;

  /** Kept as long as the API is silent: a name does not change. */
  get names(): Names {
    this.index ??= new Names(this.pods.values());
    return this.index;
  }

  /** Pods that could not be understood, and why. */
  get faults(): readonly string[] {
    return [...this.faulty.values()];
  }

  /** Since when, and why, what is known may be old; undefined: it is what the API knows. */
  outOfStep(at: number): string | undefined {
    if (this.inStepAt === undefined) return `ever: ${this.fault?.message ?? 'there is no answer yet'}`;
    const silentMs = at - this.inStepAt;
    if (this.fault === undefined && silentMs <= longestSilenceMs) return undefined;
    return `for ${Math.round(silentMs / 1000)} s: ${this.fault?.message ?? 'nothing was heard since'}`;
  }

  replace(items: readonly unknown[]): void {
    this.pods.clear();
    this.faulty.clear();
    for (const item of items) this.take(item);
    this.index = undefined;
  }

  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: unknown): void {
    this.forget(object);
    if (type !== 'DELETED') this.take(object);
    this.index = undefined;
  }

  private take(object: unknown): void {
    try {
      // Lists leave the kind of their items out.
      const pod = podOf('pod', { ...(object as object), kind: 'Pod' });
      if (pod !== undefined) this.pods.set(pod.uid, pod);
    } catch (error) {
      this.faulty.set(uidOf(object), messageOf(error));
    }
  }

  private forget(object: unknown): void {
    this.pods.delete(uidOf(object));
    this.faulty.delete(uidOf(object));
  }
}

const uidOf = (object: unknown): string =>
  String((object as { metadata?: { uid?: unknown } } | undefined)?.metadata?.uid ?? '');

/** Keeps `pods` in step with those of one node, until the signal. */
export function followPods(
  kube: Kube,
  node: string,
  pods: Pods,
  world: WatchWorld & { readonly listed: () => void },
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  const watch = new Watch(
    kube,
    path,
    {
      // A pod can have a megabyte, most of it nobody's business here.
      keep: reducePods,
      replace(items) {
        pods.replace(items);
        world.listed();
      },
      change: (type, object) => pods.change(type, object),
      inStep(at) {
        pods.inStepAt = at;
        pods.fault = undefined;
      },
      outOfStep(fault) {
        pods.fault = fault;
      },
    },
    world,
  );
  return watch.run(signal);
}
