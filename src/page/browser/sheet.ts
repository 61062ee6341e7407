/** One container: how near its limit is, why tools differ, and what to set. */
import { type ComponentChild, h } from 'preact';
import { printable } from '../../model/text.ts';
import type { PageUsage } from '../data.ts';
import { isNearLimit, isUrgent } from '../view/columns.ts';
import { leafFigures, ownLimit, shareOf } from '../view/entries.ts';
import { type Leaf, type Model, suggestionKey } from '../view/leaves.ts';
import { outside } from '../view/scope.ts';
import { kubectlSize, percent, size } from '../view/words.ts';
import { button, CopyButton } from './element.ts';
import { EveryTool } from './every-tool.ts';
import { Picture } from './picture.ts';
import { SuggestionCard } from './suggestion.ts';

export interface SheetProps {
  readonly model: Model;
  /** Key of a container or of a suggestion. */
  readonly open: string;
  readonly isServed: boolean;
  readonly onBack: () => void;
  readonly onOpen: (key: string) => void;
}

export function Sheet({ model, open, isServed, onBack, onOpen }: SheetProps): ComponentChild {
  const leaf = model.leaves.get(open);
  const suggestion = model.suggestions.get(open);
  const back = button({ class: 'back', onClick: onBack, 'data-testid': 'back' }, '← Back');
  if (leaf !== undefined) return h(ContainerSheet, { model, leaf, back, isServed });
  if (suggestion === undefined)
    return h(
      'section',
      { class: 'sheet' },
      back,
      h('h1', { tabIndex: -1 }, printable(open)),
      h(
        'p',
        { class: 'empty' },
        'It is not in these figures any more. It may have ended, or its node has no report.',
      ),
    );
  const { namespace, workload, container } = suggestion;
  const running = model.pods.filter(
    (pod) => `${pod.namespace}/${pod.workload}` === `${printable(namespace)}/${printable(workload)}`,
  );
  const leaves = running.flatMap((pod) => pod.containers.filter((one) => one.name === printable(container)));
  return h(
    'section',
    { class: 'sheet', 'data-testid': 'sheet' },
    back,
    heading(
      printable(container === '' ? workload : container),
      `${printable(namespace)} · ${printable(workload)}`,
    ),
    h(SuggestionCard, {
      suggestion,
      command: model.patches.get(`${printable(namespace)}/${printable(workload)}`),
    }),
    leaves.length > 0 &&
      h(
        'section',
        { class: 'replicas' },
        h('h2', null, 'Running'),
        h(
          'ul',
          null,
          leaves
            .slice(0, 20)
            .map((one) =>
              h(
                'li',
                { key: one.key },
                button({ class: 'link', onClick: () => onOpen(one.key) }, one.pod.name),
                ` ${size(one.figures.real)}${one.figures.limit === undefined ? '' : ` of ${size(one.figures.limit)}`} on ${one.pod.node}`,
              ),
            ),
          leaves.length > 20 && h('li', null, `and ${leaves.length - 20} more`),
        ),
      ),
  );
}

const heading = (title: ComponentChild, where: string, verdict?: ComponentChild): ComponentChild =>
  h('div', { class: 'title' }, h('h1', { tabIndex: -1 }, title), verdict, h('p', { class: 'where' }, where));

