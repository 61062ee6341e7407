/**
 * The short explanation of one cgroup. Five lines say how near its limit is and why the usual tools show another figure. Below
 * them: the tools that most people know.
 */

import { type Column, renderColumns } from '../layout/columns.ts';
import { cutMiddle, widthOf } from '../layout/width.ts';
import { wrap, wrapWords } from '../layout/wrap.ts';
import { type Bytes, bytes, formatBytes, formatShare } from '../model/bytes.ts';
import { printable } from '../model/text.ts';
import { isThrottledByOneReading, limitInForce, type MemoryUsage, nearLimit } from '../model/usage.ts';
import { type BarOptions, glyph, neededGlyph } from '../render/bars.ts';
import { realSize } from '../render/node-lines.ts';
import { shownBy } from '../render/tool-format.ts';
import type { ToolReading } from '../render/tool-reading.ts';
import type { Explanation } from './explanation.ts';
import { offOf } from './explanation.ts';
import { highNotes, lruNotes, probeNotes, splitCache } from './notes.ts';

export interface ShortOptions extends BarOptions {
  /** How the reader calls realmem, in the line that says what to type next. Default: `realmem`. */
  readonly program?: string;
  /** Offers `suggest` for a container near its limit: the cluster has its history. Default: no. */
  readonly suggests?: boolean;
  /** Replaces that line, for a screen with keys of its own. '': no such line. */
  readonly next?: string;
}

const gap = '   ';

/** @param options `columns`: from 40 characters on, no line is longer */
export function renderShort(explained: Explanation, options: ShortOptions): string {
  const { columns } = options;
  const { name, cgroup, usage, faults } = explained;
  const notes = [...sharedLimit(usage), ...highNotes(explained), ...lruNotes(explained)];
  const unread = faults.map((fault) => `Not read: ${printable(fault)}`);
  const below = [...notes, ...unread].flatMap((text) => wrap(text, columns, ''));
  // A path or a name can be one word that is longer than a line.
  const fit = (lines: readonly string[]): readonly string[] => lines.map((line) => cutMiddle(line, columns));
  const summary = [
    ...phrases(standing(usage), columns),
    ...phrases(others(explained, columns), columns),
    ...probeNotes(explained).flatMap((line) => wrap(line, columns, '')),
  ];
  const sections = [
    [
      title(explained, columns),
      ...summary,
      // Not cut: colours have no width.
      ...bar(explained, options),
      ...fit(next(explained, options)),
    ],
    fit(toolLines(explained, columns)),
    name === cgroup ? [] : fit([`CGROUP ${printable(cgroup)}`]),
    fit(below),
  ];
  return `${sections.flatMap((lines) => (lines.length === 0 ? [] : lines.join('\n'))).join('\n\n')}\n`;
}

/** The lines for a screen with keys of its own. */
export const shortLines = (explained: Explanation, options: BarOptions): readonly string[] =>
  renderShort(explained, { ...options, next: '' })
    .trimEnd()
    .split('\n');

/** The name, and as many facts about the place as the line has room for. */
function title({ name, where }: Explanation, columns: number): string {
  let line = cutMiddle(printable(name), columns);
  for (const fact of printable(where).split(gap)) {
    if (widthOf(line) + gap.length + widthOf(fact) > columns) break;
    line += gap + fact;
  }
  return line;
}

/** What a reader asks first: real, the limit, and what happens there. */
function standing(usage: MemoryUsage): readonly string[] {
  const { realBytes: real, oomKills = 0 } = usage;
  const limit = limitInForce(usage);
  const share = real === undefined ? undefined : formatShare(real, limit?.bytes, 2);
  const size = realSize(usage) ?? 'unknown';
  return [
    `REAL ${size}${limit === undefined ? '' : ` of ${formatBytes(limit.bytes)}`}${share === undefined ? '' : ` (${share})`}`,
    ...(real === undefined ? [] : [distance(usage, real)]),
    ...(oomKills > 0 ? [`OOM kills: ${oomKills}`] : []),
  ];
}

function distance(usage: MemoryUsage, real: Bytes): string {
  const limit = limitInForce(usage);
  if (limit === undefined) return "no limit: the OOM killer acts when the node's memory is full";
  const isHigh = limit.file === 'memory.high';
  if (isHigh && isThrottledByOneReading(usage)) return 'THROTTLED: the kernel slows it at memory.high';
  const left = formatBytes(bytes(Math.max(0, limit.bytes - real)));
  const room = `${left} left until ${isHigh ? 'memory.high throttles it' : 'the OOM killer'}`;
  // The other cgroups below an ancestor use its limit too.
  const said = limit.from === undefined ? room : `at most ${room}`;
  return real >= nearLimit * limit.bytes ? `NEAR ITS LIMIT: ${said}` : said;
}

