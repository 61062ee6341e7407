/** Compares every recorded host with its reviewed report, table and `free`. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { openNode } from '../../../src/agent/source.ts';
import { tick } from '../../../src/agent/tick.ts';
import { faultsOfNode, renderFree } from '../../../src/inspect/free.ts';
import { renderYaml } from '../../../src/layout/structured.ts';
import { figuresOf, renderAnnotations } from '../../../src/publish/annotations.ts';
import { publishedOf } from '../../../src/publish/publish.ts';
import { render } from '../../../src/render/render.ts';
import { groupings } from '../../../src/render/row.ts';
import { matchesGolden } from '../../golden.ts';
import { schemaFaults } from '../../report/crd.ts';

const hosts = new URL('../../../fixtures/hosts/', import.meta.url);
const options = { by: 'container', headers: true, all: true, sortBy: 'real' } as const;

for (const name of fs.readdirSync(hosts).sort()) {
  if (!fs.statSync(new URL(name, hosts)).isDirectory()) continue;
  describe(name, async () => {
    const at = (file: string): URL => new URL(`${name}/${file}`, hosts);
    const node = openNode({ root: at('root').pathname, node: name }, []);
    const { report } = await tick(node, 0, true);
    node.host.close();
    if (report === undefined) throw new Error('no report');
    it('renders the reviewed report', () =>
      matchesGolden(at('report.yaml'), render(report, 'yaml', options)));
    it('renders the reviewed table', () => matchesGolden(at('table.txt'), render(report, 'wide', options)));
    if (report.pods.some(({ name }) => name !== undefined)) {
      it('publishes the reviewed object, and the CRD accepts it', () => {
        const published = publishedOf(report);
        assert.deepEqual(schemaFaults(published), []);
        matchesGolden(at('published.yaml'), renderYaml(published));
      });
      it('renders the reviewed annotations', () => {
        const figures = figuresOf(report);
        const names = new Map(report.pods.map(({ uid, namespace, name }) => [uid, `${namespace}/${name}`]));
        const annotations = [...figures].map(([uid, one]) => [names.get(uid), renderAnnotations(one)]);
        matchesGolden(at('annotations.yaml'), stringify(Object.fromEntries(annotations), { lineWidth: 0 }));
      });
    }
    if (report.pods.length > 0)
      it('renders the reviewed groups', () => {
        const groups = groupings.slice(1).map((by) => render(report, 'table', { ...options, by }));
        matchesGolden(at('by.txt'), groups.join('\n'));
      });
    const { node: memory } = report;
    if (memory !== undefined)
      it('renders the reviewed output of free', () =>
        matchesGolden(at('free.txt'), renderFree(memory, [], faultsOfNode(report))));
  });
}
