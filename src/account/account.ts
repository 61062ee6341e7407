/** Every sighting accounted. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { CgroupId } from '../model/cgroup.ts';
import type { Accounted, Identified } from '../model/sighting.ts';
import { limitOf } from './limit.ts';
import { usageOf } from './memory.ts';

/** What was seen of a cgroup before. */
interface Remembered {
  peakOf(id: CgroupId): Bytes | undefined;
}

export function account(identified: readonly Identified[], remembered?: Remembered): readonly Accounted[] {
  const samples = new Map(identified.map(({ sample }) => [sample.id.path, sample]));
  const ancestor = (path: string) => samples.get(path);
  return identified.map((sighting) => {
    const { sample } = sighting;
    const usage = usageOf(sample, {
      limit: limitOf(sample, ancestor),
      request: requestOf(sighting),
      peakReal: remembered?.peakOf(sample.id),
    });
    return { ...sighting, usage };
  });
}

/** A container's own request; a pod's is the sum of those that run side by side, undefined where none asks. */
function requestOf({ place, pod, container }: Identified): Bytes | undefined {
  if (place.kind === 'container') return container?.container?.request;
  if (place.kind !== 'pod' || pod === undefined) return undefined;
  const requests = pod.containers
    .filter(({ type }) => type === 'container' || type === 'sidecar')
    .flatMap(({ request }) => request ?? []);
  return requests.length === 0 ? undefined : bytes(requests.reduce<number>((a, b) => a + b, 0));
}
