/** Known OOM kills in a checkpoint. */
import { type KnownKills, type KnownLifetime, lifetimesKept } from '../usage/known-kills.ts';
import { CheckpointFields } from './fields.ts';

/** A short container ID, or a path hash and an inode. */
const longestId = 64;
const mostKills = 1_000_000_000;

export const encodeKnownKills = ({ at, lifetimes }: KnownKills): readonly unknown[] => [
  Math.floor(at),
  ...lifetimes.map(({ id, kills, isCounted, at: last }) => [id, kills, isCounted ? 1 : 0, Math.ceil(last)]),
];

/** Skips entries that it cannot read: a bad kill must not cost the history. @returns undefined: the checkpoint has none */
export function decodeKnownKills(value: unknown): KnownKills | undefined {
  if (!Array.isArray(value)) return undefined;
  const at = orUndefined(() => new CheckpointFields(value).time(0));
  if (at === undefined) return undefined;
  const lifetimes = value.slice(1).slice(-lifetimesKept);
  return {
    at,
    lifetimes: lifetimes.flatMap(
      (one) => orUndefined(() => knownLifetimeOf(new CheckpointFields(one))) ?? [],
    ),
  };
}

function knownLifetimeOf(fields: CheckpointFields): KnownLifetime {
  const id = fields.text(0);
  if (id.length > longestId)
    throw new RangeError(`expected an ID of at most ${longestId} characters, got ${id.length}`);
  return { id, kills: fields.upTo(1, mostKills), isCounted: fields.get(2) === 1, at: fields.time(3) };
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}
