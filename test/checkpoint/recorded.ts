/** The recorded checkpoint of 0.1.0, with a change, as a history. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../src/checkpoint/read.ts';
import type { UsageAggregate } from '../../src/usage/aggregate.ts';

export const old = fs.readFileSync(
  new URL('../../fixtures/histories/0.1.0.history.json', import.meta.url),
  'utf8',
);

/** A checkpoint as plain JSON. */
export interface Plain {
  at: number;
  workloads: [string, string, string, Record<string, unknown>][];
  lives: unknown[][];
  [field: string]: unknown;
}

/** The recorded checkpoint of 0.1.0 with a change. */
export function changed(change: (checkpoint: Plain, cart: Record<string, unknown>) => void): Checkpoint {
  const checkpoint = JSON.parse(old) as Plain;
  const [first] = checkpoint.workloads;
  assert.ok(first !== undefined);
  change(checkpoint, first[3]);
  return decodeCheckpoint('it', JSON.stringify(checkpoint));
}
export const key = { namespace: 'shop', workload: 'Deployment/cart', container: 'web' };
export function aggregateOf({ aggregates }: Checkpoint): UsageAggregate {
  const found = [...aggregates].find((one) => one.key.workload === key.workload);
  assert.ok(found !== undefined, 'the workload was dropped');
  return found.aggregate;
}
export const cartWith = (fields: Record<string, unknown>): UsageAggregate =>
  aggregateOf(changed((_, one) => void Object.assign(one, fields)));
export const dropsWith = (fields: Record<string, unknown>): string | undefined =>
  changed((_, one) => void Object.assign(one, fields)).dropped?.first;

export const at = 1_728_457_920;
export const KiB = 1024;
