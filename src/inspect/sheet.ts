/** An explanation of one cgroup for people: bars, figures and reasons. */

import { renderColumns } from '../layout/columns.ts';
import { titleOf, wrap, wrapWords } from '../layout/wrap.ts';
import { type Bytes, formatBytes, formatShare } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { type LimitInForce, limitInForce, type MemoryUsage } from '../model/usage.ts';
import { type BarOptions, glyph, renderBars } from '../render/bars.ts';
import { realSize } from '../render/node-lines.ts';
import { shownBy } from '../render/tool-format.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import type { Explanation } from './explanation.ts';
import { formulaOf, whyOf } from './explanation.ts';
import { highNotes, lruNotes, probeNotes } from './notes.ts';

/** Tools with the same formula and the same value share one block. */
export function renderSheet(explained: Explanation, options: BarOptions): string {
  const { usage, parts, tools, faults } = explained;
  const { usageBytes } = usage;
  const limit = limitInForce(usage);
  const bars =
    usageBytes === undefined
      ? ['Usage is unknown here, so there are no parts to show.']
      : [
          `${renderBars(parts, { usage: usageBytes, limit: limit?.bytes }, options)}${legend(options)}`,
          ...residualNote(usage).flatMap((note) => wrap(note, options.columns, '')),
        ];
  const known = tools.filter(({ value }) => value !== undefined);
  const [meant, beside] = [false, true].map((aside) =>
    known.filter((reading) => (reading.aside ?? false) === aside),
  );
  const sections = [
    ...blocks(meant ?? [], known, explained, options),
    'Parts, peaks, counts, and the node:\n',
    ...blocks(beside ?? [], known, explained, options),
    ...notKnown(tools, options),
  ];
  const unread = faults.flatMap((fault) => wrap(`Not read: ${printable(fault)}`, options.columns, ''));
  const notes = [...probeNotes(explained), ...highNotes(explained), ...lruNotes(explained)].flatMap((note) =>
    wrap(note, options.columns, ''),
  );
  return `${[...headOf(explained, options), ...notes, '', ...bars, '', ...sections, ...unread].join('\n').trimEnd()}\n`;
}

function headOf({ usage, name, cgroup, where }: Explanation, { columns }: BarOptions): readonly string[] {
  const { realBytes: real, usageBytes } = usage;
  const limit = limitInForce(usage);
  const size = (value: Bytes | undefined): string => (value === undefined ? '-' : formatBytes(value));
  const share = real === undefined ? undefined : formatShare(real, limit?.bytes, 2);
  const figures = [
    `REAL ${realSize(usage) ?? '-'}${share === undefined ? '' : ` of ${size(limit?.bytes)} (${share})`}`,
    `USAGE ${size(usageBytes)}`,
    ...(limit === undefined ? ['NO LIMIT'] : limitNote(limit)),
  ];
  return [
    ...titleOf(printable(name), printable(where), columns),
    ...(name === cgroup ? [] : [printable(cgroup)]),
    ...wrap(figures.join('   '), columns, ''),
  ];
}

function limitNote({ file, from }: LimitInForce): readonly string[] {
  const of = from === undefined ? '' : ` of ${printable(from)}`;
  if (file === 'memory.high') return [`LIMIT is memory.high${of}`];
  return from === undefined ? [] : [`LIMIT set by ${printable(from)}`];
}

const legend = ({ ascii, colour }: BarOptions): string =>
  `${glyph(true, ascii, colour)} real   ${glyph(false, ascii, colour)} page cache, which the kernel can drop`;

const residualNote = ({ residualBytes, residualCause }: MemoryUsage): readonly string[] =>
  residualCause === undefined || residualBytes === undefined
    ? []
    : [`No part explains the residual of ${formatBytes(residualBytes)} (${residualCause}).`];

/** @param all readings of all blocks: they share the column widths, so their figures align */
function blocks(
  some: readonly ToolReading[],
  all: readonly ToolReading[],
  { usage }: Explanation,
  { columns }: BarOptions,
): readonly string[] {
  const lines = renderColumns<ToolReading>(
    [
      { heading: '', cell: ({ tool }) => tool },
      { heading: '', cell: ({ version }) => version },
      { heading: '', right: true, cell: shownBy },
    ],
    all,
    false,
    columns,
  ).split('\n');
  // Tools differ in what they show for a negative result. The distance from real holds for one value only.
  const groups = Map.groupBy(some, ({ formula, why, value }) => `${formula}\n${why}\n${value}`);
  return [...groups.values()].map((alike) => {
    const [first] = alike as [ToolReading, ...ToolReading[]];
    const { formula = '', numbers = '' } = first;
    const below = [
      ...(/^\d+$/.test(formula) ? [] : [formula]),
      ...(formula === formulaOf(first) ? [] : [`= ${numbers}`]),
      whyOf(first, usage),
    ];
    return [
      ...alike.map((reading) => lines[all.indexOf(reading)] ?? ''),
      ...below.flatMap((text) => wrap(text, columns, '    ')),
      '',
    ].join('\n');
  });
}

/** Grouped by reason: several tools often lack the same figure. */
function notKnown(tools: readonly ToolReading[], { columns }: BarOptions): readonly string[] {
  const unknown = tools.filter(({ value }) => value === undefined);
  if (unknown.length === 0) return [];
  const reasons = Map.groupBy(unknown, ({ missing, why }) => missing ?? why);
  const lines = [...reasons].flatMap(([reason, tools]) => [
    ...wrapWords(
      tools.map(({ tool, version }, index) => `${tool} (${version})${index < tools.length - 1 ? ',' : ''}`),
      columns,
      '  ',
    ),
    ...wrap(reason, columns, '    '),
  ]);
  return [`Unknown here:\n${lines.join('\n')}\n`];
}
