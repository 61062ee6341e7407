/** The container to probe, as the API knows it. */
import type { FoundPod } from '../cluster/find-pod.ts';
import type { Kube } from '../kube/client.ts';
import { readPod } from '../kube/read-pod.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../model/json.ts';
import { InputError } from '../model/located-error.ts';
import { epochSeconds } from '../model/time.ts';
import { leastAgeSeconds, systemNamespaces } from '../probe/refusal.ts';

export interface ProbeTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly node: string;
  /** 64 hexadecimal digits: a restarted container has another one. */
  readonly id: string;
}

export const nameOf = ({ namespace, pod, container }: ProbeTarget): string =>
  `${namespace}/${pod}/${container}`;

/**
 * @param serverNow milliseconds since 1970 by the clock of the API server
 * @throws ApiError; InputError if the container does not run, or must not be probed
 */
export async function readTarget(
  kube: Pick<Kube, 'call'>,
  found: FoundPod,
  serverNow: () => number,
): Promise<ProbeTarget> {
  const { namespace, pod, node } = found;
  const { metadata, spec, status } = await readPod(kube, namespace, pod);
  const where = `${namespace}/${pod}`;
  const refuse = (expected: string, got: string, todo?: string): InputError =>
    new InputError({ where, expected, got: { message: got }, ...(todo !== undefined && { todo }) });
  if (systemNamespaces.includes(namespace))
    throw refuse('a container of a user', `one of ${namespace}, which is never probed`);
  if (fieldsOf(fieldsOf(metadata)['labels'])['app.kubernetes.io/part-of'] === 'realmem')
    throw refuse('another container', 'one of realmem itself, which is never probed');
  const container = found.container ?? chosenOf(fieldsOf(metadata), fieldsOf(spec), refuse);
  const state = statusesOf(fieldsOf(status)).find(({ name }) => name === container);
  if (state === undefined)
    throw refuse('one of its containers', `"${container}"`, `it has ${namesOf(fieldsOf(spec)).join(', ')}`);
  const running = fieldsOf(fieldsOf(state['state'])['running']);
  const id = /^[a-z0-9-]+:\/\/([0-9a-f]{64})$/.exec(textOf(state['containerID']) ?? '')?.[1];
  const startedAt = epochSeconds(textOf(running['startedAt']) ?? '');
  if (id === undefined || startedAt === undefined)
    throw refuse('a running container', `"${container}", which does not run`);
  const age = serverNow() / 1000 - startedAt;
  if (age < leastAgeSeconds)
    throw refuse(
      `a container that has run for ${leastAgeSeconds} s`,
      `one that started ${Math.max(0, Math.floor(age))} s ago`,
      'wait until it has read its files',
    );
  return { namespace, pod, container, node, id };
}

/** Of all containers that have one. @param status of a pod */
export const statusesOf = (status: Fields): readonly Fields[] =>
  ['containerStatuses', 'initContainerStatuses'].flatMap((key) => listOf(status[key]));

const namesOf = ({ containers }: Fields): readonly string[] =>
  listOf(containers).flatMap(({ name }) => textOf(name) ?? []);

/** Its only container, or the one that kubectl takes. */
function chosenOf(
  { annotations }: Fields,
  spec: Fields,
  refuse: (expected: string, got: string, todo: string) => InputError,
): string {
  const names = namesOf(spec);
  const usual = fieldsOf(annotations)['kubectl.kubernetes.io/default-container'];
  const [only, ...others] = typeof usual === 'string' && names.includes(usual) ? [usual] : names;
  if (only !== undefined && others.length === 0) return only;
  throw refuse('one container', `${names.length}`, `pass -c with one of ${names.join(', ')}`);
}
