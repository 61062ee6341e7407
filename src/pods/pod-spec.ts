/** Reads from pods and owners what decides which patch the API accepts: specs, resources, heap caps, injected containers. */
import { heapCapOf } from '../heap/heap.ts';
import { heapFlagsKey, heapFlagsOf } from '../heap/words.ts';
import { type Bytes, parseQuantity } from '../model/bytes.ts';
import { defined, type Fields, fieldsOf, isFields, listOf, parseJson, textOf } from '../model/json.ts';
import type { Heap } from '../model/pod.ts';
import { injectedBy } from './injectors.ts';
import type { OwnerKind } from './owner-kinds.ts';
import { mirrorAnnotation } from './read-keys.ts';
import { workloadOf } from './workload.ts';

/** Undefined if the object has no name, or if the pod has ended. */
export function runningPodOf(object: unknown): RunningPod | undefined {
  const fields = fieldsOf(object);
  const metadata = fieldsOf(fields['metadata']);
  const [namespace, name] = [textOf(metadata['namespace']), textOf(metadata['name'])];
  const [spec, status] = [fieldsOf(fields['spec']), fieldsOf(fields['status'])];
  const phase = textOf(status['phase']) ?? 'Running';
  if (namespace === undefined || name === undefined || phase === 'Succeeded' || phase === 'Failed')
    return undefined;
  const annotations = fieldsOf(metadata['annotations']);
  return defined<RunningPod>({
    ...podSpecOf(spec),
    ...{ namespace, name },
    workload: workloadOf(metadata) ?? `Pod/${name}`,
    qos: textOf(status['qosClass']),
    staticOn: staticOn(metadata, annotations, spec),
    isWindows: isWindows(spec) ? true : undefined,
    injected: [...new Set([...injectedBy(annotations), ...istioStatus(annotations)])],
  });
}

function staticOn(metadata: Fields, annotations: Fields, spec: Fields): string | undefined {
  const owner = listOf(metadata['ownerReferences']).find(({ kind }) => kind === 'Node');
  if (owner === undefined && textOf(annotations[mirrorAnnotation]) === undefined) return undefined;
  return textOf(owner?.['name']) ?? textOf(spec['nodeName']) ?? 'its node';
}

const isWindows = (spec: Fields): boolean =>
  fieldsOf(spec['os'])['name'] === 'windows' ||
  fieldsOf(spec['nodeSelector'])['kubernetes.io/os'] === 'windows';

/** Istio lists the names of the containers that it injected in its annotation. */
function istioStatus(annotations: Fields): readonly string[] {
  const text = textOf(annotations['sidecar.istio.io/status']);
  if (text === undefined) return [];
  try {
    const { initContainers, containers } = fieldsOf(parseJson(text));
    return [initContainers, containers].flatMap((names) =>
      Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    );
  } catch {
    return [];
  }
}

function podSpecOf(spec: Fields): PodSpec {
  const ofInit = listOf(spec['initContainers']).flatMap((one, index) => {
    const isSidecar = one['restartPolicy'] === 'Always';
    return specContainerOf(one, isSidecar ? 'sidecar' : 'init', index);
  });
  return defined<PodSpec>({
    containers: [
      ...listOf(spec['containers']).flatMap((one, index) => specContainerOf(one, 'container', index)),
      ...ofInit,
      ...listOf(spec['ephemeralContainers']).flatMap((one, index) =>
        specContainerOf(one, 'ephemeral', index),
      ),
    ],
    resources: resourcesOf(spec['resources']),
  });
}

function specContainerOf(
  fields: Fields,
  type: SpecContainer['type'],
  index: number,
): readonly SpecContainer[] {
  const name = textOf(fields['name']);
  if (name === undefined) return [];
  const restarts = listOf(fields['resizePolicy']).some(
    ({ resourceName, restartPolicy }) => resourceName === 'memory' && restartPolicy === 'RestartContainer',
  );
  const resources = resourcesOf(fields['resources']);
  return [
    defined<SpecContainer>({
      ...{ name, type, index, resources },
      restarts: restarts || undefined,
      heap: heapOf(fields),
    }),
  ];
}

