/** Prints the answer of a probe. */
import { type Column, renderColumns } from '../layout/columns.ts';
import { renderJson, renderYaml } from '../layout/structured.ts';
import { cutMiddle } from '../layout/width.ts';
import { titleOf, wrap } from '../layout/wrap.ts';
import { formatBytes } from '../model/bytes.ts';
import { printable, printableLines } from '../model/text.ts';
import type { BarOptions } from '../render/bars.ts';
import { glyph } from '../render/bars.ts';
import type { CurvePoint, ProbeResult } from './answer.ts';
import { renderCurve } from './svg.ts';
import { blindSpot, coldSentence, needsOf, readNote, stopNote } from './words.ts';

export const probeForms = ['table', 'json', 'yaml', 'svg', 'lines'] as const;
export type ProbeForm = (typeof probeForms)[number];

export function renderProbe(result: ProbeResult, form: ProbeForm, options: BarOptions): string {
  if (form === 'lines') return printableLines(`${JSON.stringify({ result })}\n`);
  if (form === 'svg') return renderCurve(result);
  if (form === 'table') return renderText(result, options);
  const { name, cgroup, at, answer } = result;
  const value = { name, cgroup, at, ...answer };
  return form === 'json' ? renderJson(value) : renderYaml(value);
}

function renderText({ name, where, answer }: ProbeResult, options: BarOptions): string {
  const { columns } = options;
  const last = answer.stopped === 'short' ? [] : blindSpot(answer);
  const notes = [stopNote(answer) ?? [], readNote(answer) ?? [], last].flat();
  const summary = answer.stopped === 'short' ? [] : [needsOf(answer), coldSentence(answer)];
  const sections = [
    [
      ...titleOf(printable(name), printable(where), columns).map((line) => cutMiddle(line, columns)),
      ...summary.flatMap((text) => wrap(text, columns, '')),
    ],
    curveLines(answer.curve, options),
    notes.flatMap((text) => wrap(text, columns, '')),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** Columns before the bars. */
const widthBeforeBars = 36;

/** The largest memory first, as the probe went down. */
function curveLines(curve: readonly CurvePoint[], { columns, ascii, colour }: BarOptions): readonly string[] {
  const most = Math.max(1, ...curve.map(({ rereadsPerSecond }) => rereadsPerSecond));
  const room = Math.max(4, columns - widthBeforeBars);
  const points = curve.toReversed();
  const table: readonly Column<CurvePoint>[] = [
    { heading: 'MEMORY', right: true, cell: ({ totalBytes }) => formatBytes(totalBytes) },
    { heading: 'PAGE-CACHE', right: true, cell: ({ cacheBytes }) => formatBytes(cacheBytes) },
    { heading: 'REREADS/S', right: true, cell: ({ rereadsPerSecond }) => rereadsPerSecond.toFixed(0) },
  ];
  const [heading = '', ...lines] = renderColumns(table, points, true, columns).trimEnd().split('\n');
  const bars = points.map(({ rereadsPerSecond }) => {
    const cells = Math.round((rereadsPerSecond / most) * room);
    return rereadsPerSecond < 0.5 ? '' : `   ${glyph(true, ascii, colour, Math.max(1, cells))}`;
  });
  return [heading, ...lines.map((line, index) => line + bars[index])];
}
