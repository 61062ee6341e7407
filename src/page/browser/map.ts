/** The treemap: area is real and page cache, the filled part is real. The table below has the same figures as text. */
import { type ComponentChild, h } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { isNearLimit, isUrgent } from '../view/columns.ts';
import { cacheOf, type Entry } from '../view/entries.ts';
import type { Model, PodLeaf } from '../view/leaves.ts';
import type { Scope } from '../view/scope.ts';
import { type Tile, type TileGroup, tilesOf } from '../view/tiles.ts';
import type { Rect } from '../view/treemap.ts';
import { kubectlSize, percent, size } from '../view/words.ts';
import { name as nameElement, useWidth } from './element.ts';

export interface MapProps {
  readonly model: Model;
  readonly scope: Scope;
  readonly pods: readonly PodLeaf[];
  readonly onEntry: (entry: Entry) => void;
  readonly onScope: (scope: Scope) => void;
}

export function TreeMap({ model, pods, scope, onEntry, onScope }: MapProps): ComponentChild {
  const [box, width] = useWidth<HTMLDivElement>();
  const [over, setOver] = useState<string>();
  const height = width < 620 ? 240 : width > 1500 ? 360 : 220;
  const groups = useMemo(
    () => (width === 0 ? [] : tilesOf(model, pods, scope, { x: 0, y: 0, width, height })),
    [model, pods, scope, width, height],
  );
  return h(
    'figure',
    { class: 'map', 'data-testid': 'map' },
    h(
      'figcaption',
      null,
      h('span', { class: 'key' }, h('span', { class: 'swatch anon' }), 'real'),
      h('span', { class: 'key' }, h('span', { class: 'swatch cache' }), 'page cache'),
      h('span', { class: 'key' }, h('span', { class: 'swatch urgent' }), 'needs attention'),
      h('span', { class: 'over' }, over ?? 'Area: real and page cache'),
    ),
    h(
      'div',
      {
        ref: box,
        class: 'area',
        'aria-hidden': 'true',
        style: { height: `${height}px` },
        onMouseLeave: () => setOver(undefined),
      },
      groups.map((group) => groupElement(group, { setOver, onEntry, onScope })),
    ),
  );
}

interface Handlers extends Pick<MapProps, 'onEntry' | 'onScope'> {
  readonly setOver: (text: string) => void;
}

function groupElement(group: TileGroup, handlers: Handlers): ComponentChild {
  const { name, bytes, rect, inside, hasHeading, tiles } = group;
  return h(
    'div',
    { key: name, class: 'group', style: place(rect) },
    hasHeading &&
      h(
        'div',
        {
          class: 'heading',
          onClick: () => handlers.onScope(inside),
          onMouseEnter: () => handlers.setOver(`${name}: ${size(bytes)} with page cache`),
        },
        h('b', null, name),
        ` ${size(bytes)}`,
      ),
    tiles.map((tile, index) => tileElement(tile, index, rect, group, handlers)),
  );
}

function tileElement(
  tile: Tile,
  index: number,
  around: Rect,
  group: TileGroup,
  handlers: Handlers,
): ComponentChild {
  const { entry, name, bytes, realShare, share, rect } = tile;
  const isHot = entry !== undefined && (isUrgent(entry.verdict) || isNearLimit(entry));
  const isLarge = rect.width > 62 && rect.height > 28;
  return h(
    'div',
    {
      key: entry?.key ?? index,
      class: `tile${isHot ? ' hot' : ''}`,
      style: place({ ...rect, x: rect.x - around.x, y: rect.y - around.y }),
      onClick: () => (entry === undefined ? handlers.onScope(group.inside) : handlers.onEntry(entry)),
      onMouseEnter: () => handlers.setOver(sentence(tile)),
    },
    h('div', { class: 'fill', style: { width: `${realShare * 100}%` } }),
    isLarge &&
      h(
        'div',
        { class: 'label' },
        h(
          'b',
          null,
          isHot && h('span', { class: 'hot-mark' }, '▲'),
          rect.width > 110 ? nameElement(name) : h('span', { class: 'head' }, name),
        ),
        rect.height > 44 &&
          h(
            'span',
            null,
            size(entry?.real ?? bytes),
            share !== undefined && rect.width > 104 && ` · ${percent(share)}`,
          ),
      ),
  );
}

function sentence({ entry, name, bytes }: Tile): string {
  if (entry === undefined) return `${name}: ${size(bytes)} with page cache`;
  const cache = cacheOf(entry);
  const of = entry.limit === undefined ? '' : ` of ${size(entry.limit)}`;
  return `${name}: real ${size(entry.real)}${of}${cache === undefined ? '' : `, page cache ${size(cache)}`}${entry.workingSet === undefined ? '' : `, kubectl top ${kubectlSize(entry.workingSet)}`}`;
}

const place = ({ x, y, width, height }: Rect) => ({
  left: `${x}px`,
  top: `${y}px`,
  width: `${Math.max(0, width)}px`,
  height: `${Math.max(0, height)}px`,
});
