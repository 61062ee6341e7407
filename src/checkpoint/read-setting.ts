/** What the pod's specification said of a container, as a checkpoint keeps it. */
import { type Bytes, bytes } from '../model/bytes.ts';
import type { PodSetting, Setting } from '../model/container-key.ts';
import { defined } from '../model/json.ts';
import type { ContainerType, Heap, HeapCap } from '../model/pod.ts';
import { isDoubted } from '../usage/earlier.ts';
import { CheckpointFields } from './fields.ts';

const types: readonly ContainerType[] = ['container', 'init', 'sidecar', 'ephemeral', 'sandbox', 'unknown'];
const runtimes: readonly HeapCap['runtime'][] = ['JVM', 'Node.js', '.NET', 'Go'];

/** @throws TypeError and RangeError for an impossible size, share or text */
export function settingOf(fields: CheckpointFields, writtenBy: number): Setting {
  return defined<Setting>({
    type: types.find((known) => known === fields.get('type')) ?? 'unknown',
    request: fields.maybe('request'),
    limit: fields.maybe('limit'),
    heap: heapOf(fields.get('heap'), writtenBy),
    pod: podSettingOf(fields.get('pod')),
  });
}

function podSettingOf(value: unknown): PodSetting | undefined {
  if (value === undefined) return undefined;
  const fields = new CheckpointFields(value);
  return defined<PodSetting>({ request: fields.maybe('request'), limit: fields.maybe('limit') });
}

function heapOf(value: unknown, writtenBy: number): Heap | undefined {
  if (value === undefined) return undefined;
  const heap = new CheckpointFields(value);
  const runtime = runtimes.find((known) => known === heap.get('runtime'));
  if (runtime === undefined) return heap.get('runtime') === 'unknown' ? { runtime: 'unknown' } : undefined;
  // Another flag may be in force: until an agent sees the pod again, the cap is unknown.
  if (isDoubted(runtime, writtenBy)) return { runtime: 'unknown' };
  const bytesAt = (name: string): Bytes | undefined => {
    const amount = heap.maybe(name);
    return amount === undefined ? undefined : bytes(amount);
  };
  return defined<HeapCap>({
    runtime,
    by: heap.get('by') === undefined ? undefined : heap.text('by'),
    bytes: bytesAt('bytes'),
    besideBytes: bytesAt('besideBytes'),
    share: heap.maybe('share', 1),
  });
}
