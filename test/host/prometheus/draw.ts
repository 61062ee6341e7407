/** Draws the panels of the dashboard from the answers to their queries, as SVG. */
import { legendOf, type Panel, type Target } from './dashboard.ts';
import type { Series } from './server.ts';
import { formatted, ticksTo } from './units.ts';

export interface Answered {
  readonly target: Target;
  readonly series: readonly Series[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Grafana's names of colours, in its dark theme. */
const colours: Readonly<Record<string, string>> = {
  ...{ green: '#73bf69', yellow: '#f2cc0c', 'light-yellow': '#ffee52', blue: '#5794f2', purple: '#b877d9' },
  ...{ orange: '#ff9830', 'dark-orange': '#fa6400', 'light-red': '#ff7383', red: '#f2495c', text: '#ccccdc' },
};
const palette = [
  ...[
    '#73bf69',
    '#f2cc0c',
    '#8ab8ff',
    '#ff780a',
    '#f2495c',
    '#5794f2',
    '#b877d9',
    '#705da0',
    '#37872d',
    '#fade2a',
  ],
];
export const colourOf = (name = 'text'): string => colours[name] ?? colours['text'] ?? name;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
}

export const textAt = (
  x: number,
  y: number,
  text: string,
  { size = 12, fill = '#9fa1ac', anchor = 'start', bold = false }: TextStyle = {},
): string =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${bold ? ' font-weight="600"' : ''}>${escaped(text)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Width of a letter of the interface's font, as a share of its size: an average that is rather too wide. */
const advance = 0.56;
const clipped = (text: string, width: number, size = 12): string => {
  const most = Math.floor(width / (size * advance));
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`;
};

export function drawPanel(panel: Panel, answered: readonly Answered[], box: Box, span: Span): string {
  const { x, y, width, height } = box;
  const inner = { x: x + 10, y: y + 32, width: width - 20, height: height - 40 };
  const draw = { stat: drawStat, table: drawTable, timeseries: drawSeries, row: () => '' }[panel.type];
  return `<g><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2" fill="#181b1f" stroke="#26282d"/>
${textAt(x + 10, y + 21, clipped(panel.title, width - 20, 13.5), { size: 13.5, fill: '#d8d9da', bold: true })}
${draw(panel, answered, inner, span)}</g>`;
}

function drawStat({ fieldConfig }: Panel, answered: readonly Answered[], box: Box): string {
  const value = answered[0]?.series[0]?.values.at(-1)?.[1] ?? Number.NaN;
  const { unit, color, thresholds } = fieldConfig?.defaults ?? {};
  const step = thresholds?.steps.findLast((one) => one.value === null || value >= one.value);
  const fill = colourOf(color?.fixedColor ?? step?.color);
  const text = formatted(value, unit, unit === 'none' ? 0 : undefined);
  return textAt(box.x + box.width / 2, box.y + box.height / 2 + 14, text, {
    ...{ size: 38, fill, anchor: 'middle', bold: true },
  });
}

interface Curve {
  readonly name: string;
  readonly fill: string;
  readonly isDashed: boolean;
  readonly values: ReadonlyMap<number, number>;
}

function drawSeries(panel: Panel, answered: readonly Answered[], box: Box, span: Span): string {
  const { defaults, overrides = [] } = panel.fieldConfig ?? {};
  const { unit, custom = {}, thresholds } = defaults ?? {};
  const curves = answered
    .flatMap(({ target, series }) => series.map((one) => [legendOf(target, one), one] as const))
    .map(([name, { values }], index): Curve => {
      const own = overrides.find(({ matcher }) => matcher.options === name)?.properties ?? [];
      const color = own.find(({ id }) => id === 'color')?.value as
        | { readonly fixedColor: string }
        | undefined;
      return {
        name,
        fill: color === undefined ? (palette[index % palette.length] ?? '') : colourOf(color.fixedColor),
        isDashed: own.some(({ id }) => id === 'custom.lineStyle'),
        values: new Map(values),
      };
    });
  const times = Array.from(
    { length: Math.floor((span.end - span.start) / span.step) + 1 },
    (_, index) => span.start + index * span.step,
  );
  const isStacked = custom.stacking?.mode === 'normal';
  const below = new Map<number, number>();
  const areas = curves.map((curve) =>
    times.map((time) => {
      const value = curve.values.get(time);
      const from = isStacked ? (below.get(time) ?? 0) : 0;
      if (isStacked && value !== undefined) below.set(time, from + value);
      return { time, from, to: value === undefined ? undefined : from + value };
    }),
  );
  const most = defaults?.max ?? Math.max(0, ...areas.flat().map(({ to }) => to ?? 0));
  const ticks = ticksTo(most, unit, unit === 'none');
  const top = defaults?.max ?? ticks.at(-1) ?? 1;
  const legend = legendLines(curves, box.width);
  const plot = {
    x: box.x + 62,
    y: box.y + 6,
    width: box.width - 68,
    height: box.height - 28 - legend.length * 18,
  };
  const atX = (time: number): number => plot.x + (plot.width * (time - span.start)) / (span.end - span.start);
  const atY = (value: number): number => plot.y + plot.height * (1 - value / top);
  const grid = [
    ...ticks
      .filter((tick) => tick <= top)
      .map(
        (tick) =>
          `<path d="M${round(plot.x)} ${round(atY(tick))}h${round(plot.width)}" stroke="#2c2f34"/>${textAt(plot.x - 6, atY(tick) + 4, formatted(tick, unit), { size: 11, anchor: 'end' })}`,
      ),
    ...hoursIn(span, plot.width).map((time) =>
      textAt(atX(time), plot.y + plot.height + 16, new Date(time * 1000).toISOString().slice(11, 16), {
        ...{ size: 11, anchor: 'middle' },
      }),
    ),
    ...(thresholds?.steps ?? [])
      .filter(({ value }) => value !== null && value <= top)
      .map(
        ({ value, color }) =>
          `<path d="M${round(plot.x)} ${round(atY(value ?? 0))}h${round(plot.width)}" stroke="${colourOf(color)}" stroke-dasharray="8 6" opacity=".7"/>`,
      ),
  ];
  const opacity = (custom.fillOpacity ?? 10) / 100;
  const isBars = custom.drawStyle === 'bars';
  const shapes = curves.map(({ fill, isDashed }, index) => {
    const points = (areas[index] ?? []).flatMap(({ time, from, to }) =>
      to === undefined ? [] : [{ x: round(atX(time)), from: round(atY(from)), to: round(atY(to)) }],
    );
    if (isBars) {
      const width = round((plot.width / times.length) * 0.8);
      return points
        .filter(({ from, to }) => from > to)
        .map(({ x, from, to }) => `M${round(x - width / 2)} ${from}V${to}h${width}V${from}z`)
        .join('')
        .replace(/^.+$/s, (path) => `<path d="${path}" fill="${fill}" fill-opacity="${opacity}"/>`);
    }
    const line = points.map(({ x, to }, at) => `${at === 0 ? 'M' : 'L'}${x} ${to}`).join('');
    const back = points
      .toReversed()
      .map(({ x, from }) => `L${x} ${from}`)
      .join('');
    const area =
      isDashed || opacity === 0 ? '' : `<path d="${line}${back}z" fill="${fill}" fill-opacity="${opacity}"/>`;
    return `${area}<path d="${line}" fill="none" stroke="${fill}" stroke-width="1.5"${isDashed ? ' stroke-dasharray="8 6"' : ''}/>`;
  });
  const names = legend.flatMap((line, row) =>
    line.map(({ curve, offset }) => {
      const [x, y] = [box.x + offset, box.y + box.height - (legend.length - 1 - row) * 18];
      return `<rect x="${round(x)}" y="${round(y - 5)}" width="14" height="4" rx="2" fill="${curve.fill}"/>${textAt(x + 20, y, clipped(curve.name, box.width - 20), { size: 11.5, fill: '#ccccdc' })}`;
    }),
  );
  return [...grid, ...shapes, ...names].join('\n');
}

/** Full hours, as many as fit. */
function hoursIn({ start, end }: Span, width: number): readonly number[] {
  const every = width > 500 ? 2 : width > 300 ? 4 : 8;
  const first = Math.ceil(start / (every * 3600)) * every * 3600;
  return Array.from(
    { length: Math.floor((end - first) / (every * 3600)) + 1 },
    (_, index) => first + index * every * 3600,
  );
}

interface Entry {
  readonly curve: Curve;
  readonly offset: number;
}

function legendLines(curves: readonly Curve[], width: number): readonly (readonly Entry[])[] {
  const lines: Entry[][] = [[]];
  let offset = 0;
  for (const curve of curves) {
    const needs = 20 + curve.name.length * 11.5 * 0.6 + 14;
    if (offset > 0 && offset + needs > width) {
      lines.push([]);
      offset = 0;
    }
    lines.at(-1)?.push({ curve, offset });
    offset += needs;
  }
  return lines;
}

interface Organized {
  readonly excludeByName: Readonly<Record<string, boolean>>;
  readonly indexByName: Readonly<Record<string, number>>;
  readonly renameByName: Readonly<Record<string, string>>;
}

/** Rows with the same labels become one, as the transformation `merge` does. */
function drawTable(panel: Panel, answered: readonly Answered[], box: Box): string {
  const organized = panel.transformations?.find(({ id }) => id === 'organize')?.options as Organized;
  const merged = new Map<string, Map<string, string | number>>();
  for (const { target, series } of answered)
    for (const { metric, values } of series) {
      const known = [...merged.values()].find((row) =>
        Object.entries(metric).every(([name, value]) => !row.has(name) || row.get(name) === value),
      );
      const row = known ?? new Map<string, string | number>();
      for (const [name, value] of Object.entries(metric)) row.set(name, value);
      row.set(`Value #${target.refId}`, values[0]?.[1] ?? Number.NaN);
      merged.set([...row.keys()].join() + JSON.stringify(metric), row);
    }
  const rows = [...new Set(merged.values())];
  const columns = Object.entries(organized.indexByName)
    .sort(([, a], [, b]) => a - b)
    .map(([name]) => name)
    .filter((name) => organized.excludeByName[name] !== true && rows.some((row) => row.has(name)));
  const headings = columns.map((name) => organized.renameByName[name] ?? name);
  const sortBy = columns.findLast((name) => rows.some((row) => typeof row.get(name) === 'number')) ?? '';
  rows.sort((a, b) => Number(b.get(sortBy) ?? 0) - Number(a.get(sortBy) ?? 0));
  const cells = rows.map((row) =>
    columns.map((name, index) => cellOf(panel, headings[index] ?? '', row.get(name))),
  );
  const lengths = headings.map((heading, index) =>
    Math.max(heading.length, ...cells.map((line) => line[index]?.text.length ?? 0)),
  );
  const whole = lengths.reduce((sum, length) => sum + length + 3, 0);
  const starts = lengths.map(
    (_, index) => (lengths.slice(0, index).reduce((sum, length) => sum + length + 3, 0) / whole) * box.width,
  );
  const place = (index: number, isNumber: boolean): readonly [number, TextStyle['anchor']] =>
    isNumber
      ? [box.x + (starts[index + 1] ?? box.width) - 14, 'end']
      : [box.x + (starts[index] ?? 0) + 4, 'start'];
  const room = (index: number): number => (starts[index + 1] ?? box.width) - (starts[index] ?? 0) - 10;
  const isNumber = columns.map((name) => rows.some((row) => typeof row.get(name) === 'number'));
  const lineHeight = 28;
  const shown = cells.slice(0, Math.floor((box.height - lineHeight) / lineHeight));
  return [
    ...headings.map((heading, index) => {
      const [x, anchor = 'start'] = place(index, isNumber[index] === true);
      return textAt(x, box.y + 16, clipped(heading, room(index)), { anchor, fill: '#6e9fff', bold: true });
    }),
    ...shown.flatMap((line, row) => {
      const y = box.y + lineHeight * (row + 1);
      return [
        `<path d="M${round(box.x)} ${round(y)}h${round(box.width)}" stroke="#2c2f34"/>`,
        ...line.map(({ text, fill }, index) => {
          const [x, anchor = 'start'] = place(index, isNumber[index] === true);
          return textAt(x, y + 18, clipped(text, room(index)), { anchor, fill });
        }),
      ];
    }),
  ].join('\n');
}

function cellOf({ fieldConfig }: Panel, heading: string, value: string | number | undefined) {
  const { defaults, overrides = [] } = fieldConfig ?? {};
  const own = overrides.find(({ matcher }) => matcher.options === heading)?.properties ?? [];
  const property = (id: string): unknown => own.find((one) => one.id === id)?.value;
  if (value === undefined) return { text: '', fill: colourOf() };
  if (typeof value === 'string') {
    const [mapping] = (property('mappings') ?? []) as readonly {
      readonly options: Readonly<Record<string, { readonly color: string }>>;
    }[];
    return { text: value, fill: colourOf(mapping?.options[value]?.color) };
  }
  const { steps } = (property('thresholds') ?? { steps: [] }) as {
    readonly steps: readonly { readonly color: string; readonly value: number | null }[];
  };
  const step = steps.findLast((one) => one.value === null || value >= one.value);
  const unit = (property('unit') as string | undefined) ?? defaults?.unit;
  return { text: formatted(value, unit), fill: colourOf(step?.color) };
}
