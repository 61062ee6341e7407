/** The whole page. */
import { type ComponentChild, h } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { PageData } from '../data.ts';
import { attentionOf } from '../view/attention.ts';
import { podsIn } from '../view/entries.ts';
import { type Leaf, modelOf } from '../view/leaves.ts';
import { aboutNode, overviewOf } from '../view/overview.ts';
import { levelInside, pathOf, type State, startState } from '../view/scope.ts';
import { suggestedTotals, suggestionEntries } from '../view/suggested.ts';
import { restriction } from '../view/words.ts';
import { AttentionList } from './attention-list.ts';
import { Explore } from './explore.ts';
import { Header } from './header.ts';
import { useLocation } from './location.ts';
import { isTyping } from './search.ts';
import { Sheet } from './sheet.ts';
import { SuggestionList } from './suggestions.ts';
import { Summary } from './summary.ts';

export interface AppProps {
  readonly data: PageData;
  /** Why the last refresh failed. */
  readonly fault: string | undefined;
  readonly isServed: boolean;
}

export function App({ data, fault, isServed }: AppProps): ComponentChild {
  const model = useMemo(() => modelOf(data), [data]);
  const hasMemory = model.pods.length > 0 || data.nodes.length > 0;
  const start = useMemo((): State => startOf(hasMemory, data), [hasMemory]);
  const [state, go] = useLocation(start);
  const { scope, open, view } = state;
  const pods = useMemo(() => podsIn(model, scope), [model, scope]);
  const overview = useMemo(() => overviewOf(model, scope), [model, scope]);
  const about = useMemo(() => {
    const [only] = data.nodes.length === 1 ? model.nodes.keys() : [];
    const node = model.nodes.get(scope.node ?? only ?? '');
    const isPart = scope.namespace !== undefined || data.only !== undefined;
    return node === undefined || isPart ? [] : aboutNode(node, data.at);
  }, [model, scope]);
  const attention = useMemo(() => attentionOf(pods), [pods]);
  const frees = useMemo(
    () =>
      data.suggestions === undefined || pathOf(scope).length > 0
        ? undefined
        : suggestedTotals(suggestionEntries(model)).frees,
    [model, scope],
  );
  const opened = useRef(false);

  const back = (): void => {
    // Someone who opened a link has no list to go back to.
    if (opened.current) history.back();
    else go({ forget: ['open'] });
    opened.current = false;
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || isTyping(event.target)) return;
      if (open !== undefined) back();
      else {
        const path = pathOf(scope);
        const outer = path.at(-2)?.scope ?? {};
        if (path.length > 0) go({ scope: outer, by: levelInside(outer), filter: '', forget: ['sort'] });
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  const main = useRef<HTMLElement>(null);
  const last = useRef<{ open: string | undefined; key: string | undefined }>({ open, key: undefined });
  useLayoutEffect(() => {
    if (last.current.open === open) return;
    // Focus follows: to the title of the sheet, and back to the row.
    const to = open === undefined ? `[data-key="${CSS.escape(last.current.key ?? '')}"]` : 'h1';
    main.current?.querySelector<HTMLElement>(to)?.focus({ preventScroll: true });
    last.current = { open, key: last.current.key };
  });
  const openKey = (key: string): void => {
    opened.current = true;
    last.current.key = (document.activeElement as HTMLElement | null)?.dataset['key'];
    go({ open: key });
  };
  const openLeaf = (leaf: Leaf): void => openKey(leaf.key);
  const goAndRemember: typeof go = (change, how) => {
    if (change.open === undefined) go(change, how);
    else openKey(change.open);
  };

  return h(
    'div',
    { class: 'page' },
    h(Header, { data, fault, isServed, state, hasMemory, go }),
    h(
      'main',
      { ref: main },
      open !== undefined
        ? h(Sheet, { model, open, isServed, onBack: back, onOpen: openKey })
        : view === 'suggestions'
          ? h(SuggestionList, { model, state, go: goAndRemember, isAlone: !hasMemory })
          : [
              h(
                'div',
                { key: 'first', class: 'first-look' },
                h(Summary, {
                  ...{ overview, about, only: restriction(data) },
                  frees,
                  onSuggestions: () => go({ view: 'suggestions', filter: '', forget: ['sort'] }),
                }),
                h(AttentionList, { items: attention, pods, onOpen: openLeaf }),
              ),
              h(Explore, { key: 'explore', model, state, go: goAndRemember }),
            ],
    ),
    h(
      'footer',
      null,
      h(
        'p',
        null,
        h('b', null, 'Real'),
        ' = usage − (active_file + inactive_file): without the page cache that the kernel frees on demand, with the tmpfs that it cannot free.',
      ),
      h(
        'p',
        { class: 'keys no-print' },
        h('kbd', null, '/'),
        ' filter ',
        h('kbd', null, '↑'),
        h('kbd', null, '↓'),
        ' rows ',
        h('kbd', null, 'Enter'),
        ' open ',
        h('kbd', null, 'Esc'),
        ' back',
      ),
    ),
  );
}

const startOf = (hasMemory: boolean, { pods, others, suggestions }: PageData): State => ({
  ...startState,
  view: hasMemory || (suggestions ?? []).length === 0 ? 'memory' : 'suggestions',
  by: pods.length > 0 || (others ?? []).length === 0 ? 'pod' : 'container',
});
