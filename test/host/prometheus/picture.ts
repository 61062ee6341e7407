/** `npm run picture:dashboard` draws docs/dashboard.svg: the answers of a Prometheus to the queries of the dashboard's panels. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Undo } from '../machine/cleanup.ts';
import { requireTools } from '../machine/command.ts';
import { backfill } from './backfill.ts';
import { dashboard, interpolated, type Panel, variables } from './dashboard.ts';
import { type Answered, drawPanel, textAt } from './draw.ts';
import { Prometheus, type Undoing } from './server.ts';
import { shopEnd, stepSeconds } from './shop.ts';

export const pictureFile = new URL('../../../docs/dashboard.svg', import.meta.url);

const daySeconds = 86_400;
const span = { start: shopEnd - daySeconds, end: shopEnd, step: stepSeconds };
/** As Grafana computes $__rate_interval: four scrapes. */
const rateInterval = `${4 * stepSeconds}s`;

const width = 1600;
const margin = 12;
const gap = 8;
const headHeight = 84;
/** The height of a unit of Grafana's grid, with the gap. */
const unitHeight = 38;
const column = (width - 2 * margin + gap) / 24;

/** @param directory for the recordings and the database */
export async function drawDashboard(undoing: Undoing, directory: string): Promise<string> {
  requireTools('prometheus', 'promtool');
  await backfill(directory);
  const prometheus = await Prometheus.start(undoing, { directory, config: '{}' });
  const drawn: string[] = [];
  let height = 0;
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const box = {
      x: margin + x * column,
      y: headHeight + y * unitHeight,
      width: w * column - gap,
      height: h * unitHeight - gap,
    };
    height = Math.max(height, box.y + box.height + margin);
    drawn.push(
      panel.type === 'row'
        ? textAt(box.x + 4, box.y + 21, `${panel.collapsed === true ? '›' : '⌄'}  ${panel.title}`, {
            ...{ size: 15, fill: '#ccccdc', bold: true },
          })
        : drawPanel(panel, await answers(panel, prometheus), box, span),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif">
<title>The dashboard of realmem, drawn from the answers of Prometheus to the queries of its panels</title>
<rect width="100%" height="100%" fill="#111217"/>
${head()}
${drawn.join('\n')}
</svg>
`;
}

const answers = (panel: Panel, prometheus: Prometheus): Promise<readonly Answered[]> =>
  Promise.all(
    (panel.targets ?? []).map(async (target) => {
      const query = interpolated(target.expr, {}, rateInterval);
      const series =
        target.instant === true
          ? await prometheus.instant(query, shopEnd)
          : await prometheus.range(query, span.start, span.end, span.step);
      return { target, series };
    }),
  );

function head(): string {
  let x = margin + 4;
  const chosen = variables.map(({ label }) => {
    const at = x;
    const wide = label.length * 8.5 + 14;
    x += wide + 52;
    return `<rect x="${at}" y="44" width="${wide + 44}" height="26" rx="2" fill="#181b1f" stroke="#34363c"/>
${textAt(at + 8, 62, label, { fill: '#6e9fff', bold: true })}${textAt(at + wide + 8, 62, 'All', { fill: '#ccccdc' })}`;
  });
  const day = `${new Date(span.start * 1000).toISOString().slice(0, 16).replace('T', ' ')} to ${new Date(span.end * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [
    textAt(margin + 4, 28, dashboard.title, { size: 19, fill: '#d8d9da', bold: true }),
    textAt(
      width - margin - 4,
      24,
      "Drawn from Prometheus's answers to the panels' queries by npm run picture:dashboard.",
      {
        ...{ anchor: 'end', fill: '#ff9830', size: 13 },
      },
    ),
    textAt(width - margin - 4, 42, 'Not a screenshot of Grafana. The workloads are made up.', {
      ...{ anchor: 'end', fill: '#ff9830', size: 13 },
    }),
    textAt(width - margin - 4, 66, day, { anchor: 'end', fill: '#ccccdc', size: 13 }),
    ...chosen,
  ].join('\n');
}

if (import.meta.main) {
  const undos: Undo[] = [];
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'realmem-dashboard-'));
  undos.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  try {
    fs.writeFileSync(pictureFile, await drawDashboard({ add: (undo) => undos.push(undo) }, directory));
  } finally {
    for (const undo of undos.toReversed()) undo();
  }
}
