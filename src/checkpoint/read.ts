/** Text of a checkpoint → history. The text is untrusted: a wrong entry is dropped and named. */
import type { ContainerKey } from '../model/container-key.ts';
import { LocatedError } from '../model/located-error.ts';
import { namesKept, UsageAggregates } from '../usage/aggregates.ts';
import { todaysWorkload } from '../usage/earlier.ts';
import type { LifetimeState } from '../usage/lifetime.ts';
import { type Checkpoint, kind, version } from './checkpoint.ts';
import { DroppedEntries } from './dropped-entries.ts';
import { CheckpointFields } from './fields.ts';
import { decodeKnownKills } from './known-kills.ts';
import { aggregateOf } from './read-aggregate.ts';
import { lifetimeOf } from './read-lifetime.ts';

/** A newer agent wrote the history: it is valid, but this agent cannot read it. */
export class NewerHistory extends LocatedError {}

/**
 * @param where names the source in errors
 * @throws LocatedError for text that is no checkpoint, or one of an unknown version
 */
export function decodeCheckpoint(where: string, text: string): Checkpoint {
  const fault = (expected: string, got: string): LocatedError => new LocatedError({ where, expected, got });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fault(
      'a history of realmem',
      text === '' ? 'nothing' : `${text.length} characters that are not JSON`,
    );
  }
  if (typeof value !== 'object' || value === null) throw fault('a history of realmem', text);
  const fields = new CheckpointFields(value);
  if (fields.get('kind') !== kind) throw fault(`the kind "${kind}"`, shown(fields.get('kind')));
  const found = fields.get('version');
  const expected = `version ${version}, which this agent writes`;
  if (typeof found === 'number' && found > version)
    throw new NewerHistory({ where, expected, got: `${found}` });
  if (found !== version) throw fault(expected, shown(found));
  try {
    return checkpointOf(fields);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new LocatedError({
      where,
      expected: `a history of version ${version}`,
      got: { message: `a wrong one (${error.message})` },
    });
  }
}

/** `String` fails for an object with a `toString` that is no function. */
const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'an object or a list' : String(value);

function checkpointOf(fields: CheckpointFields): Checkpoint {
  const at = fields.time('at');
  const rules = fields.get('rules');
  const writtenBy = typeof rules === 'number' ? rules : 1;
  const capacityBytes = fields.maybe('capacityBytes');
  const keys: (ContainerKey | undefined)[] = [];
  const aggregates = new UsageAggregates();
  const entries = new DroppedEntries();
  const workloads = fields.list('workloads');
  // The next pass drops names above `namesKept`.
  if (workloads.length > 2 * namesKept)
    throw new RangeError(`expected at most ${2 * namesKept} workloads, got ${workloads.length}`);
  for (const [index, one] of workloads.entries())
    entries.read(`workloads[${index}]`, () => {
      keys[index] = undefined;
      const entry = new CheckpointFields(one);
      const [namespace, workload, container] = [entry.text(0), entry.text(1), entry.text(2)];
      const key = { namespace, workload: todaysWorkload(workload, writtenBy), container };
      const inside = entries.below(`${namespace}/${workload}/${container}`);
      const cells = new CheckpointFields(entry.get(3));
      const aggregate = aggregateOf(cells, at, inside, writtenBy, capacityBytes);
      aggregates.of(key).merge(aggregate);
      keys[index] = key;
    });
  const kills = decodeKnownKills(fields.get('kills'));
  const lifetimes = fields.list('lives').flatMap((one, index): LifetimeState[] => {
    let lifetime: LifetimeState | undefined;
    entries.read(`lives[${index}]`, () => {
      lifetime = lifetimeOf(new CheckpointFields(one), keys, at);
    });
    return lifetime === undefined ? [] : [lifetime];
  });
  return {
    node: fields.text('node'),
    at,
    ...(capacityBytes !== undefined && { capacityBytes }),
    aggregates,
    lifetimes,
    ...(entries.dropped.first !== undefined && { dropped: entries.dropped }),
    ...(kills !== undefined && { kills }),
  };
}
