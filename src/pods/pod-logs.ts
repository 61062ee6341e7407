/**
 * The kubelet's log directories → pods, by name alone: what only the API knows (limits, labels, what runs) is absent.
 * `/var/log/pods/<namespace>_<name>_<uid>/<container>/<restart>.log` names no container ID; two links do: the one for log
 * shippers, `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, and docker's own, from a log to
 * `…/containers/<id>/<id>-json.log`.
 */
import type { LogLink, Pod, PodContainer, PodLog, PodLogs } from '../model/pod.ts';
import { normalUid } from '../model/pod.ts';

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const directoryOf = new RegExp(`^(${label})_(${label}(?:\\.${label})*)_([^_]+)$`);
const containerName = new RegExp(`^${label}$`);
const lifeOf = /^(0|[1-9]\d{0,8})\.log$/;
const shippersLink = /-([0-9a-f]{64})\.log$/;
const shippersTarget = /\/([^/]+)\/([^/]+)\/([^/]+\.log)$/;
const dockersTarget = /\/containers\/([0-9a-f]{64})\/\1-json\.log$/;

/** Directories of other names are none of the kubelet's; two for one UID contradict each other, and neither counts. */
export function podsOfLogs({ pods, links }: PodLogs): readonly Pod[] {
  const ids = idsOf(links);
  const found = pods.flatMap((log) => podOf(log, ids) ?? []);
  const byUid = Map.groupBy(found, ({ uid }) => normalUid(uid));
  return found.filter(({ uid }) => byUid.get(normalUid(uid))?.length === 1);
}

/** By the log's path below `/var/log/pods`. */
function idsOf(links: readonly LogLink[]): ReadonlyMap<string, string> {
  return new Map(
    links.flatMap(({ file, target = '' }) => {
      const id = shippersLink.exec(file)?.[1];
      const [, directory = '', container = '', life = ''] = shippersTarget.exec(target) ?? [];
      const [, namespace, name] = directoryOf.exec(directory) ?? [];
      // Too long a name is cut off, its ID with it. What is left must be what it leads to.
      if (id === undefined || file !== `${name}_${namespace}_${container}-${id}.log`) return [];
      return [[`${directory}/${container}/${life}`, id] as const];
    }),
  );
}

function podOf({ directory, containers }: PodLog, ids: ReadonlyMap<string, string>): Pod | undefined {
  const [, namespace, name, uid] = directoryOf.exec(directory) ?? [];
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  return {
    uid,
    from: 'logs',
    namespace,
    name,
    labels: {},
    containers: containers
      .filter((container) => containerName.test(container.name))
      .map((container) => containerOf(directory, container, ids)),
  };
}

/** The IDs of its lives, the last first; none where the last has none yet: then it is the one that is wanted. */
function containerOf(
  directory: string,
  { name, lives }: PodLog['containers'][number],
  ids: ReadonlyMap<string, string>,
): PodContainer {
  const known = lives
    .flatMap(({ file, target = '' }) => {
      const restart = lifeOf.exec(file)?.[1];
      if (restart === undefined) return [];
      const id = ids.get(`${directory}/${name}/${file}`) ?? dockersTarget.exec(target)?.[1];
      return [{ restart: Number(restart), id }];
    })
    .toSorted((a, b) => b.restart - a.restart);
  const last = known[0]?.id;
  return {
    name,
    type: 'unknown',
    ids: last === undefined ? [] : known.flatMap(({ id }) => id ?? []),
    running: false,
  };
}
