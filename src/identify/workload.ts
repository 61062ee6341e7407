/** The owner of a pod, as far as the pod itself tells: no further object is asked for. */
import { templateHashLabel } from './read-keys.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The longest name of an object. */
const longestName = 253;

/** `Kind/name`; undefined for a bare pod. */
export function workloadOf(metadata: Fields): string | undefined {
  const owners = Array.isArray(metadata['ownerReferences']) ? (metadata['ownerReferences'] as unknown[]) : [];
  const references = owners.filter((owner): owner is Fields => typeof owner === 'object' && owner !== null);
  const owner = references.find((reference) => reference['controller'] === true) ?? references[0];
  const kind = owner?.['kind'];
  const name = owner?.['name'];
  if (typeof kind !== 'string' || typeof name !== 'string') return undefined;
  // The API takes any length, and the pod's owner writes it: what is longer than any name is none.
  if (kind.length > longestName || name.length > longestName) return undefined;
  // A mirror pod is owned by its node: it is a workload of its own.
  if (kind === 'Node') return undefined;
  if (kind === 'ReplicaSet') {
    const labels = metadata['labels'];
    const hash =
      typeof labels === 'object' && labels !== null ? (labels as Fields)[templateHashLabel] : undefined;
    // The Deployment controller names its ReplicaSets <deployment>-<pod-template-hash>.
    if (typeof hash === 'string' && hash !== '' && name.endsWith(`-${hash}`))
      return `Deployment/${name.slice(0, -hash.length - 1)}`;
  }
  // The CronJob controller names its Jobs <cronjob>-<minutes since 1970>: above 25 million since 2017, eight digits
  // until 2160. A date is below.
  const cron = kind === 'Job' ? /^(.+)-(\d{8})$/.exec(name) : null;
  return cron && Number(cron[2]) >= 25_000_000 ? `CronJob/${cron[1]}` : `${kind}/${name}`;
}
