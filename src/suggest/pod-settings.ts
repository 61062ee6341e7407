/** What pods set that run now: it counts before what histories remember, which earlier agents may have read another way. */

import { type ContainerKey, keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { defined } from '../model/defined.ts';
import { type DefinedHeap, memoryOf, type RunningPod } from '../pods/pod-spec.ts';

/** A setting as histories have it → the same with what the pods of that name set. */
export type PodSettings = (key: ContainerKey, setting: Setting) => Setting;

/** @param pods those that somebody listed: of a name without one the histories' word holds */
export function podSettingsOf(pods: readonly RunningPod[]): PodSettings {
  const whole = new Map<string, PodSetting>();
  const heaps = new Map<string, DefinedHeap>();
  for (const { namespace, workload, resources, containers } of pods) {
    const setting = defined<PodSetting>({
      request: memoryOf(resources, 'requests'),
      limit: memoryOf(resources, 'limits'),
    });
    if (Object.keys(setting).length > 0) whole.set(`${namespace}/${workload}`, setting);
    for (const { name, heap } of containers) {
      if (heap === undefined) continue;
      const key = keyText({ namespace, workload, container: name });
      heaps.set(key, larger(heaps.get(key), heap));
    }
  }
  return (key, setting) => {
    const { heap: remembered, ...others } = setting;
    const heap = heaps.get(keyText(key)) ?? remembered;
    const pod = whole.get(`${key.namespace}/${key.workload}`);
    return {
      ...others,
      ...(pod !== undefined && { pod }),
      ...(heap !== undefined && heap !== 'none' && { heap }),
    };
  };
}

/** While a roll-out goes on, pods of one workload differ: a limit has to hold for each of them. */
function larger(known: DefinedHeap | undefined, heap: DefinedHeap): DefinedHeap {
  if (known === undefined) return heap;
  const [[kind, amount], [otherKind, otherAmount]] = [sizeOf(known), sizeOf(heap)];
  return (kind - otherKind || amount - otherAmount) < 0 ? heap : known;
}

/** What is unknown may be larger than any share, and a share larger than any number of bytes. */
function sizeOf(heap: DefinedHeap): readonly [number, number] {
  if (heap === 'none') return [0, 0];
  if (heap.runtime === 'unknown') return [3, 0];
  return heap.share === undefined ? [1, (heap.bytes ?? 0) + (heap.besideBytes ?? 0)] : [2, heap.share];
}