function ContainerSheet({
  model,
  leaf,
  back,
  isServed,
}: {
  readonly model: Model;
  readonly leaf: Leaf;
  readonly back: ComponentChild;
  readonly isServed: boolean;
}): ComponentChild {
  const { pod, figures, name: container } = leaf;
  const entry = leafFigures(leaf);
  const { verdict } = figures;
  const key = suggestionKey({ namespace: pod.namespace, workload: pod.workload, container });
  const suggestion = model.suggestions.get(key);
  const isOther = pod.namespace === outside;
  const target = isOther ? pod.name : `${pod.namespace}/${pod.name}/${container}`;
  const command = `${model.data.scope === 'cluster' ? 'kubectl realmem' : 'realmem'} explain ${target}`;
  return h(
    'article',
    { class: 'sheet', 'data-testid': 'sheet' },
    back,
    heading(
      isOther ? pod.name : [pod.name, h('span', { key: 'container', class: 'inner' }, ` / ${container}`)],
      isOther
        ? `${pod.workload} on ${pod.node}`
        : [pod.namespace, ...(pod.workload.startsWith('Pod/') ? [] : [pod.workload]), pod.node].join(' · '),
      verdict !== undefined && h('span', { class: `verdict${isUrgent(verdict) ? ' bad' : ''}` }, verdict),
    ),
    h('p', { class: 'lead' }, lead(leaf)),
    h(
      'dl',
      { class: 'tiles' },
      fact(
        'Real',
        size(entry.real),
        isNearLimit(entry) ? 'bad' : '',
        figures.isClamped ? 'a lower bound' : undefined,
      ),
      fact(figures.isHigh ? 'memory.high' : 'Limit', size(entry.limit), '', limitNote(leaf)),
      fact(
        'Left',
        entry.limit === undefined || entry.real === undefined
          ? '–'
          : size(Math.max(0, entry.limit - entry.real)),
        isNearLimit(entry) ? 'bad' : '',
        entry.limit === undefined
          ? undefined
          : figures.isHigh
            ? 'until the kernel throttles'
            : 'until the OOM killer',
      ),
      fact('Request', size(entry.request)),
      fact('Peak', size(entry.peak), '', 'largest real'),
      fact('kubectl top', kubectlSize(entry.workingSet)),
      fact(
        'OOM kills',
        entry.ooms === undefined ? '–' : String(entry.ooms),
        (entry.ooms ?? 0) > 0 ? 'bad' : '',
      ),
      (figures.swap ?? 0) > 0 && fact('Swap', size(figures.swap), '', 'not in real'),
    ),
    h(Picture, {
      usage: entry.limit === undefined ? withoutLimit(figures) : figures,
      suggestLimit: suggestion?.limit ?? figures.suggestLimit,
    }),
    suggestion === undefined
      ? figures.suggestRequest !== undefined || figures.suggestLimit !== undefined
        ? h(
            'section',
            { class: 'suggestion', 'data-testid': 'suggestion' },
            h('h2', null, 'What to set'),
            h(
              'dl',
              { class: 'facts' },
              plain('Request', figures.suggestRequest),
              plain('Limit', figures.suggestLimit),
            ),
          )
        : null
      : h(SuggestionCard, { suggestion, command: model.patches.get(`${pod.namespace}/${pod.workload}`) }),
    isServed && !isOther && h(EveryTool, { key: leaf.key, target: [pod.namespace, pod.name, container] }),
    !isServed &&
      h(
        'p',
        { class: 'next no-print' },
        'Every tool, with its formula: ',
        h('code', null, command),
        ' ',
        h(CopyButton, { text: command, label: 'Copy' }),
      ),
  );
}

const plain = (title: string, bytes: number | undefined): ComponentChild =>
  h('div', null, h('dt', null, title), h('dd', { class: 'new' }, size(bytes)));

const fact = (title: string, text: string, kind = '', note?: string | undefined): ComponentChild =>
  h(
    'div',
    { class: kind, key: title },
    h('dt', null, title),
    h('dd', null, text, note !== undefined && h('small', null, note)),
  );

/** The picture has no room for a limit of all pods of the node. */
const withoutLimit = ({ limit: _, ...usage }: PageUsage): PageUsage => usage;

function limitNote({ figures: { limit, limitFrom } }: Leaf): string | undefined {
  if (limit === undefined) return 'none is set';
  if (limitFrom === 'node') return `only ${size(limit)} for all pods`;
  return limitFrom === 'pod' ? 'of the whole pod' : undefined;
}

function lead(leaf: Leaf): string {
  const { real, workingSet } = leaf.figures;
  const limit = ownLimit(leaf.figures);
  if (real === undefined) return 'No figures yet.';
  const share = shareOf({ real, limit });
  const uses = `Really uses ${size(real)}${share === undefined ? '' : `, ${percent(share)} of its limit ${size(limit)}`}.`;
  const more = workingSet === undefined ? 0 : workingSet - real;
  return more < 1024 ** 2
    ? uses
    : `${uses} kubectl top shows ${kubectlSize(workingSet)}: ${size(more)} of that is active page cache, which the kernel can drop.`;
}
