/** The most urgent containers. */
import { type ComponentChild, h } from 'preact';
import { useState } from 'preact/hooks';
import { type Attention, type Kind, kindTitle, nearestToLimit } from '../view/attention.ts';
import { ownLimit, shareOf } from '../view/entries.ts';
import type { Leaf, PodLeaf } from '../view/leaves.ts';
import { outside } from '../view/scope.ts';
import { percent, size } from '../view/words.ts';
import { button, name } from './element.ts';

export interface AttentionProps {
  readonly items: readonly Attention[];
  readonly pods: readonly PodLeaf[];
  readonly onOpen: (leaf: Leaf) => void;
}

const first = 4;
const most = 100;

export function AttentionList({ items, pods, onOpen }: AttentionProps): ComponentChild {
  const [isAll, setAll] = useState(false);
  const [chosen, choose] = useState<Kind>();
  if (pods.length === 0) return null;
  if (items.length === 0) return calm(nearestToLimit(pods), onOpen);
  const counts = Map.groupBy(items, ({ kind }) => kind);
  const some = (chosen === undefined ? undefined : counts.get(chosen)) ?? items;
  return h(
    'section',
    { class: 'attention', 'data-testid': 'attention', 'aria-label': 'Needs attention' },
    h(
      'div',
      { class: 'attention-title' },
      h('h2', null, 'Needs attention ', h('span', { class: 'count' }, items.length)),
      counts.size > 1 &&
        h(
          'div',
          { class: 'sorts', role: 'group', 'aria-label': 'Show only' },
          [...counts].map(([kind, { length }]) =>
            button(
              {
                key: kind,
                'aria-pressed': kind === chosen,
                'data-testid': `only-${kind}`,
                onClick: () => choose(kind === chosen ? undefined : kind),
              },
              `${length} ${kindTitle[kind].toLowerCase().replace('oom', 'OOM')}`,
            ),
          ),
        ),
    ),
    h(
      'ul',
      null,
      some.slice(0, isAll ? most : first).map((item) => row(item, onOpen)),
    ),
    some.length > first &&
      button(
        { class: 'link', 'aria-expanded': isAll, onClick: () => setAll(!isAll) },
        isAll
          ? 'Show fewer'
          : `Show ${some.length > most ? `the first ${most} of ${some.length}` : `all ${some.length}`}`,
      ),
  );
}

const row = ({ kind, leaf, why }: Attention, onOpen: AttentionProps['onOpen']): ComponentChild =>
  h(
    'li',
    { key: leaf.key },
    button(
      { class: `alert ${kind}`, onClick: () => onOpen(leaf), 'data-key': leaf.key },
      h('span', { class: 'kind' }, h('span', { class: 'icon', 'aria-hidden': 'true' }), kindTitle[kind]),
      h('span', { class: 'what' }, name(title(leaf)), h('small', null, leaf.pod.namespace)),
      h('span', { class: 'why' }, why),
    ),
  );

const title = ({ pod, name: container }: Leaf): string =>
  pod.namespace === outside || pod.containers.length === 1 ? pod.name : `${pod.name}/${container}`;

function calm(leaf: Leaf | undefined, onOpen: (leaf: Leaf) => void): ComponentChild {
  const share = leaf && shareOf({ real: leaf.figures.real, limit: ownLimit(leaf.figures) });
  return h(
    'section',
    { class: 'attention calm', 'data-testid': 'attention', 'aria-label': 'Needs attention' },
    h('h2', null, 'Nothing needs attention'),
    leaf !== undefined &&
      h(
        'p',
        null,
        'Nearest to its limit: ',
        button({ class: 'link', onClick: () => onOpen(leaf) }, title(leaf)),
        ` with ${percent(share)} of ${size(leaf.figures.limit)}.`,
      ),
  );
}
