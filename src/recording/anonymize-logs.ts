/** Anonymizes the names of the kubelet's log directories. Leaves out names that the kubelet would not write. */
import type { LogLink, PodLogs } from '../model/pod.ts';
import type { Anonymizer } from './anonymize.ts';

const shippersFile = /^([^_]+)_([^_]+)_([^_]+)-([0-9a-f]{64})\.log$/;
const shippersTarget = /^\/var\/log\/pods\/([^/]+)\/([^/]+)\/(\d+\.log)$/;
const dockersTarget = /^(\/(?:[a-z0-9]+\/)*containers\/)([0-9a-f]{64})\/\2-json\.log$/;
/** Usual names above docker's logs. Any other name in `data-root` may be that of an organization. */
const dockersWords = new Set(['var', 'lib', 'docker', 'containers', 'mnt', 'data', 'opt', 'run']);

export function anonymizeLogs({ pods, links }: PodLogs, anonymizer: Anonymizer): PodLogs {
  const name = (text: string): string => anonymizer.name(text);
  /** `<namespace>_<name>_<uid>` */
  const directoryOf = (text: string): string | undefined => {
    const [namespace, pod, uid, ...more] = text.split('_');
    if (namespace === undefined || pod === undefined || uid === undefined || more.length > 0)
      return undefined;
    return `${name(namespace)}_${name(pod)}_${anonymizer.id(uid)}`;
  };
  const targetOf = (text = ''): string | undefined => {
    const [, parent = '', id] = dockersTarget.exec(text) ?? [];
    if (id !== undefined) {
      const above = parent.replace(/[^/]+/g, (word) => (dockersWords.has(word) ? word : name(word)));
      return `${above}${anonymizer.id(id)}/${anonymizer.id(id)}-json.log`;
    }
    const [, pod = '', container = '', log] = shippersTarget.exec(text) ?? [];
    const directory = directoryOf(pod);
    return directory === undefined ? undefined : `/var/log/pods/${directory}/${name(container)}/${log}`;
  };
  const linked = (file: string, target: string | undefined): LogLink => {
    const made = targetOf(target);
    return { file, ...(made !== undefined && { target: made }) };
  };
  return {
    pods: pods.flatMap(({ directory, containers }) => {
      const made = directoryOf(directory);
      if (made === undefined) return [];
      const kept = containers.map((container) => ({
        name: name(container.name),
        logs: container.logs.flatMap(({ file, target }) =>
          /^\d+\.log$/.test(file) ? [linked(file, target)] : [],
        ),
      }));
      return [{ directory: made, containers: kept }];
    }),
    links: links.flatMap(({ file, target }) => {
      const [, pod = '', namespace = '', container = '', id] = shippersFile.exec(file) ?? [];
      if (id === undefined) return [];
      return [linked(`${name(pod)}_${name(namespace)}_${name(container)}-${anonymizer.id(id)}.log`, target)];
    }),
  };
}
