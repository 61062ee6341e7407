/** One picture of a container's memory: its parts, and which of them each tool counts. */
import { type ComponentChild, h } from 'preact';
import type { PageUsage } from '../data.ts';
import { type BarPart, barParts, readingsOf, type ToolFigure } from '../view/parts.ts';
import { placeLabels } from '../view/ruler.ts';
import { percent, size } from '../view/words.ts';
import { bar, type Mark } from './element.ts';

export interface PictureProps {
  readonly usage: PageUsage;
  readonly suggestLimit: number | undefined;
}

export function Picture({ usage, suggestLimit }: PictureProps): ComponentChild {
  const parts = barParts(usage);
  const readings = readingsOf(usage);
  const { limit, request, real, isHigh } = usage;
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  // A limit far above the usage would leave nothing to see of the parts.
  const isFar = limit !== undefined && limit > 8 * total;
  const inView = [total, request, suggestLimit, isFar ? undefined : limit].filter(
    (one): one is number => one !== undefined && one <= 8 * total,
  );
  const whole = Math.max(1, ...inView) * 1.02;
  const marks: readonly Mark[] = [
    ...(request !== undefined && request <= whole ? [{ kind: 'request', bytes: request }] : []),
    ...(limit !== undefined && limit <= whole ? [{ kind: 'limit', bytes: limit }] : []),
    ...(suggestLimit !== undefined && suggestLimit !== limit && suggestLimit <= whole
      ? [{ kind: 'suggested', bytes: suggestLimit }]
      : []),
  ];
  if (parts.length === 0) return h('p', { class: 'empty' }, 'No figures of this container yet.');
  return h(
    'section',
    { class: 'picture', 'data-testid': 'picture', 'aria-label': 'Why each tool shows what it shows' },
    h('h2', null, 'Why each tool shows what it shows'),
    h(
      'div',
      { class: 'readings', role: 'table', 'aria-label': 'What each tool counts' },
      h(
        'div',
        { class: 'reading scale', role: 'row' },
        h('span', { role: 'columnheader', class: 'tool' }, 'Tool'),
        h('span', { role: 'columnheader', class: 'shows' }, 'Shows'),
        h('span', { role: 'columnheader', class: 'counts' }, scale(marks, whole, isHigh === true)),
      ),
      h(
        'div',
        { class: 'reading all', role: 'row' },
        h('span', { role: 'rowheader', class: 'tool' }, 'All its memory'),
        h('span', { role: 'cell', class: 'shows' }, size(total)),
        h(
          'span',
          { role: 'cell', class: 'counts' },
          bar(
            parts.map(({ name: kind, bytes, title }) => ({ kind, bytes, title: `${title} ${size(bytes)}` })),
            whole,
            marks,
          ),
        ),
      ),
      readings.map((reading) => readingRow(reading, parts, whole, marks, real)),
    ),
    isFar && h('p', { class: 'aside' }, `The limit, ${size(limit)}, is far to the right of this picture.`),
    legend(parts, total),
  );
}

function readingRow(
  reading: ToolFigure,
  parts: readonly BarPart[],
  whole: number,
  marks: readonly Mark[],
  real: number | undefined,
): ComponentChild {
  const { tool, shows, bytes, counts, why, share, isOurs } = reading;
  const differs = real === undefined || isOurs ? 0 : bytes - real;
  return h(
    'div',
    { class: `reading${isOurs ? ' ours' : ''}`, role: 'row', key: tool },
    h('span', { role: 'rowheader', class: 'tool' }, breakable(tool)),
    h(
      'span',
      { role: 'cell', class: 'shows' },
      h('b', null, shows),
      share !== undefined && h('small', null, ` ${share} `),
      !isOurs && h('small', null, difference(differs)),
    ),
    h(
      'span',
      { role: 'cell', class: 'counts' },
      h(
        'span',
        { class: 'counted' },
        bar(
          parts.map(({ name: kind, bytes: of }) => ({
            kind: counts.includes(kind) ? kind : 'omitted',
            bytes: of,
          })),
          whole,
          marks,
        ),
      ),
      h('span', { class: 'why' }, why),
    ),
  );
}

/** The name of a metric may wrap after each underscore. */
const breakable = (text: string): ComponentChild =>
  text.split(/(?<=_)/).map((piece, index) => [index > 0 && h('wbr', null), piece]);

/** Smaller differences come from reading two files one after the other. */
const noise = 1024 ** 2;

const difference = (bytes: number): string =>
  Math.abs(bytes) < noise ? ' as real' : bytes > 0 ? ` +${size(bytes)}` : ` −${size(-bytes)}`;

function scale(marks: readonly Mark[], whole: number, isHigh: boolean): ComponentChild {
  const titles: Readonly<Record<string, string>> = {
    request: 'request',
    limit: isHigh ? 'memory.high' : 'limit',
    suggested: 'suggested limit',
  };
  const labels = placeLabels(
    marks.map(({ kind, bytes }) => ({ kind, text: `${titles[kind]} ${size(bytes)}`, share: bytes / whole })),
  );
  const lines = Math.max(1, ...labels.map(({ line }) => line + 1));
  return h(
    'span',
    { class: 'ruler', style: { height: `${lines * 17}px` } },
    labels.map(({ kind, text, share, isBefore, line }) =>
      h(
        'span',
        {
          key: kind,
          class: `marklabel ${kind}${isBefore ? ' before' : ''}`,
          style: {
            top: `${line * 17}px`,
            ...(isBefore ? { right: `${100 - share * 100}%` } : { left: `${share * 100}%` }),
          },
        },
        text,
      ),
    ),
  );
}

const legend = (parts: readonly BarPart[], total: number): ComponentChild =>
  h(
    'ul',
    { class: 'parts' },
    parts.map(({ name: kind, title, note, bytes, isReal }) =>
      h(
        'li',
        { key: kind },
        h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }),
        h('b', null, title),
        h('span', { class: 'amount' }, `${size(bytes)} (${percent(bytes / total)})`),
        h('small', null, `${isReal ? 'Real' : 'Given back'}: ${note}`),
      ),
    ),
  );
