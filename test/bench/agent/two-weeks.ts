/** The history of an agent that has run for two weeks. A new agent renews its advice all the time, because its history doubles in minutes. */
import { realOf } from '../../../src/account/memory.ts';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { Names } from '../../../src/identify/names.ts';
import { bytes } from '../../../src/model/bytes.ts';
import type { Accounted } from '../../../src/model/observation.ts';
import type { Pod } from '../../../src/model/pod.ts';
import { History } from '../../../src/usage/history.ts';

const hour = 3600;
const hours = 14 * 24;
const MiB = 2 ** 20;

/**
 * @param pods their containers are those of the history
 * @param until milliseconds since 1970
 * @returns the text of the history file
 */
export function twoWeeksOf(node: string, pods: readonly Pod[], until: number): string {
  const history = new History();
  const names = new Names(pods);
  const containers = pods.flatMap((pod) =>
    pod.containers.map((container, at) => ({ pod, container, at, id: container.ids[0] ?? '' })),
  );
  for (let ago = hours; ago > 0; ago--) {
    const at = until - ago * hour * 1000;
    const accounted = containers.map(({ pod, container, id }, index): Accounted => {
      // It rises in the day, and from container to container.
      const daily = 1 + 0.3 * Math.sin((2 * Math.PI * ago) / 24);
      const real = bytes(Math.round((8 + (index % 40)) * MiB * daily));
      const stat = {
        ...{ anon: real, activeAnon: bytes(0), inactiveAnon: real },
        ...{ activeFile: bytes(4 * MiB), inactiveFile: bytes(8 * MiB) },
      };
      const usage = bytes(real + 12 * MiB);
      return {
        role: { kind: 'container', podUID: pod.uid, id },
        sample: { id: { path: `/${id}`, inode: index + 1 }, version: 1, usage, stat, faults: [] },
        pod,
        container: { pod, type: container.type, container },
        usage: { usageBytes: usage, realBytes: real },
      };
    });
    history.sampled(accounted, { realOf, pageBytes: 4096, lru: 'classic' }, names.pods, at);
    history.identified(accounted, at);
    history.accounted(accounted, at);
  }
  // Their cgroups are not those that the agent will find.
  return encodeCheckpoint({ node, at: until / 1000, ...history.kept(), lifetimes: [] });
}
