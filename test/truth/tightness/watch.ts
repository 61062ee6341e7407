/** Feeds samples of a workload to realmem's history, in the time of the workload, and returns the recommendation. */
import { realOf, usageOf } from '../../../src/account/memory.ts';
import type { CgroupSample, Lru } from '../../../src/model/cgroup.ts';
import type { ContainerKey } from '../../../src/model/container-key.ts';
import type { Accounted } from '../../../src/model/observation.ts';
import type { Pod } from '../../../src/model/pod.ts';
import type { Recommendation } from '../../../src/model/recommendation.ts';
import { advise } from '../../../src/recommend/advise.ts';
import { closeWindows, History } from '../../../src/usage/history.ts';

const pageBytes = 4096;
/** Midnight of a Monday, in seconds since 1970. */
const monday = 20_003 * 86_400;
const fiveMinutes = 300;

const key: ContainerKey = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };

export const podName = (replica: number): string => `cart-${replica}`;

export interface PlayedSamples {
  /** The distance between samples in the time of the workload. */
  readonly stepSeconds: number;
  /** How often the history gets the samples. */
  readonly repeats: number;
  /** The samples of each replica, in the order of time. */
  readonly replicas: readonly (readonly CgroupSample[])[];
  /** The LRU of the kernel. Default: classic. */
  readonly lru?: Lru;
}

export function adviceOn({ stepSeconds, repeats, replicas, lru = 'classic' }: PlayedSamples): Recommendation {
  const history = new History();
  const pods = replicas.map((_, replica) => podOf(replica));
  const count = Math.min(...replicas.map((samples) => samples.length));
  for (let step = 0; step < repeats * count; step++) {
    const seen = replicas.flatMap((samples, replica) => {
      // The first sample is of the start of the workload: do not repeat it.
      const sample = samples[step < count ? step : Math.max(1, step % count)];
      const pod = pods[replica];
      if (sample === undefined || pod === undefined) return [];
      return [observationOf(repeated(sample, samples.at(-1), Math.floor(step / count), replica), pod)];
    });
    // An agent samples at least this often.
    for (let since = 0; since < stepSeconds; since += Math.min(stepSeconds, fiveMinutes)) {
      const ms = (monday + step * stepSeconds + since) * 1000;
      history.sampled(seen, { realOf, pageBytes, lru }, pods, ms);
      history.identified(seen, ms);
      history.accounted(seen, ms);
    }
  }
  const aggregate = closeWindows(history.kept()).find(key);
  const advice = aggregate && advise(aggregate, monday + repeats * count * stepSeconds);
  if (advice === undefined) throw new Error('no recommendation');
  return advice;
}

/** Continues the kernel's counters across repeats. */
function repeated(
  sample: CgroupSample,
  last: CgroupSample | undefined,
  times: number,
  replica: number,
): CgroupSample {
  const { stat } = sample;
  const refaultFile = (stat?.refaultFile ?? 0) + times * (last?.stat?.refaultFile ?? 0);
  return { ...sample, id: { path: `/played/${replica}`, inode: 1 }, stat: { ...stat, refaultFile } };
}

const podOf = (replica: number): Pod => ({
  uid: `uid-${replica}`,
  namespace: key.namespace,
  name: podName(replica),
  labels: {},
  workload: key.workload,
  containers: [{ name: key.container, type: 'container', ids: [`id-${replica}`], running: true }],
});

function observationOf(sample: CgroupSample, pod: Pod): Accounted {
  const [container] = pod.containers;
  return {
    role: { kind: 'container', podUID: pod.uid, id: container?.ids[0] ?? '' },
    sample,
    pod,
    ...(container !== undefined && { container: { pod, type: container.type, container } }),
    usage: usageOf(sample),
  };
}
