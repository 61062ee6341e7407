/** The filter, and how many rows match it. */
import { type ComponentChild, h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface SearchProps {
  readonly value: string;
  /** Shown while the filter is empty. */
  readonly placeholder: string;
  readonly hint: string;
  readonly count: string;
  readonly onInput: (text: string) => void;
}

export function SearchField({ value, placeholder, hint, count, onInput }: SearchProps): ComponentChild {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return h(
    'div',
    { class: 'search', role: 'search' },
    h('input', {
      ref: input,
      type: 'search',
      value,
      placeholder,
      title: `Examples: ${hint}`,
      'aria-label': `Filter. Examples: ${hint}`,
      'data-testid': 'filter',
      autocomplete: 'off',
      spellcheck: false,
      onInput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === 'ArrowDown') {
          event.preventDefault();
          document.querySelector<HTMLElement>('.tbody [tabindex="0"]')?.focus();
        }
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        if (value === '') input.current?.blur();
        else onInput('');
      },
    }),
    h('kbd', { 'aria-hidden': 'true' }, '/'),
    h('span', { class: 'found', role: 'status', 'data-testid': 'count' }, count),
  );
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