function sharedLimit(usage: MemoryUsage): readonly string[] {
  const from = limitInForce(usage)?.from;
  return from === undefined
    ? []
    : [`The limit is that of ${printable(from)}: all cgroups below it share it.`];
}

/** What kubectl top and docker stats show, and the difference that matters. */
function others({ tools, usage }: Explanation, columns: number): readonly string[] {
  const of = (label: string): ToolReading | undefined => tools.find(({ brief }) => brief?.label === label);
  const [kubectl, docker] = [of('kubectl top'), of('docker stats')];
  const { workingSetBytes: shown, realBytes: real } = usage;
  const kubectlSays = `kubectl top ${(kubectl && shownBy(kubectl)) ?? 'unknown'}`;
  if (shown === undefined || real === undefined) return [kubectlSays];
  const off = shown - real;
  const amount = formatBytes(bytes(Math.abs(off)));
  const isMore = off > 0;
  const why = isMore
    ? `+ ${amount} page cache that the kernel can drop`
    : off === 0
      ? '= real: they count no page cache here'
      : `− ${amount}: the kernel's files disagree`;
  if (docker?.value === undefined) return [kubectlSays, why];
  const dockerSays = dockerText(docker);
  const dockerSize = dockerText({ ...docker, whole: undefined });
  const long = [kubectlSays, dockerSays, why];
  if (widthOf(long.join(gap)) <= columns) return long;
  const shorter = [`+ ${amount} page cache the kernel can drop`, `+ ${amount} droppable page cache`];
  const sentences = [why, ...(isMore ? shorter : [])].map(
    (reason) => `${kubectlSays}, ${dockerSize}: ${reason}`,
  );
  const fitting = sentences.find((sentence) => widthOf(sentence) <= columns);
  return fitting === undefined ? [kubectlSays, dockerSize, why] : [fitting];
}

/** `docker stats 126.1MiB (49.25%)`: without the limit, which the line above shows. */
const dockerText = (reading: Omit<ToolReading, 'whole'> & { readonly whole?: Bytes | undefined }): string => {
  const { whole, ...bare } = reading;
  const size = shownBy(bare) ?? 'unknown';
  const share = whole === undefined ? undefined : shownBy({ ...bare, whole })?.split('  ')[1];
  return `docker stats ${size}${share === undefined ? '' : ` (${share})`}`;
};

/** One bar: real, page cache (needed and cold where a probe is known), and the room up to the limit. */
function bar(explained: Explanation, options: ShortOptions): readonly string[] {
  const { realBytes: real, usageBytes: usage, ...rest } = explained.usage;
  const needed = splitCache(explained)?.needed;
  if (real === undefined || usage === undefined) return [];
  const { columns, colour, ascii } = options;
  const limit = limitInForce(rest)?.bytes;
  const whole = Math.max(limit ?? 0, usage, real);
  const edge = `${ascii ? '|' : '▕'} ${limit === undefined ? 'usage' : 'limit'} ${formatBytes(limit ?? usage)}`;
  const isSplit = needed !== undefined;
  const [hot, cold] = isSplit ? [` ${neededGlyph(options)} needed`, ' cold page cache'] : ['', ' page cache'];
  const legend = `${glyph(true, ascii, colour)} real${hot} ${glyph(false, ascii, colour)}${cold}`;
  const legendWidth = isSplit ? '█ real ▒ needed ░ cold page cache'.length : '█ real ░ page cache'.length;
  const isLegendShown = columns >= widthWithLegend;
  const room = columns - edge.length - (isLegendShown ? legendWidth + gap.length : 0);
  const cells = (part: number): number => (whole === 0 ? 0 : Math.round((part / whole) * room));
  // What is not zero has at least one character.
  const ofReal = Math.max(cells(real), real > 0 ? 1 : 0);
  const ofCache = Math.min(room - ofReal, Math.max(cells(usage) - ofReal, usage > real ? 1 : 0));
  const ofNeeded = Math.min(ofCache, Math.max(cells(needed ?? 0), (needed ?? 0) > 0 ? 1 : 0));
  const drawn = [
    ofReal > 0 ? glyph(true, ascii, colour, ofReal) : '',
    ofNeeded > 0 ? neededGlyph(options, ofNeeded) : '',
    ofCache > ofNeeded ? glyph(false, ascii, colour, ofCache - ofNeeded) : '',
    ' '.repeat(room - ofReal - Math.max(0, ofCache)),
  ];
  return [`${drawn.join('')}${edge}${isLegendShown ? gap + legend : ''}`];
}