const heapKeys = ['command', 'args', 'env', 'envFrom', heapFlagsKey];

const heapOf = (container: Fields): DefinedHeap | undefined =>
  heapCapOf(heapFlagsOf(container)) ??
  (heapKeys.some((key) => container[key] !== undefined) ? 'none' : undefined);

function resourcesOf(value: unknown): SpecResources | undefined {
  if (!isFields(value)) return undefined;
  const requests = quantitiesOf(value['requests']);
  const limits = quantitiesOf(value['limits']);
  return defined<SpecResources>({ requests, limits, claims: value['claims'] });
}

function quantitiesOf(value: unknown): Quantities | undefined {
  if (!isFields(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'string' || typeof one === 'number' ? [[name, String(one)]] : [],
    ),
  );
}

/** @param object a workload from the API, of the given kind */
export function readOwner(object: unknown, { template }: OwnerKind): OwnerObject {
  const fields = fieldsOf(object);
  let found: unknown = fields;
  for (const key of template) found = fieldsOf(found)[key];
  const reference = fieldsOf(fieldsOf(fields['spec'])['workloadRef']);
  const [kind, name] = [textOf(reference['kind']), textOf(reference['name'])];
  const controller = listOf(fieldsOf(fields['metadata'])['ownerReferences']).find(
    (owner) => owner['controller'] === true,
  );
  const templateOf = kind === undefined || name === undefined ? undefined : `${kind}/${name}`;
  const hasTemplate = isFields(found) && Array.isArray(found['containers']) && templateOf === undefined;
  return defined<OwnerObject>({
    template: hasTemplate ? podSpecOf(fieldsOf(found)) : undefined,
    templateOf,
    controller:
      controller === undefined
        ? undefined
        : `${textOf(controller['kind']) ?? '?'}/${textOf(controller['name']) ?? '?'}`,
  });
}

/** Resource name → quantity, both as the API writes them: `memory` → `24Mi`. */
export type Quantities = Readonly<Record<string, string>>;

export interface SpecResources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
  /** Device claims: a patch leaves them as they are. */
  readonly claims?: unknown;
}

/** Memory request or limit in bytes. Undefined if not set or not a quantity. */
export function memoryOf(
  resources: SpecResources | undefined,
  kind: 'requests' | 'limits',
): Bytes | undefined {
  const text = resources?.[kind]?.['memory'];
  return text === undefined ? undefined : parseQuantity(text);
}

/** `none`: the definition was read and caps no heap. */
export type DefinedHeap = Heap | 'none';

export interface SpecContainer {
  readonly name: string;
  readonly type: 'container' | 'init' | 'sidecar' | 'ephemeral';
  /** Its index in its list, from 0. */
  readonly index: number;
  readonly resources?: SpecResources;
  /** A change of its memory restarts the container (`resizePolicy`). */
  readonly restarts?: true;
  /** Absent if the object has neither command nor environment, as in a list that someone reduced. */
  readonly heap?: DefinedHeap;
}

export interface PodSpec {
  readonly containers: readonly SpecContainer[];
  /** The resources of the pod as a whole (KEP-2837, pod-level resources). */
  readonly resources?: SpecResources;
}

/** A running pod and its workload. */
export interface RunningPod extends PodSpec {
  readonly namespace: string;
  readonly name: string;
  /** `Kind/name`; `Pod/name` for a bare pod. */
  readonly workload: string;
  readonly qos?: string;
  /** The pod mirrors a static pod on this node. */
  readonly staticOn?: string;
  readonly isWindows?: true;
  /** Containers that webhooks injected, according to the pod's annotations. */
  readonly injected: readonly string[];
}

/** A workload in the API. */
export interface OwnerObject {
  /** Absent if it has no template of its own. */
  readonly template?: PodSpec;
  /** The workload whose template it uses: `Deployment/web`. */
  readonly templateOf?: string;
  /** The object that manages it, and may revert changes by others: `Prometheus/main`. */
  readonly controller?: string;
}
