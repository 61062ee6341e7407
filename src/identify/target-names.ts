/** The names under which a TARGET finds a cgroup. */
import type { Identified } from '../model/observation.ts';

export interface TargetNames {
  /** The shortest TARGET that finds this cgroup on any host: messages show it. */
  readonly target: string;
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  /** The kind and the name of its workload: `Deployment`, `cart`. */
  readonly kind?: string | undefined;
  readonly workload?: string | undefined;
  readonly container?: string | undefined;
  /** The full container ID. */
  readonly id?: string | undefined;
  /** The name in the path: of a service, or the first digits of an ID. */
  readonly own?: string | undefined;
  /** `docker run --name web`. */
  readonly runtimeName?: string | undefined;
}

/** Undefined for a cgroup that only its path names: a pod's own, a level of kubepods. */
export function namesOf(observation: Identified): TargetNames | undefined {
  const { role, sample, pod, container, runtimeName } = observation;
  const { path } = sample.id;
  if (role.kind === 'other') {
    const id = /[0-9a-f]{64}/.exec(path.slice(path.lastIndexOf('/') + 1))?.[0];
    const own = { target: path, own: role.name };
    return role.type === 'container' ? { ...own, id, runtimeName: runtimeName?.name } : own;
  }
  if (role.kind !== 'container') return undefined;
  const byId = { target: path, id: role.id };
  const name = container?.container?.name;
  // Only its ID names a sandbox, and a container that the API has not named yet.
  if (pod === undefined || name === undefined) return byId;
  const { workload = `Pod/${pod.name}` } = pod;
  const slash = workload.indexOf('/');
  return {
    ...byId,
    ...{ target: podLabel(observation), namespace: pod.namespace, pod: pod.name, container: name },
    ...(pod.workload !== undefined && {
      kind: workload.slice(0, slash),
      workload: workload.slice(slash + 1),
    }),
  };
}

/** `shop/cart-1/cart`. */
const podLabel = ({ pod, container }: Identified): string =>
  [pod?.namespace, pod?.name, container?.container?.name].join('/');

/** kubectl's short names of the kinds that own pods. */
const shortNames: Readonly<Record<string, string>> = {
  po: 'pod',
  deploy: 'deployment',
  sts: 'statefulset',
  ds: 'daemonset',
  rs: 'replicaset',
  rc: 'replicationcontroller',
  cj: 'cronjob',
};

/** Kinds that kubectl knows without asking the API server. */
const kinds = new Set([...Object.values(shortNames), 'job']);

/**
 * Whether kubectl accepts `word` for this kind: `Deployment`, `deployments`, `deploy`, `deployment.apps`, `deployment.v1.apps`.
 * @param kind any of the usual kinds unless given. With a group where it is not one of Kubernetes: `Deployment.example.com`
 */
export function isKind(word: string, kind?: string): boolean {
  const lower = word.toLowerCase();
  const [bare = ''] = lower.split('.');
  const short = Object.hasOwn(shortNames, bare) ? shortNames[bare] : undefined;
  const singular = short ?? bare.replace(/s$/, '');
  if (kind === undefined) return kinds.has(singular);
  const wanted = kind.toLowerCase();
  return wanted === singular || wanted === bare || wanted === lower;
}
