/** The day of the shop as a Prometheus would hold it that had scraped its agents: with the times of the recordings. */
import fs from 'node:fs';
import path from 'node:path';
import { Health } from '../../../src/agent/health.ts';
import { ticksOver } from '../../../src/agent/replay.ts';
import { openNode } from '../../../src/agent/source.ts';
import { renderMetrics } from '../../../src/metrics/metrics.ts';
import { run } from '../machine/command.ts';
import { layNode, nodeNames, sampleCount, shopStart, stepSeconds } from './shop.ts';

/** Writes blocks of Prometheus's database to `data` below the directory. */
export async function backfill(directory: string): Promise<void> {
  const lines: string[] = [];
  for (const [index, node] of nodeNames.entries()) {
    const recording = path.join(directory, node);
    layNode(recording, node);
    lines.push(...(await scrapesOf(recording, node, `10.0.0.${index + 1}:9643`)));
  }
  const file = path.join(directory, 'scrapes.txt');
  fs.writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  run(['promtool', 'tsdb', 'create-blocks-from', 'openmetrics', file, path.join(directory, 'data')]);
}

/** What the agent of a node serves after each pass over its recording. */
async function scrapesOf(recording: string, node: string, instance: string): Promise<readonly string[]> {
  const opened = openNode({ root: recording, periodSeconds: stepSeconds }, []);
  const tick = ticksOver(opened);
  const health = new Health(stepSeconds * 1000, 0);
  const lines: string[] = [];
  for (let sample = 0; sample < sampleCount; sample++) {
    health.ticked(await tick(0, true), 0, 12);
    const text = renderMetrics({ report: health.report, agent: health.metrics }, 'openMetrics');
    const time = shopStart + sample * stepSeconds;
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined) continue;
      // honor_labels: a label of the series itself counts more than the target's.
      const target = [
        ...[`cluster="shop"`, `job="realmem"`, `instance="${instance}"`],
        ...(/(?:^|,)node="/.test(labels) ? [] : [`node="${node}"`]),
      ];
      lines.push(`${name}{${[labels, ...target].filter((text) => text !== '').join(',')}} ${value} ${time}`);
    }
  }
  opened.host.close();
  return lines;
}
