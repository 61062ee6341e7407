/** Reduces pods of the API to the few fields that their memory needs. */

import { heapCapOf } from '../heap/heap.ts';
import { heapFlagsOf } from '../heap/words.ts';
import { type Bytes, parseQuantity } from '../model/bytes.ts';
import { defined, type Fields, fieldsOf, isFields, listOf, textOf } from '../model/json.ts';
import { InputError, LocatedError, messageOf } from '../model/located-error.ts';
import {
  annotationKeys,
  type ContainerType,
  isOwnAnnotation,
  longestAnnotation,
  type OomKilled,
  ownAnnotations,
  type Pod,
  type PodAnnotations,
  type PodContainer,
} from '../model/pod.ts';
import { clipped, encodedLength, hashOf, longestQuote, printableUpTo, quoted } from '../model/text.ts';
import { canBeRemembered, epochSeconds } from '../model/time.ts';
import { podItemsOf } from './manifest.ts';
import { parseProbes } from './probes.ts';
import { hashAnnotation, labels, mirrorAnnotation } from './read-keys.ts';
import { workloadOf } from './workload.ts';

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? 'an object' : JSON.stringify(value);
}

/** Characters. The longest name of an API object; a UID is shorter. */
const longestName = 253;

export interface ParsedPods {
  readonly pods: readonly Pod[];
  /** One line for each pod that could not be parsed. */
  readonly faults: readonly string[];
}

/**
 * Reads the output of `kubectl get pods -o json|yaml`.
 * @param where the name of the source, for errors
 * @param value the output, already parsed
 * @throws InputError if it has no list of pods
 */
