/** The picture of docs/why-numbers-differ.md: which parts of one container's memory each tool counts. */
import fs from 'node:fs';
import { openNode } from '../src/agent/source.ts';
import { explain } from '../src/inspect/explain.ts';
import type { Explanation } from '../src/inspect/explanation.ts';
import { bytes, formatBytes } from '../src/model/bytes.ts';
import { shownBy } from '../src/render/tool-format.ts';
import type { ToolReading } from '../src/render/tool-reading.ts';

const root = new URL('../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;
const target = 'data/postgres-0/postgres';

/** The parts in the order of the bars, with the name in `Explanation.parts`. */
const parts = [
  { part: 'anonymous', fill: '#7ee787' },
  { part: 'tmpfs', fill: '#56d4dd' },
  { part: 'kernel', fill: '#d2a8ff' },
  { part: 'active file', fill: 'url(#active)' },
  { part: 'inactive file', fill: 'url(#inactive)' },
] as const;
type PartName = (typeof parts)[number]['part'];

const everything = parts.map(({ part }) => part);

/** A tool with its figure, and the parts which that figure should contain. */
const rows: readonly {
  readonly tool: string;
  readonly version?: string;
  readonly counts: readonly PartName[];
}[] = [
  { tool: 'container_memory_usage_bytes', counts: everything },
  { tool: 'kubectl top --containers', counts: ['anonymous', 'tmpfs', 'kernel', 'active file'] },
  { tool: 'realmem', version: 'real', counts: ['anonymous', 'tmpfs', 'kernel'] },
  { tool: 'docker stats', version: '17.06 to 19.03', counts: ['anonymous', 'kernel'] },
  { tool: 'container_memory_rss', counts: ['anonymous'] },
];

interface Words {
  readonly file: string;
  readonly title: string;
  readonly limit: string;
  /** One label for each row. */
  readonly labels: readonly string[];
  readonly legend: Readonly<Record<PartName, string>>;
  readonly groups: readonly [real: string, cache: string];
}

export const languages: readonly Words[] = [
  {
    file: 'why-numbers-differ.svg',
    title: 'One container at one moment: what each tool counts',
    limit: 'limit',
    labels: [
      'usage; docker stats before 17.06',
      'kubectl top; docker stats today',
      'real',
      'docker stats 17.06 to 19.03',
      'container_memory_rss',
    ],
    legend: {
      anonymous: 'heap and stacks',
      tmpfs: 'tmpfs',
      kernel: 'kernel memory',
      'active file': 'active page cache',
      'inactive file': 'inactive page cache',
    },
    groups: ['stays:', 'droppable:'],
  },
  {
    file: 'why-numbers-differ.zh-CN.svg',
    title: '同一容器、同一时刻：各工具统计了哪些内存',
    limit: 'limit',
    labels: [
      'usage；17.06 之前的 docker stats',
      'kubectl top；现在的 docker stats',
      'real（真实内存）',
      '17.06 到 19.03 的 docker stats',
      'container_memory_rss',
    ],
    legend: {
      anonymous: '堆和栈',
      tmpfs: 'tmpfs',
      kernel: '内核内存',
      'active file': '活跃页缓存',
      'inactive file': '非活跃页缓存',
    },
    groups: ['不可回收：', '可回收：'],
  },
];

const width = 900;
const left = 262;
const barWidth = 520;
const top = 66;
const rowHeight = 42;
const barHeight = 24;
const height = top + rows.length * rowHeight + 84;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const word = (x: number, y: number, text: string, attributes = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${escaped(text)}</text>`;

function explained(): Explanation {
  const node = openNode({ root }, []);
  try {
    return explain(node, root, { target }, 0);
  } finally {
    node.host.close();
  }
}

/** The residual of the kernel's batching belongs to no part; it is too small to draw. */
const tolerance = 0.005;

function drawing({ parts: found, tools, usage }: Explanation, words: Words): string {
  const limit = usage.limitBytes;
  if (limit === undefined) throw new Error(`${target}: expected a limit, got none`);
  const sizeOf = (name: PartName): number => found.find((one) => one.name === name)?.bytes ?? 0;
  const scale = barWidth / limit;
  const lines = rows.map(({ tool, version, counts }, index) => {
    const y = top + index * rowHeight;
    const reading = tools.find(
      (one) => one.tool === tool && (version === undefined || one.version === version),
    );
    const value = reading?.value;
    const sum = counts.reduce((total, name) => total + sizeOf(name), 0);
    if (reading === undefined || value === undefined || Math.abs(sum - value) > tolerance * value)
      throw new Error(`${tool}: expected the sum of ${counts.join(', ')} (${sum}), got ${value}`);
    const isReal = tool === 'realmem';
    let x = left;
    const bars = parts.map(({ part, fill }) => {
      const size = sizeOf(part) * scale;
      const shape = `<rect x="${x.toFixed(1)}" y="${y}" width="${size.toFixed(1)}" height="${barHeight}"`;
      x += size;
      return counts.includes(part)
        ? `${shape} fill="${fill}"/>`
        : `${shape} fill="none" stroke="#484f58" stroke-dasharray="2 3"/>`;
    });
    const style = isReal ? 'font-weight="bold" fill="#7ee787"' : '';
    return [
      word(left - 12, y + 17, words.labels[index] ?? '', `text-anchor="end" ${style}`),
      ...bars,
      word(left + barWidth + 12, y + 17, shown(reading, value), style),
    ].join('');
  });
  const end = left + barWidth;
  const bottom = top + rows.length * rowHeight;
  return [
    word(20, 30, words.title, 'font-size="15" fill="#e6edf3"'),
    word(end, 54, `${words.limit} ${formatBytes(limit)}`, 'text-anchor="middle" fill="#8b949e"'),
    `<line x1="${end}" y1="60" x2="${end}" y2="${bottom - 8}" stroke="#ff7b72" stroke-dasharray="4 3"/>`,
    ...lines,
    ...legend(words, sizeOf, bottom + 16),
  ].join('\n');
}

/** kubectl rounds down. The formats of the others have more digits than a reader can compare. */
const shown = (reading: ToolReading, value: number): string =>
  (reading.writing === 'kubectl' ? shownBy(reading) : undefined) ?? formatBytes(bytes(value));

/** Two lines: the parts of real memory, and the page cache. */
function legend(words: Words, sizeOf: (name: PartName) => number, y: number): readonly string[] {
  const isCache = (name: PartName): boolean => name.endsWith('file');
  return words.groups.map((group, line) => {
    const below = y + line * 28;
    const entries = parts
      .filter(({ part }) => isCache(part) === (line === 1))
      .map(({ part, fill }, index) => {
        const x = left + index * 206;
        const text = `${words.legend[part]} ${formatBytes(bytes(sizeOf(part)))}`;
        return `<rect x="${x}" y="${below}" width="14" height="14" fill="${fill}"/>${word(x + 20, below + 12, text)}`;
      });
    return [word(left - 12, below + 12, group, 'text-anchor="end" fill="#8b949e"'), ...entries].join('');
  });
}

/** Stripes tell page cache from the rest without colour, too. */
const stripes = (id: string, ink: string): string =>
  `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#161b22"/><rect width="3" height="6" fill="${ink}"/></pattern>`;

export const whyPicture = (words: Words): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif" font-size="13" fill="#e6edf3">
<title>${escaped(words.title)}</title>
<defs>${stripes('active', '#ffa198')}${stripes('inactive', '#8b949e')}</defs>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${drawing(explained(), words)}
</svg>
`;

if (import.meta.main)
  for (const words of languages) fs.writeFileSync(new URL(words.file, import.meta.url), whyPicture(words));
