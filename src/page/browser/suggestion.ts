/** What to set for a container, why, what that frees, and the command. */
import { type ComponentChild, h } from 'preact';
import { printable, printableLines } from '../../model/text.ts';
import { rfc3339 } from '../../model/time.ts';
import type { PageHistory, PageSuggestion } from '../data.ts';
import { changeText } from '../view/columns.ts';
import { counted } from '../view/entries.ts';
import { size } from '../view/words.ts';
import { CopyButton } from './element.ts';

export interface SuggestionProps {
  readonly suggestion: PageSuggestion;
  readonly command: string | undefined;
}

export function SuggestionCard({ suggestion, command }: SuggestionProps): ComponentChild {
  const { requestNow, request, limitNow, limit, frees, risk, confidence, days, because, doubt, history } =
    suggestion;
  const isLearning = suggestion.learningPeak !== undefined;
  return h(
    'section',
    { class: 'suggestion', 'data-testid': 'suggestion', 'aria-label': 'What to set' },
    h('h2', null, 'What to set'),
    h(
      'div',
      { class: 'proposal' },
      h(
        'dl',
        { class: 'facts' },
        fact('Request', changeText(requestNow, request, isLearning), requestNow !== request),
        fact('Limit', changeText(limitNow, limit, isLearning), limitNow !== limit),
        frees !== 0 &&
          fact(
            frees > 0 ? 'Frees' : 'Needs',
            `${size(Math.abs(frees))} over ${counted(suggestion.replicas, 'replica')}`,
          ),
        risk !== '' && fact('Risk now', printable(risk)),
        confidence !== undefined &&
          fact(
            'Confidence',
            days === undefined
              ? confidence
              : `${isLearning ? 'learning' : confidence}, ${days < 1 ? 'less than a day' : `${days.toFixed(1)} days`} of history`,
          ),
      ),
      because.length > 0 &&
        h(
          'ul',
          { class: 'because' },
          because.map((reason) => h('li', { key: reason }, printable(reason))),
        ),
      doubt !== undefined && h('p', { class: 'doubt' }, h('b', null, 'Check first: '), printable(doubt)),
    ),
    history !== undefined && h(Sparkline, { history, limitNow, limit }),
    command !== undefined &&
      h(
        'div',
        { class: 'command' },
        h(CopyButton, { text: command, label: 'Copy the kubectl patch' }),
        h('pre', { tabIndex: 0, 'aria-label': 'Command' }, printableLines(command)),
      ),
  );
}

const fact = (title: string, text: string, isNew = false): ComponentChild =>
  h('div', { key: title }, h('dt', null, title), h('dd', { class: isNew ? 'new' : '' }, text));

interface SparklineProps {
  readonly history: PageHistory;
  readonly limitNow: number | undefined;
  readonly limit: number | undefined;
}

const [columnWidth, high] = [18, 90];

/** The peak of each day as a column, and the limits as lines. */
function Sparkline({ history, limitNow, limit }: SparklineProps): ComponentChild {
  const { peaks, firstDay } = history;
  const known = peaks.filter((peak): peak is number => peak !== null);
  if (known.length < 2) return null;
  const top = Math.max(...known);
  // Limits far above would flatten the columns.
  const lines = [
    { kind: 'limit', title: 'limit', bytes: limitNow },
    { kind: 'suggested', title: 'suggested limit', bytes: limit },
  ].flatMap(({ bytes, ...line }) => (bytes === undefined || bytes > 3 * top ? [] : [{ ...line, bytes }]));
  const most = Math.max(top, ...lines.map(({ bytes }) => bytes)) * 1.05;
  const width = peaks.length * columnWidth;
  const y = (amount: number): number => high - (amount / most) * high;
  const date = (index: number): string => rfc3339((firstDay + index) * 86_400_000).slice(0, 10);
  return h(
    'figure',
    { class: 'history', 'data-testid': 'history' },
    h(
      'figcaption',
      null,
      `Largest real of each day, ${date(0)} to ${date(peaks.length - 1)}: ${size(Math.min(...known))} to ${size(top)}`,
    ),
    h(
      'svg',
      {
        viewBox: `0 0 ${width} ${high}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': 'Peaks of each day',
      },
      peaks.map((peak, index) =>
        peak === null
          ? null
          : h(
              'rect',
              {
                key: index,
                x: index * columnWidth + 2,
                width: columnWidth - 4,
                y: y(peak),
                height: high - y(peak),
              },
              h('title', null, `${date(index)}: ${size(peak)}`),
            ),
      ),
      lines.map(({ kind, bytes }) =>
        h('line', { key: kind, class: kind, x1: 0, x2: width, y1: y(bytes), y2: y(bytes) }),
      ),
    ),
    lines.length > 0 &&
      h(
        'p',
        { class: 'lines' },
        lines.map(({ kind, title, bytes }) =>
          h('span', { key: kind, class: `key ${kind}` }, `${title} ${size(bytes)}`),
        ),
      ),
  );
}
