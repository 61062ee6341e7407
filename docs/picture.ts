/** The picture of the README: what `realmem top` prints of a recorded node, as an SVG of a terminal. */
import fs from 'node:fs';
import { openNode } from '../src/agent/source.ts';
import { tick } from '../src/agent/tick.ts';
import { render } from '../src/render/render.ts';

const root = new URL('../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

const font = 13;
const advance = font * 0.602;
const lineHeight = 20;
const margin = 20;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Columns of the table by their headings: green for real, red for what other tools show. */
const colours: readonly (readonly [RegExp, string])[] = [
  [/^REAL%?$/, '#7ee787'],
  [/^(?:KUBECTL-TOP|DOCKER-STATS)$/, '#ffa198'],
];

export async function picture(): Promise<string> {
  const node = openNode({ root }, []);
  const { report } = await tick(node, 0, true);
  node.host.close();
  if (report === undefined) throw new Error('no report');
  const text = render(report, 'table', { by: 'container', headers: true, all: false, sortBy: 'real' });
  const lines = ['$ npx realmem top', ...text.trimEnd().split('\n')];
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * advance + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((line, index) => {
    const y = margin + (index + 1) * lineHeight - 6;
    return words(line, lines[1] ?? '', index)
      .map(([column, word, fill]) => {
        const x = (margin + column * advance).toFixed(1);
        return `<text x="${x}" y="${y}" textLength="${(word.length * advance).toFixed(1)}" fill="${fill}">${escaped(word)}</text>`;
      })
      .join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${font}">
<title>realmem top: real memory beside what kubectl top and docker stats say</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`;
}

/** The words of a line with their columns and colours: a figure has that of the heading above its last letter. */
function words(line: string, head: string, index: number): readonly (readonly [number, string, string])[] {
  const isTable = index > 0 && !/^(?:NODE|REAL \d|\d+ more)/.test(line);
  return [...line.matchAll(/\S+/g)].map((match) => {
    const end = match.index + match[0].length;
    const heading = [...head.matchAll(/\S+/g)].find((one) => one.index + one[0].length === end)?.[0];
    const colour = isTable
      ? colours.find(([name]) => heading !== undefined && name.test(heading))?.[1]
      : undefined;
    return [match.index, match[0], colour ?? (index < 2 ? '#8b949e' : '#e6edf3')];
  });
}

if (import.meta.main) fs.writeFileSync(new URL('top.svg', import.meta.url), await picture());
