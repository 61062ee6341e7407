/** Every tool with its formula, asked of the node when someone wants it. Only a served page can ask. */
import { type ComponentChild, h } from 'preact';
import { useState } from 'preact/hooks';
import { type Explanation, formulaOf, offOf, whyOf } from '../../inspect/explanation.ts';
import { printable } from '../../model/text.ts';
import { shownBy } from '../../render/tool-format.ts';
import { absent } from '../view/words.ts';
import { button } from './element.ts';

/** @param target namespace, pod and container */
export function EveryTool({ target }: { readonly target: readonly string[] }): ComponentChild {
  const [answer, setAnswer] = useState<Explanation | string>();
  const [isAsking, setAsking] = useState(false);
  const ask = async (): Promise<void> => {
    setAsking(true);
    setAnswer(await explanationOf(target));
    setAsking(false);
  };
  return h(
    'section',
    { class: 'every-tool' },
    typeof answer !== 'object' &&
      button(
        { onClick: () => void ask(), disabled: isAsking, 'data-testid': 'every-tool' },
        isAsking ? 'Asking the node …' : 'Show every tool, with its formula',
      ),
    typeof answer === 'string' && h('p', { role: 'alert', class: 'fault' }, answer),
    typeof answer === 'object' && [h('h2', { key: 'title' }, 'Every tool'), toolTable(answer)],
  );
}

async function explanationOf(target: readonly string[]): Promise<Explanation | string> {
  try {
    const answer = await fetch(`explain/${target.map(encodeURIComponent).join('/')}.json`, {
      cache: 'no-store',
    });
    // The server says in a sentence what is wrong.
    return answer.ok ? await answer.json() : printable((await answer.text()).slice(0, 500));
  } catch (error) {
    return `The server does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const numbers = new Set(['Shows', 'vs real']);

const toolTable = ({ tools, usage, where, faults }: Explanation): ComponentChild =>
  h(
    'div',
    { key: 'table', class: 'scrolling', tabIndex: 0, role: 'region', 'aria-label': 'Every tool' },
    h('p', { class: 'aside' }, printable(where)),
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['Tool', 'Shows', 'vs real', 'Formula, and why it differs'].map((heading) =>
            h('th', { scope: 'col', key: heading, class: numbers.has(heading) ? 'of-number' : '' }, heading),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        tools.map((tool, index) =>
          h(
            'tr',
            { key: index },
            h('th', { scope: 'row' }, printable(tool.tool), h('small', null, ` ${printable(tool.version)}`)),
            h('td', { class: 'of-number' }, shownBy(tool) ?? absent),
            h('td', { class: 'of-number' }, offOf(tool, usage)),
            h(
              'td',
              null,
              h('code', null, printable(formulaOf(tool))),
              h('small', null, printable(whyOf(tool, usage))),
            ),
          ),
        ),
      ),
    ),
    faults.map((fault) => h('p', { key: fault, class: 'aside' }, printable(fault))),
  );
