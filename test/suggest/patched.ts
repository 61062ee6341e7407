/** Patches of played containers, and what is known about their pods and owners. */
import assert from 'node:assert/strict';
import type { OwnerObject, RunningPod, SpecContainer, SpecResources } from '../../src/pods/pod-spec.ts';
import { ownerText, type PatchOptions, renderPatches } from '../../src/suggest/patch.ts';
import { day, monday, type PlayedContainer, play } from '../usage/made/played.ts';
import { suggestFrom } from './suggest-from.ts';

/** Of a JSON patch. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

const days = 3;

export function patches(containers: readonly PlayedContainer[], options: Partial<PatchOptions> = {}): string {
  const at = monday + days * day;
  const kept = play(containers, { days, stepSeconds: 1800 }).kept();
  const suggestions = suggestFrom([{ node: 'node-1', at, ...kept }], at);
  return renderPatches(suggestions, { doubts: () => undefined, least: 'low', ...options });
}

export const web: PlayedContainer = { pod: 'web-1', real: () => 100, request: 512, limit: 1024 };
export const of = (workload: string): PlayedContainer => ({ ...web, workload });
export const commandsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('kubectl'));
export const onlyCommand = (text: string): string => {
  const [command = '', ...more] = commandsIn(text);
  assert.deepEqual(more, []);
  assert.notEqual(command, '', text);
  return command;
};
export const patchIn = (command: string): unknown => JSON.parse(/-p '(.*)'$/.exec(command)?.[1] ?? '');

export const container = (name: string, more: Partial<SpecContainer> = {}): SpecContainer => ({
  ...{ name, type: 'container', index: 0 },
  ...more,
});
export const resources = (request: string, limit: string): SpecResources => ({
  requests: { cpu: '100m', memory: request },
  limits: { memory: limit },
});
export const pod = (workload: string, more: Partial<RunningPod> = {}): RunningPod => ({
  ...{ namespace: 'shop', name: 'web-1', workload, injected: [], qos: 'Burstable' },
  containers: [container('web', { resources: resources('512Mi', '1Gi') })],
  ...more,
});
export const owners = (
  workload: string,
  owner: OwnerObject | 'missing',
): NonNullable<PatchOptions['owners']> => new Map([[ownerText({ namespace: 'shop', workload }), owner]]);
