/** Colours of a terminal by meaning. */

/** `bad`: act now. `warn`: look at it. `good`: memory that could be freed. `dim`: less important. */
export type Tone = 'bad' | 'warn' | 'good' | 'dim' | 'bold';

const codes: Readonly<Record<Tone, string>> = { bad: '1;31', warn: '33', good: '36', dim: '2', bold: '1' };

/** The text in its colour, or as it is without a tone. */
export const paint = (text: string, tone: Tone | undefined): string =>
  tone === undefined || text === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;

/** A mark for readers without colours. */
export const markOf = (tone: Tone | undefined, ascii: boolean): string =>
  tone === 'bad' ? (ascii ? '!' : '●') : tone === 'warn' ? (ascii ? '*' : '▲') : '';
