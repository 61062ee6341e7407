/** Pods without what is not needed: no environment, no command, no secret leaves the machine in a recording. */
import { heapFlagsKey, heapFlagsOf } from '../heap/words.ts';
import { readAnnotations } from '../pods/read-keys.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is made of several fields, and stands for them; undefined: nothing. */
type Extract = (fields: Fields) => unknown;

/** What `podsOf` reads, in the shape of the API: `true` for a value, an object for what lies below, lists through. */
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
    // Whoever reads the recording selects by any of them.
    labels: true,
    annotations: Object.fromEntries(readAnnotations.map((key) => [key, true as const])),
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

/** A list of pods, or one, with only what is read of it. */
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
