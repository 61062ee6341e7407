/** The size of a node's report, for pods of one shape. */
import { publishedOf } from '../../src/publish/publish.ts';
import { CountingApi } from './simulation/api.ts';
import { SimulatedNode } from './simulation/node.ts';
import type { Shape } from './simulation/pods.ts';
import { serverShare } from './simulation/stored.ts';

export interface Size {
  readonly pods: number;
  readonly containers: number;
  /** In bytes. */
  readonly body: number;
  readonly stored: number;
}

const at = Date.UTC(2026, 0, 5);

export function sizeOf(pods: number, shape: Shape): Size {
  const options = { index: 0, nodes: 5_000, seed: 1, annotateEach: 1, pods, shape, at };
  const report = new SimulatedNode(options, new CountingApi(at, 1)).report(at);
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: report.metadata.name,
    uid: '0b9d7c5e-2f41-4f7c-8a36-5d1e9c7b3a20',
  } as const;
  const body = JSON.stringify(publishedOf(report, owner)).length;
  return { pods, containers: report.containers.length, body, stored: body + serverShare };
}
