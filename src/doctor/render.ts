/** The checks as text and as JSON. */

import { paint, type Tone } from '../layout/look.ts';
import { renderJson } from '../layout/structured.ts';
import { wrap } from '../layout/wrap.ts';
import { apiVersion } from '../model/product.ts';
import { printable } from '../model/text.ts';
import { countedText } from '../report/conditions.ts';
import type { Check, CheckStatus } from './check.ts';

export interface DoctorScreen {
  /** Maximum width of a line. */
  readonly columns: number;
  readonly colour: boolean;
}

const tones: Readonly<Record<CheckStatus, Tone>> = { ok: 'good', warn: 'warn', fail: 'bad' };
const statusWidth = 6;

/** Ends in a line that counts the statuses. */
export function renderChecks(checks: readonly Check[], { columns, colour }: DoctorScreen): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const indent = ' '.repeat(statusWidth + nameWidth);
  const lines = checks.flatMap(({ name, status, message, todo }) => {
    const [first = '', ...more] = wrap(printable(message), columns, indent);
    const word = status.padEnd(statusWidth);
    const head = `${colour ? paint(word, tones[status]) : word}${name.padEnd(nameWidth)}`;
    const next = todo === undefined ? [] : wrap(`To do: ${printable(todo)}`, columns, indent);
    return [`${head}${first.slice(indent.length)}`, ...more, ...next];
  });
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const sum = `${count('ok')} ok, ${countedText(count('warn'), 'warning')}, ${countedText(count('fail'), 'failure')}`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}

export const checksAsJson = (checks: readonly Check[]): string =>
  renderJson({ apiVersion, kind: 'DoctorReport', checks });

export const hasFailed = (checks: readonly Check[]): boolean =>
  checks.some(({ status }) => status === 'fail');