export function podsOf(where: string, value: unknown): ParsedPods {
  const items = podItemsOf(value);
  if (items === undefined)
    throw new InputError({
      where,
      expected: 'a list of pods',
      got: isFields(value)
        ? `${printableUpTo(60, textOf(value['kind']) ?? 'an object')} without items`
        : shown(value),
      todo: 'give what `kubectl get pods -A -o json` prints',
    });
  const pods: Pod[] = [];
  const faults: string[] = [];
  for (const [index, item] of items.entries()) {
    try {
      const pod = podOf(`items[${index}]`, fieldsOf(item));
      if (pod !== undefined) pods.push(pod);
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  return { pods, faults };
}

/**
 * One pod; undefined for an object of another kind.
 * @throws LocatedError if it lacks UID, namespace or name, or has a malformed quantity
 */
export function podOf(where: string, object: Fields): Pod | undefined {
  if (object['kind'] !== undefined && object['kind'] !== 'Pod') return undefined;
  const metadata = fieldsOf(object['metadata']);
  const need = (key: 'uid' | 'namespace' | 'name'): string => {
    const value = textOf(metadata[key]);
    if (value === undefined || value.length > longestName)
      throw new LocatedError({
        where: `${where}.metadata.${key}`,
        expected: value === undefined ? 'a text' : `at most ${longestName} characters`,
        got: shown(metadata[key]),
      });
    return value;
  };
  const annotations = fieldsOf(metadata['annotations']);
  const own: PodAnnotations = Object.fromEntries(
    ownAnnotations.flatMap((one) => {
      const text = ownTextOf(annotations[annotationKeys[one]]);
      return text === undefined ? [] : [[one, text]];
    }),
  );
  const others = Object.entries(annotations).filter(([key, value]) => !isOwnAnnotation(key) && textOf(value));
  const otherAnnotationBytes = encodedLength(others.flat().join(''));
  const status = fieldsOf(object['status']);
  // Anyone can write the hash annotation. But the kubelet deletes a fake mirror pod, so trust the hash of a mirror pod alone.
  const mirror = textOf(annotations[mirrorAnnotation]);
  const hash = mirror === undefined ? undefined : textOf(annotations[hashAnnotation]);
  const configHash = hash !== undefined && hash.length > longestName ? undefined : hash;
  const qos = textOf(status['qosClass']);
  const workload = workloadOf(metadata);
  const spec = fieldsOf(object['spec']);
  const runtimeClass = textOf(spec['runtimeClassName']);
  const request = podResource(where, 'requests', spec, status);
  const limit = podResource(where, 'limits', spec, status);
  const overhead = readQuantity(`${where} overhead.memory`, fieldsOf(spec['overhead'])['memory']);
  return {
    uid: need('uid'),
    namespace: need('namespace'),
    name: need('name'),
    labels: labelsOf(metadata['labels']),
    ...(configHash !== undefined && { configHash }),
    ...(qos !== undefined && { qos }),
    ...(workload !== undefined && { workload }),
    ...(runtimeClass !== undefined && { runtimeClass }),
    ...(overhead !== undefined && { overhead }),
    ...(request !== undefined && { request }),
    ...(limit !== undefined && { limit }),
    containers: containersOf(where, spec, status),
    ...(annotations[annotationKeys.ignore] === 'true' && { ignored: true }),
    ...(Object.keys(own).length > 0 && { annotations: own }),
    ...(otherAnnotationBytes > 0 && { otherAnnotationBytes }),
    ...ageOf(metadata),
    ...parseProbes(textOf(annotations[annotationKeys.probe])),
  };
}

/** The labels by which controllers mark the revision of the template. An Argo Rollout has its own. */
const revisionLabels = [labels.templateHash, labels.rolloutHash, labels.controllerRevision];

function ageOf(metadata: Fields): Pick<Pod, 'createdAt' | 'revision'> {
  const createdAt = epochSeconds(textOf(metadata['creationTimestamp']) ?? '');
  const texts = fieldsOf(metadata['labels']);
  const revision = revisionLabels.flatMap((label) => textOf(texts[label]) ?? [])[0];
  return {
    ...(createdAt !== undefined && canBeRemembered(createdAt) && { createdAt }),
    ...(revision !== undefined && revision.length <= longestName && { revision: hashOf(revision) }),
  };
}

/** Clips a realmem annotation that is too long. No agent wrote it, so only its presence matters. */
function ownTextOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && text.length > longestAnnotation ? clipped(text, 32) : text;
}

const labelsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

const lists: readonly (readonly [string, string, (spec: Fields) => ContainerType])[] = [
  ['containers', 'containerStatuses', () => 'container'],
  [
    'initContainers',
    'initContainerStatuses',
    (spec) => (spec['restartPolicy'] === 'Always' ? 'sidecar' : 'init'),
  ],
  ['ephemeralContainers', 'ephemeralContainerStatuses', () => 'ephemeral'],
];

function containersOf(where: string, spec: Fields, status: Fields): readonly PodContainer[] {
  return lists.flatMap(([specKey, statusKey, typeOf]) => {
    const statuses = new Map(listOf(status[statusKey]).map((entry) => [entry['name'], entry]));
    return listOf(spec[specKey]).flatMap((container) => {
      const name = textOf(container['name']);
      if (name === undefined) return [];
      return [
        readContainer(
          `${where} container ${printableUpTo(longestQuote, name)}`,
          name,
          typeOf(container),
          container,
          statuses.get(name),
        ),
      ];
    });
  });
}

function readContainer(
  where: string,
  name: string,
  type: ContainerType,
  spec: Fields,
  status: Fields | undefined,
): PodContainer {
  const state = fieldsOf(status?.['state']);
  const lastState = fieldsOf(status?.['lastState']);
  // The current ID, that of the ended run, and that of the run before, each as `runtime://id`.
  const urls = [
    status?.['containerID'],
    fieldsOf(state['terminated'])['containerID'],
    fieldsOf(lastState['terminated'])['containerID'],
  ]
    .map(textOf)
    .filter((url) => url !== undefined);
  const [runtime] = urls.flatMap((url) => /^([a-z0-9-]+):\/\//.exec(url)?.[1] ?? []);
  const oomKilled = [lastState, state].flatMap(oomKilledOf);
  const request = resource(where, 'requests', spec, status);
  const limit = resource(where, 'limits', spec, status);
  const heap = heapCapOf(heapFlagsOf(spec));
  return {
    name,
    type,
    ids: [...new Set(urls.map(idOf))],
    running: isFields(state['running']),
    ...(oomKilled.length > 0 && { oomKilled }),
    ...(runtime !== undefined && { runtime }),
    ...(request !== undefined && { request }),
    ...(limit !== undefined && { limit }),
    ...(heap !== undefined && { heap }),
  };
}

function oomKilledOf(state: Fields): readonly OomKilled[] {
  const { reason, containerID, finishedAt } = fieldsOf(state['terminated']);
  const id = textOf(containerID);
  if (reason !== 'OOMKilled' || id === undefined) return [];
  return [defined<OomKilled>({ id: idOf(id), at: textOf(finishedAt) })];
}

const idOf = (url: string): string => url.replace(/^[a-z0-9-]+:\/\//, '');

/** The value in force (status, since in-place resize); without a status the wanted value (spec). In bytes. */
function resource(
  where: string,
  kind: 'requests' | 'limits',
  spec: Fields,
  status: Fields | undefined,
): Bytes | undefined {
  const inForce = isFields(status?.['resources']) ? status['resources'] : fieldsOf(spec['resources']);
  return readQuantity(`${where} ${kind}.memory`, fieldsOf(inForce[kind])['memory']);
}

/** The pod-level value, only if the spec sets one. A status alone may be just the sum of the containers. */
const podResource = (
  where: string,
  kind: 'requests' | 'limits',
  spec: Fields,
  status: Fields,
): Bytes | undefined =>
  fieldsOf(fieldsOf(spec['resources'])[kind])['memory'] === undefined
    ? undefined
    : resource(where, kind, spec, status);

function readQuantity(where: string, value: unknown): Bytes | undefined {
  if (value === undefined || value === null) return undefined;
  const parsed =
    typeof value === 'string' || typeof value === 'number' ? parseQuantity(String(value)) : undefined;
  if (parsed === undefined)
    throw new LocatedError({ where, expected: 'a quantity such as 64Mi', got: shown(value) });
  return parsed;
}
