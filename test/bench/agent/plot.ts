/** Draws the result: a bar for each program, one panel for each figure. */
import { formatRange, formatRatio, type Row } from './results.ts';

const width = 760;
const left = 190;
const right = 150;
const bar = 14;
const between = 16;
const head = 34;
const titles = { CPU: 'CPU time, ms per second', anonymous: 'Anonymous memory, MB', RSS: 'RSS, MB' } as const;
const colours = { realmem: '#0a7f45', cadvisor: '#d1495b' } as const;
const at = (value: number): string => value.toFixed(1);

export function renderPlot(rows: readonly Row[]): string {
  let y = 44;
  const panels = [...Map.groupBy(rows, ({ what }) => what)].map(([what, own]) => {
    const most = Math.max(...own.flatMap(({ realmem, cadvisor }) => [realmem.most, cadvisor.most]));
    const x = (value: number): number => (value / most) * (width - left - right);
    const lines = [`<text x="${left}" y="${y + 14}" font-size="14" fill="#1c2329">${titles[what]}</text>`];
    y += head - 8;
    for (const row of own) {
      lines.push(
        `<text x="${left - 10}" y="${y + bar + 4}" text-anchor="end">every ${row.period} s, ${row.load}</text>`,
      );
      for (const program of ['realmem', 'cadvisor'] as const) {
        const range = row[program];
        const length = x(range.mean);
        const note = program === 'realmem' && what === 'CPU' ? ` (${formatRatio(row.ratio)})` : '';
        lines.push(
          `<rect x="${left}" y="${y}" width="${at(length)}" height="${bar}" fill="${colours[program]}"/>` +
            `<path d="M${at(left + x(range.least))} ${y + bar / 2}H${at(left + x(range.most))}" stroke="#1c2329"/>` +
            `<text x="${at(left + x(range.most) + 6)}" y="${y + 11}">${formatRange(range)}${note}</text>`,
        );
        y += bar + 1;
      }
      if (row.goalAt !== undefined)
        lines.push(
          `<path d="M${at(left + x(row.goalAt))} ${y - 2 * bar - 4}v${bar + 4}" stroke="#1c2329" stroke-width="2"/>`,
        );
      y += between - 6;
    }
    y += between;
    return lines.join('');
  });
  const key = (x: number, colour: string, text: string): string =>
    `<rect x="${x}" y="14" width="12" height="12" fill="${colour}"/><text x="${x + 18}" y="24" fill="#1c2329">${text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12">
<title>CPU time and memory of realmem's agent beside cAdvisor</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${key(left, colours.realmem, 'realmem')}${key(left + 90, colours.cadvisor, 'cAdvisor, only its memory metrics')}
<path d="M${left + 336} 13v14" stroke="#1c2329" stroke-width="2"/><text x="${left + 344}" y="24" fill="#1c2329">goal</text>
<g fill="#4a5560">${panels.join('\n')}</g>
</svg>
`;
}
