/** The state of the page is in its address, so that Back and links work. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatHash, parseHash, type State } from '../view/scope.ts';

export type Go = (change: Partial<State> & Forget, how?: 'push' | 'replace') => void;

/** Optional fields to take away. */
interface Forget {
  readonly forget?: readonly ('sort' | 'open')[];
}

export function useLocation(start: State): readonly [State, Go] {
  const [state, setState] = useState(() => parseHash(location.hash, start));
  const current = useRef(state);
  current.current = state;
  /** Where to scroll after the next render. */
  const scroll = useRef<number | undefined>(undefined);

  useEffect(() => {
    history.scrollRestoration = 'manual';
    const read = (event?: PopStateEvent): void => {
      const y: unknown = event?.state;
      scroll.current = typeof y === 'number' ? y : 0;
      setState(parseHash(location.hash, start));
    };
    addEventListener('popstate', read);
    return () => removeEventListener('popstate', read);
  }, [start]);

  useLayoutEffect(() => {
    if (scroll.current !== undefined) scrollTo(0, scroll.current);
    scroll.current = undefined;
  });

  const go: Go = ({ forget = [], ...change }, how = 'push') => {
    const next: { -readonly [field in keyof State]: State[field] } = { ...current.current, ...change };
    for (const field of forget) delete next[field];
    const address = formatHash(next, start) || location.pathname + location.search;
    if (how === 'push') {
      history.replaceState(scrollY, '');
      history.pushState(null, '', address);
      // The sheet begins at the top; a list keeps its place.
      if (next.open !== current.current.open || next.view !== current.current.view) scroll.current = 0;
    } else history.replaceState(history.state, '', address);
    current.current = next;
    setState(next);
  };
  return [state, go];
}
