/** Small elements that all parts of the page use. Text goes through Preact, which never reads it as HTML. */
import { type ComponentChild, type ComponentChildren, h } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { inMiddle } from '../view/words.ts';

/** A name that is cut in the middle where room lacks. */
export function name(text: string): ComponentChild {
  const [head, tail] = inMiddle(text);
  return h(
    'span',
    { class: 'cut', title: text },
    h('span', { class: 'head' }, head),
    h('span', { class: 'tail' }, tail),
  );
}

export const button = (
  props: Readonly<Record<string, unknown>> & { readonly onClick: () => void },
  ...children: ComponentChildren[]
): ComponentChild => h('button', { type: 'button', ...props }, ...children);

/** A part of a bar. @param kind names its colour and its pattern */
export interface Segment {
  readonly kind: string;
  readonly bytes: number;
  readonly title?: string;
}

export interface Mark {
  readonly kind: string;
  readonly bytes: number;
}

/** A stacked bar. Its figures stand beside it as text, so a screen reader skips it. */
export function bar(
  segments: readonly Segment[],
  whole: number,
  marks: readonly Mark[] = [],
): ComponentChild {
  const share = (amount: number): string => `${Math.min(100, (amount / Math.max(1, whole)) * 100)}%`;
  return h(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    segments.map(({ kind, bytes, title }) =>
      bytes <= 0
        ? null
        : h('span', {
            key: kind,
            class: `part ${kind}`,
            style: { width: share(bytes) },
            ...(title && { title }),
          }),
    ),
    marks.map(({ kind, bytes }) =>
      h('span', { key: `mark ${kind}`, class: `mark ${kind}`, style: { left: share(bytes) } }),
    ),
  );
}

/** Width of an element in CSS pixels, kept up to date. */
export function useWidth<Node extends HTMLElement>() {
  const ref = useRef<Node>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}

/** The value, once it has not changed for a moment: what takes long to draw does not slow down typing. */
export function useSettled<Value>(value: Value): Value {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(() => value), 120);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Copies the text, and says so for a moment. */
export function CopyButton({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ComponentChild {
  const [said, say] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => say(''), 2500);
    return () => clearTimeout(timer);
  }, [said]);
  return h(
    'span',
    { class: 'copy' },
    button(
      {
        'data-testid': 'copy',
        onClick: () => void copy(text).then((done) => say(done ? 'Copied' : 'Not copied: select the text')),
      },
      label,
    ),
    h('span', { role: 'status', class: 'said' }, said),
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not every browser lets a file or a frame write to the clipboard.
    return false;
  }
}
