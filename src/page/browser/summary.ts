/** The sentence that says it all, and the bar of the whole cluster, node, namespace or workload. */
import { type ComponentChild, h } from 'preact';
import { counted } from '../view/entries.ts';
import type { Overview } from '../view/overview.ts';
import { percent, size } from '../view/words.ts';
import { bar, type Mark } from './element.ts';

export interface SummaryProps {
  readonly overview: Overview;
  /** What the data is restricted to. Undefined: nothing. */
  readonly only: string | undefined;
  /** Sentences about the node, if the reader looks at one. */
  readonly about: readonly string[];
  /** Requested memory that all suggestions together give back. */
  readonly frees: number | undefined;
  readonly onSuggestions: () => void;
}

export function Summary({ overview, only, about, frees, onSuggestions }: SummaryProps): ComponentChild {
  const { parts, tmpfs, cache, free, whole, wholeTitle, allocatable, requests, limits, nodes } = overview;
  const real = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const marks: readonly Mark[] = [
    ...(allocatable === undefined ? [] : [{ kind: 'allocatable', bytes: allocatable }]),
    ...(requests === undefined ? [] : [{ kind: 'request', bytes: requests }]),
    ...(limits === undefined || limits > whole ? [] : [{ kind: 'limit', bytes: limits }]),
  ];
  const against = nodes > 0 ? (allocatable ?? whole) : undefined;
  return h(
    'section',
    { class: 'summary', 'aria-label': 'Summary', 'data-testid': 'summary' },
    headline(overview, only),
    about.length > 0 &&
      h(
        'ul',
        { class: 'notes' },
        about.map((line) => h('li', { key: line }, line)),
      ),
    (real > 0 || nodes > 0) &&
      h(
        'div',
        { class: 'whole' },
        bar(
          [...parts.map(({ kind, bytes }) => ({ kind, bytes })), { kind: 'cache', bytes: cache ?? 0 }],
          whole,
          marks,
        ),
        h(
          'dl',
          { class: 'legend' },
          item(
            parts.length === 1 ? 'anon' : '',
            ['Really used', 'The node really uses'][nodes] ?? 'All nodes really use',
            real,
            percent(real / whole),
            `of ${wholeTitle} ${size(whole)}${tmpfs === undefined || tmpfs <= 0 ? '' : ` · ${size(tmpfs)} tmpfs`}`,
          ),
          parts
            .filter(({ bytes, title }) => bytes > 0 && title !== 'Real')
            .map(({ kind, title, bytes }) => item(kind, title, bytes)),
          cache !== undefined && item('cache', 'Page cache', cache),
          free !== undefined && item('free', 'Free', free),
        ),
        h(
          'dl',
          { class: 'legend marks' },
          allocatable !== undefined && item('line allocatable', 'Allocatable', allocatable),
          requests !== undefined &&
            item('line request', 'Requests', requests, against && percent(requests / against)),
          limits !== undefined && item('line limit', 'Limits', limits, against && percent(limits / against)),
          frees !== undefined &&
            frees > 0 &&
            h(
              'div',
              { class: 'item' },
              h('dt', null, 'Suggestions free'),
              h(
                'dd',
                null,
                h(
                  'button',
                  { type: 'button', class: 'link', onClick: onSuggestions },
                  `${size(frees)} of requests`,
                ),
              ),
            ),
        ),
      ),
  );
}

function headline(
  { kubectlTop, real, unknown, pods, containers }: Overview,
  only: string | undefined,
): ComponentChild {
  if (pods + containers === 0)
    return h(
      'div',
      { class: 'headline' },
      h('h1', null, only === undefined ? 'No node has reported figures yet.' : `No pods of ${only}.`),
    );
  const what = pods > 0 ? counted(pods, 'pod') : counted(containers, 'cgroup');
  if (kubectlTop === undefined || real === undefined) return h('h1', null, `${what}, without figures`);
  const more = kubectlTop - real;
  return h(
    'div',
    { class: 'headline' },
    h(
      'h1',
      null,
      h(
        'span',
        { class: 'shown' },
        pods > 0 ? 'kubectl top shows ' : 'docker stats would show ',
        h('b', null, size(kubectlTop)),
        '. ',
      ),
      h('span', { class: 'really' }, 'Really used: ', h('b', null, size(real)), '.'),
    ),
    h(
      'p',
      null,
      `${what}. `,
      more > 0.005 * kubectlTop
        ? `${size(more)} of that (${percent(more / kubectlTop)}) is page cache, which the kernel gives back when it needs memory.`
        : 'Almost no page cache is in use.',
      unknown > 0 && ` ${counted(unknown, 'pod')} without figures.`,
    ),
  );
}

const item = (
  kind: string,
  title: string,
  bytes: number,
  share?: string | undefined | 0,
  note?: string,
): ComponentChild =>
  h(
    'div',
    { class: 'item', key: title },
    h('dt', null, kind !== '' && h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), title),
    h(
      'dd',
      null,
      h('b', null, size(bytes)),
      share ? ` ${share}` : '',
      note !== undefined && h('small', null, ` ${note}`),
    ),
  );
