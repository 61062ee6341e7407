/** The line at the top: what is shown, how old it is, and what is missing. */
import { type ComponentChild, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { printable } from '../../model/text.ts';
import { rfc3339 } from '../../model/time.ts';
import type { PageData } from '../data.ts';
import { counted } from '../view/entries.ts';
import type { State } from '../view/scope.ts';
import { age, restriction } from '../view/words.ts';
import { button } from './element.ts';
import type { Go } from './location.ts';
import { chooseTheme, chosenTheme, nextTheme } from './theme.ts';

export interface HeaderProps {
  readonly data: PageData;
  readonly fault: string | undefined;
  readonly isServed: boolean;
  /** There is more than suggestions. */
  readonly hasMemory: boolean;
  readonly state: State;
  readonly go: Go;
}

const scopeName: Readonly<Record<PageData['scope'], string>> = {
  cluster: 'cluster',
  node: 'node',
  host: 'host',
  recording: 'recording',
};

export function Header({ data, fault, isServed, hasMemory, state, go }: HeaderProps): ComponentChild {
  const suggestions = data.suggestions?.length ?? 0;
  const only = restriction(data);
  const tab = (view: State['view'], label: string): ComponentChild =>
    button(
      {
        class: 'tab',
        'aria-current': state.view === view ? 'page' : undefined,
        'data-testid': `view-${view}`,
        onClick: () => go({ view, filter: '', forget: ['open', 'sort'] }),
      },
      label,
    );
  return h(
    'header',
    { class: 'top' },
    h(
      'div',
      { class: 'brand' },
      h('b', null, 'realmem'),
      h(
        'span',
        { class: 'where' },
        scopeName[data.scope],
        ' ',
        data.name && h('b', null, printable(data.name)),
        only && ` · only ${only}`,
      ),
    ),
    suggestions > 0 &&
      hasMemory &&
      h(
        'nav',
        { 'aria-label': 'Views' },
        tab('memory', 'Memory'),
        tab('suggestions', `Suggestions ${suggestions}`),
      ),
    h(Status, { data, fault, isServed }),
    h(ThemeButton, null),
  );
}

function ThemeButton(): ComponentChild {
  const [theme, setTheme] = useState(chosenTheme);
  const next = nextTheme(theme);
  return button(
    {
      class: 'theme',
      'data-testid': 'theme',
      'aria-label': `Colours: ${theme}. Change to ${next}`,
      title: `Colours: ${theme}`,
      onClick: () => {
        chooseTheme(next);
        setTheme(next);
      },
    },
    { auto: '◐', light: '○', dark: '●' }[theme],
  );
}

/** Seconds since the figures were made. It counts on while the page is open. */
function useAge(at: number | undefined): number | undefined {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    setNow(Date.now());
    return () => clearInterval(timer);
  }, [at]);
  return at === undefined ? undefined : Math.max(0, (now - at) / 1000);
}

function Status({ data, fault, isServed }: Pick<HeaderProps, 'data' | 'fault' | 'isServed'>): ComponentChild {
  const seconds = useAge(data.at);
  const stale = data.nodes.filter((node) => node.staleSeconds !== undefined);
  const { missing = [], notes = [], at } = data;
  const conditions = data.nodes.filter((node) => (node.conditions ?? []).length > 0);
  const time =
    at === undefined
      ? 'no time recorded'
      : rfc3339(at).replace('T', ' ').replace(':00Z', ' UTC').replace('Z', ' UTC');
  const words = [
    ...(fault === undefined ? [] : ['Refresh fails']),
    ...(stale.length === 0 ? [] : [`${stale.length} stale`]),
    ...(missing.length === 0 ? [] : [`${missing.length} missing`]),
  ];
  const isBad = words.length > 0;
  return h(
    'details',
    { class: 'status', 'data-testid': 'status' },
    h(
      'summary',
      { class: isBad ? 'bad' : '' },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      isServed ? (seconds === undefined ? time : `Read ${age(seconds)}`) : time,
      words.map((word) => h('b', { key: word }, word)),
    ),
    h(
      'div',
      { class: 'panel' },
      h(
        'p',
        null,
        `Figures of ${time}${seconds === undefined ? '' : `, ${age(seconds)}`}. `,
        counted(data.nodes.length, 'node'),
        ` with figures. realmem ${data.version}.`,
      ),
      fault !== undefined && h('p', { class: 'bad' }, `The last refresh failed: ${fault}`),
      list(
        'Stale: the agent has not reported for too long',
        stale.map(({ name, staleSeconds = 0 }) => `${printable(name)}: ${age(staleSeconds)}`),
      ),
      list('Missing: an agent should run there, and has not reported', missing.map(printable)),
      list(
        'Conditions',
        conditions.flatMap(({ name, conditions = [] }) =>
          conditions.map(
            ({ type, message }) => `${printable(name)}: ${printable(type)}: ${printable(message)}`,
          ),
        ),
      ),
      list('Notes', notes.map(printable)),
      isBad &&
        h(
          'p',
          null,
          'Next: ',
          h('code', null, data.scope === 'cluster' ? 'kubectl realmem doctor' : 'realmem doctor'),
        ),
    ),
  );
}

/** A cluster can have thousands of stale nodes. */
const mostLines = 50;

const list = (title: string, lines: readonly string[]): ComponentChild =>
  lines.length === 0
    ? null
    : h(
        'section',
        null,
        h('h3', null, title),
        h(
          'ul',
          null,
          lines.slice(0, mostLines).map((line) => h('li', { key: line }, line)),
          lines.length > mostLines && h('li', null, `and ${lines.length - mostLines} more`),
        ),
      );