const widthWithLegend = 72;

/** What to type next, the most useful first. No command is offered that must fail. */
function next(explained: Explanation, options: ShortOptions): readonly string[] {
  const { next, program = 'realmem', suggests = false, columns } = options;
  if (next !== undefined) return next === '' ? [] : wrap(printable(next), columns, '');
  const { name, target = name, owner, usage, mayProbe, hidesProcesses } = explained;
  // Nobody can type a name that is cut.
  const typed = (command: string, short: string): string => (widthOf(command) < columns ? command : short);
  const offers = [
    ...(suggests && owner !== undefined && needsMore(usage)
      ? [
          typed(
            `${program} suggest -n ${asWord(owner.namespace)} ${asWord(owner.workload)}`,
            `${program} suggest WORKLOAD`,
          ),
        ]
      : []),
    'add --all for every tool',
    ...(mayProbe && isMuchCache(usage)
      ? [
          typed(
            `${program} probe ${asWord(target)} for the page cache that it needs`,
            `${program} probe TARGET`,
          ),
        ]
      : []),
    ...(hidesProcesses ? [] : [typed(`${program} ps ${asWord(target)}`, `${program} ps TARGET`)]),
  ];
  const last = offers.length - 1;
  return wrapWords(
    offers.map(
      (offer, index) =>
        `${index === 0 ? 'Next: ' : index === last ? 'or ' : ''}${offer}${index < last ? ',' : ''}`,
    ),
    columns,
    '',
  );
}

const muchCache = 0.1;
/** Whether a tenth of usage is page cache. */
const isMuchCache = ({ usageBytes, realBytes }: MemoryUsage): boolean =>
  usageBytes !== undefined && realBytes !== undefined && usageBytes - realBytes > muchCache * usageBytes;

/** Killed, or near the limit at which the kernel kills or throttles it. */
function needsMore(usage: MemoryUsage): boolean {
  const { realBytes: real = 0, oomKills = 0 } = usage;
  const limit = limitInForce(usage);
  return oomKills > 0 || (limit !== undefined && real >= nearLimit * limit.bytes);
}

/** One word for a shell. */
const asWord = (target: string): string =>
  /^[\w./:@=+-]+$/.test(target) ? target : `'${printable(target).replaceAll("'", "'\\''")}'`;

/** Tools with the same reason and the same value stand together, above the reason. */
function toolLines({ tools, usage }: Explanation, columns: number): readonly string[] {
  const isFirst = ({ brief }: ToolReading): number => Number(brief?.label === 'kubectl top');
  const known = tools.filter(({ brief }) => brief !== undefined).toSorted((a, b) => isFirst(b) - isFirst(a));
  if (known.length === 0) return [];
  const isWide = columns >= widthOfMetrics;
  const table: readonly Column<ToolReading>[] = [
    {
      heading: 'TOOL',
      cell: ({ tool, brief }) => (isWide && tool.startsWith('container_') ? tool : brief?.label),
    },
    { heading: 'SHOWS', right: true, cell: (reading) => shownIn(reading, columns) },
    {
      heading: 'VS REAL',
      right: true,
      cell: (reading) => (reading.value === undefined ? undefined : offOf(reading, usage)),
    },
  ];
  const groups = [
    ...Map.groupBy(known, ({ brief, value, missing }) => `${brief?.why}\n${value}\n${missing}`).values(),
  ];
  const inOrder = groups.flat();
  const [head = '', ...lines] = renderColumns(table, inOrder, true, columns).trimEnd().split('\n');
  return [
    head,
    ...groups.flatMap((group) => {
      const [{ brief, missing, value, why } = {} as Partial<ToolReading>] = group;
      const reason = value === undefined ? `unknown: ${missing ?? why ?? ''}` : (brief?.why ?? '');
      return [
        ...group.map((reading) => lines[inOrder.indexOf(reading)] ?? ''),
        ...wrap(printable(reason), columns, '  '),
      ];
    }),
  ];
}

/** From this width on, the names of metrics have room. */
const widthOfMetrics = 76;
/** Below this width a size has no room in the tool's own format. */
const widthOfFormats = 56;

function shownIn(reading: ToolReading, columns: number): string | undefined {
  if (reading.value !== undefined && columns < widthOfFormats) return formatBytes(bytes(reading.value));
  const { whole: _, ...bare } = reading;
  return shownBy(columns < widthOfMetrics ? bare : reading);
}

/** Joins phrases to as few lines as possible, and wraps a phrase that is longer than a line. */
function phrases(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last + gap + part) <= columns)
      lines[lines.length - 1] = last + gap + part;
    else lines.push(...wrap(part, columns, ''));
  }
  return lines;
}
