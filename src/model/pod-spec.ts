/** What the API says of a pod, or of the template of its owner: what decides which patch the API takes, and caps of heaps. */
import { type Bytes, parseQuantity } from './bytes.ts';
import type { Heap } from './pod.ts';

/** As it stands in the API: name → quantity. */
export type Quantities = Readonly<Record<string, string>>;

export interface SpecResources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
  /** Of devices: nothing is read of them, and they stay. */
  readonly claims?: unknown;
}

/** Undefined where nothing is set, and for what is no quantity. */
export function memoryOf(
  resources: SpecResources | undefined,
  kind: 'requests' | 'limits',
): Bytes | undefined {
  const text = resources?.[kind]?.['memory'];
  return text === undefined ? undefined : parseQuantity(text);
}

/** `none`: the definition was read, and caps no heap. */
export type DefinedHeap = Heap | 'none';

export interface SpecContainer {
  readonly name: string;
  readonly type: 'container' | 'init' | 'sidecar' | 'ephemeral';
  /** Its place in its list. */
  readonly index: number;
  /** Absent: it has none. */
  readonly resources?: SpecResources;
  /** A change of its memory restarts it. */
  readonly restarts?: true;
  /** Absent: nothing of command and environment is there, as in a list that somebody cut down. */
  readonly heap?: DefinedHeap;
}

export interface PodSpec {
  readonly containers: readonly SpecContainer[];
  /** Of the pod as a whole. */
  readonly resources?: SpecResources;
}

/** A pod that runs now, and what it belongs to. */
export interface RunningPod extends PodSpec {
  readonly namespace: string;
  readonly name: string;
  readonly workload: string;
  readonly qos?: string;
  /** The mirror of a static pod, on that node. */
  readonly staticOn?: string;
  readonly isWindows?: true;
  /** Containers that are not in the template of its owner, by its annotations. */
  readonly injected: readonly string[];
}

/** An owner as the API has it. */
export interface Owner {
  /** Absent: it has no template of its own. */
  readonly template?: PodSpec;
  /** It takes that of another one: `Deployment/web`. */
  readonly templateOf?: string;
  /** What makes it, and may undo what others change in it: `Prometheus/main`. */
  readonly controller?: string;
}
