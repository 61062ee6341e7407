/** Every recorded host gives its reviewed report, table and `free`. */
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { openNode } from '../../src/app/source.ts';
import { tick } from '../../src/app/tick.ts';
import { renderFree } from '../../src/report/free.ts';
import { render } from '../../src/report/render.ts';
import { groupings } from '../../src/report/rows.ts';
import { matchesGolden } from '../golden.ts';

const hosts = new URL('../../fixtures/hosts/', import.meta.url);
const options = { by: 'container', headers: true, all: true, sortBy: 'real' } as const;

for (const name of fs.readdirSync(hosts).sort()) {
  if (!fs.statSync(new URL(name, hosts)).isDirectory()) continue;
  describe(name, async () => {
    const at = (file: string): URL => new URL(`${name}/${file}`, hosts);
    const node = openNode({ root: at('root').pathname, node: name }, []);
    const { report } = await tick(node, 0, true);
    node.host.close();
    if (report === undefined) throw new Error('no report');
    it('gives its report', () => matchesGolden(at('report.yaml'), render(report, 'yaml', options)));
    it('gives its table', () => matchesGolden(at('table.txt'), render(report, 'wide', options)));
    if (report.pods.length > 0)
      it('gives its groups', () => {
        const groups = groupings.slice(1).map((by) => render(report, 'table', { ...options, by }));
        matchesGolden(at('by.txt'), groups.join('\n'));
      });
    const { node: memory } = report;
    if (memory !== undefined) it('gives its free', () => matchesGolden(at('free.txt'), renderFree(memory)));
  });
}
