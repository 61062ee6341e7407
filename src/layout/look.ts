/** How a terminal shows text: colours by meaning, and what the environment allows. */

/** `bad`: act now. `warn`: look at it. `good`: memory that could be freed. `dim`: less important. */
export type Tone = 'bad' | 'warn' | 'good' | 'dim' | 'bold';

const codes: Readonly<Record<Tone, string>> = { bad: '1;31', warn: '33', good: '36', dim: '2', bold: '1' };

/** The text in its colour, or as it is without a tone. */
export const paint = (text: string, tone: Tone | undefined): string =>
  tone === undefined || text === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;

/** A mark for readers without colours. */
export const markOf = (tone: Tone | undefined, ascii: boolean): string =>
  tone === 'bad' ? (ascii ? '!' : '●') : tone === 'warn' ? (ascii ? '*' : '▲') : '';

export interface Look {
  readonly colour: boolean;
  /** Uses # and . because block characters need a UTF-8 terminal. */
  readonly ascii: boolean;
}

/** For a terminal. Anything else gets no colours, and UTF-8. */
export function lookOf(env: Readonly<Record<string, string | undefined>>): Look {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    colour: !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    // ASCII only if a locale is set and is not UTF-8. A pod has no locale, but its reader knows UTF-8.
    ascii: locale !== '' && !/utf-?8/i.test(locale),
  };
}
