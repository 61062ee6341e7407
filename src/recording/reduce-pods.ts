/** Reduces pods to the fields that realmem reads: a recording contains no environment, no command and no secret. */
import { heapFlagsKey, heapFlagsOf } from '../heap/words.ts';
import type { Fields } from '../model/json.ts';
import { annotationsRead } from '../pods/read-keys.ts';

/** Computes a value from several fields, to store in place of them. Undefined: store nothing. */
type Extract = (fields: Fields) => unknown;

/** The fields that `podsOf` reads. `true` keeps a value, an object selects below it. A list applies it to each item. */
interface Shape {
  readonly [key: string]: true | Extract | Shape;
}

const heapFlags: Extract = (container) => {
  const flags = heapFlagsOf(container);
  return flags.length === 0 ? undefined : flags;
};

const resources = { requests: { memory: true }, limits: { memory: true } } as const;
const containers: Shape = { name: true, restartPolicy: true, resources, [heapFlagsKey]: heapFlags };
const ended = { terminated: { containerID: true, reason: true, finishedAt: true } } as const;
const statuses = {
  name: true,
  containerID: true,
  state: { running: { startedAt: true }, ...ended },
  lastState: ended,
  resources,
} as const;

const pod: Shape = {
  kind: true,
  metadata: {
    uid: true,
    namespace: true,
    name: true,
    creationTimestamp: true,
    // Keep all labels: a reader of the recording can select pods by any of them.
    labels: true,
    annotations: Object.fromEntries(annotationsRead.map((key) => [key, true as const])),
    ownerReferences: { apiVersion: true, kind: true, name: true, controller: true },
  },
  spec: {
    runtimeClassName: true,
    overhead: { memory: true },
    resources,
    containers,
    initContainers: containers,
    ephemeralContainers: containers,
  },
  status: {
    qosClass: true,
    resources,
    containerStatuses: statuses,
    initContainerStatuses: statuses,
    ephemeralContainerStatuses: statuses,
  },
};

const list: Shape = { ...pod, items: pod };

/** @param value a list of pods, or a single pod */
export const reducePods = (value: unknown): unknown => reduce(value, list);

function reduce(value: unknown, shape: true | Shape): unknown {
  if (shape === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => reduce(item, shape));
  const fields = value as Fields;
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, below]) => {
      if (typeof below !== 'function')
        return Object.hasOwn(fields, key) ? [[key, reduce(fields[key], below)]] : [];
      const made = below(fields);
      return made === undefined ? [] : [[key, made]];
    }),
  );
}
