/**
 * Finds names of pods and containers in the log directories of the kubelet. Facts that only the API has (limits, labels,
 * state) are absent. `/var/log/pods/<namespace>_<name>_<uid>/<container>/<restart>.log` has no container ID. Two links
 * have it: the one for log shippers, `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`, and that of docker,
 * from a log to `…/containers/<id>/<id>-json.log`.
 */
import type { LogLink, Pod, PodContainer, PodLog, PodLogs } from '../model/pod.ts';
import { normalUid } from '../model/pod.ts';

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const directoryPattern = new RegExp(`^(${label})_(${label}(?:\\.${label})*)_([^_]+)$`);
const containerName = new RegExp(`^${label}$`);
const logPattern = /^(0|[1-9]\d{0,8})\.log$/;
const shippersLink = /-([0-9a-f]{64})\.log$/;
const shippersTarget = /\/([^/]+)\/([^/]+)\/([^/]+\.log)$/;
const dockersTarget = /\/containers\/([0-9a-f]{64})\/\1-json\.log$/;

/** Ignores directories with other names. Two directories of one UID contradict each other: both are ignored. */
export function podsOfLogs({ pods, links }: PodLogs): readonly Pod[] {
  const ids = idsOf(links);
  const found = pods.flatMap((log) => podOfLog(log, ids) ?? []);
  const byUid = Map.groupBy(found, ({ uid }) => normalUid(uid));
  return found.filter(({ uid }) => byUid.get(normalUid(uid))?.length === 1);
}

/** Container IDs, by the path of the log below `/var/log/pods`. */
function idsOf(links: readonly LogLink[]): ReadonlyMap<string, string> {
  return new Map(
    links.flatMap(({ file, target = '' }) => {
      const id = shippersLink.exec(file)?.[1];
      const [, directory = '', container = '', log = ''] = shippersTarget.exec(target) ?? [];
      const [, namespace, name] = directoryPattern.exec(directory) ?? [];
      // The kubelet truncates long link names, and cuts off the ID too. So accept a link only if its name is complete.
      if (id === undefined || file !== `${name}_${namespace}_${container}-${id}.log`) return [];
      return [[`${directory}/${container}/${log}`, id] as const];
    }),
  );
}

function podOfLog({ directory, containers }: PodLog, ids: ReadonlyMap<string, string>): Pod | undefined {
  const [, namespace, name, uid] = directoryPattern.exec(directory) ?? [];
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  return {
    uid,
    from: 'logs',
    namespace,
    name,
    labels: {},
    containers: containers
      .filter((container) => containerName.test(container.name))
      .map((container) => containerOfLog(directory, container, ids)),
  };
}

/**
 * A container with the IDs of all its restarts, newest first. It gets no IDs while that of the newest restart is unknown:
 * an older ID would pass for the current one.
 */
function containerOfLog(
  directory: string,
  { name, logs }: PodLog['containers'][number],
  ids: ReadonlyMap<string, string>,
): PodContainer {
  const known = logs
    .flatMap(({ file, target = '' }) => {
      const restart = logPattern.exec(file)?.[1];
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
