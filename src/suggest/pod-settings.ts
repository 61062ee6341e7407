/** The values that running pods set. They override those in histories, which earlier agents may have read differently. */

import { type ContainerKey, keyText, type PodSetting, type Setting } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import { type DefinedHeap, memoryOf, type RunningPod } from '../pods/pod-spec.ts';

/** A setting from the histories → the same, overridden by the pods of that name. */
export type PodSettings = (key: ContainerKey, setting: Setting) => Setting;

/** @param pods as listed. A name without a pod among them keeps the histories' setting */
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

/** During a roll-out the pods of a workload differ. The limit has to fit each of them. */
function larger(known: DefinedHeap | undefined, heap: DefinedHeap): DefinedHeap {
  if (known === undefined) return heap;
  const [[kind, amount], [otherKind, otherAmount]] = [sizeOf(known), sizeOf(heap)];
  return (kind - otherKind || amount - otherAmount) < 0 ? heap : known;
}

/** In ascending order: no heap, bytes, a share of the limit, unknown. The later ones may be larger. */
function sizeOf(heap: DefinedHeap): readonly [number, number] {
  if (heap === 'none') return [0, 0];
  if (heap.runtime === 'unknown') return [3, 0];
  return heap.share === undefined ? [1, (heap.bytes ?? 0) + (heap.besideBytes ?? 0)] : [2, heap.share];
}
