/** What the map shows: groups, and tiles in each, of the scope. */
import { cacheOf, type Entry, entriesOf, shareOf } from './entries.ts';
import type { Model, PodLeaf } from './leaves.ts';
import { type Level, outside, type Scope } from './scope.ts';
import { type Rect, treemap } from './treemap.ts';

export interface Tile {
  readonly entry: Entry | undefined;
  readonly name: string;
  /** Real and page cache: the area. */
  readonly bytes: number;
  /** The part of the area that is real. */
  readonly realShare: number;
  /** Of the limit. */
  readonly share: number | undefined;
  readonly rect: Rect;
}

export interface TileGroup {
  readonly name: string;
  readonly bytes: number;
  readonly inside: Scope;
  readonly rect: Rect;
  /** The heading has its place above the tiles. */
  readonly hasHeading: boolean;
  readonly tiles: readonly Tile[];
}

/** What groups hold, for the levels of the scope. */
function levelsOf(
  { namespace, workload, pod }: Scope,
  { hasPods }: Model,
): readonly [groups: 'namespace' | 'workload' | undefined, tiles: Level] {
  if (!hasPods) return ['workload', 'container'];
  if (namespace === outside) return [undefined, 'container'];
  if (pod !== undefined) return [undefined, 'container'];
  if (workload !== undefined) return [undefined, 'pod'];
  return namespace === undefined ? ['namespace', 'workload'] : [undefined, 'workload'];
}

const isInside = ({ namespace }: PodLeaf): boolean => namespace !== outside;

const headingHeight = 20;
const mostGroups = 24;
const mostTiles = 40;
/** Smaller tiles cannot be seen or hit. */
const leastShare = 0.002;

/** @param pods those of the scope that the map shows */
export function tilesOf(
  model: Model,
  pods: readonly PodLeaf[],
  scope: Scope,
  into: Rect,
): readonly TileGroup[] {
  const [groupLevel, level] = levelsOf(scope, model);
  const [inside, apart] = [pods.filter(isInside), pods.filter((pod) => !isInside(pod))];
  // What runs outside pods has no workload that says more than its type.
  const entries = [
    ...entriesOf(model, inside, scope, level),
    ...entriesOf(model, apart, scope, 'container'),
  ].filter((entry) => amountOf(entry) > 0);
  const groups =
    groupLevel === undefined
      ? [['', entries] as const]
      : [...Map.groupBy(entries, ({ [groupLevel]: group = '' }) => group)];
  const total = entries.reduce((sum, entry) => sum + amountOf(entry), 0);
  const sized = groups
    .map(([name, some]) => ({ name, some, bytes: some.reduce((sum, entry) => sum + amountOf(entry), 0) }))
    .sort((a, b) => b.bytes - a.bytes)
    .filter(({ bytes }, index) => index < mostGroups && bytes > leastShare * total);
  const rects = treemap(
    sized.map(({ bytes }) => bytes),
    into,
  );
  return sized.map(({ name, some, bytes }, index) => {
    const rect = rects[index] ?? into;
    const hasHeading = name !== '' && rect.height > 2 * headingHeight && rect.width > 40;
    return {
      ...{ name, bytes, rect, hasHeading },
      inside: groupLevel === 'namespace' ? { ...scope, namespace: name } : scope,
      tiles: tilesIn(some, hasHeading ? below(rect) : rect),
    };
  });
}

const below = ({ x, y, width, height }: Rect): Rect => ({
  ...{ x, y: y + headingHeight, width, height: height - headingHeight },
});

function tilesIn(entries: readonly Entry[], into: Rect): readonly Tile[] {
  const ordered = entries.toSorted((a, b) => amountOf(b) - amountOf(a));
  const total = ordered.reduce((sum, entry) => sum + amountOf(entry), 0);
  const least = total * (30 / Math.max(1, into.width * into.height));
  const single = ordered.filter((entry, index) => index < mostTiles && amountOf(entry) > least);
  const rest = ordered.slice(single.length);
  const restBytes = rest.reduce((sum, entry) => sum + amountOf(entry), 0);
  const restReal = rest.reduce((sum, { real = 0 }) => sum + real, 0);
  const amounts = [...single.map(amountOf), ...(restBytes > 0 ? [restBytes] : [])];
  const rects = treemap(amounts, into);
  return rects.map((rect, index): Tile => {
    const entry = single[index];
    const bytes = amounts[index] ?? 0;
    return entry === undefined
      ? { entry, name: `${rest.length} more`, bytes, realShare: restReal / bytes, share: undefined, rect }
      : {
          ...{ entry, name: shortName(entry), bytes, rect },
          realShare: Math.min(1, (entry.real ?? bytes) / bytes),
          share: shareOf(entry),
        };
  });
}

const amountOf = (entry: Entry): number => Math.max(0, (entry.real ?? 0) + (cacheOf(entry) ?? 0));

/** `Deployment/cart` → `cart`. */
const shortName = ({ level, name }: Entry): string =>
  level === 'workload' ? name.slice(name.indexOf('/') + 1) : name;
