import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeReport } from '../../src/model/report.ts';
import { renderNames as render } from '../../src/render/render.ts';
import { type Grouping, groupings } from '../../src/render/row.ts';
import { containerOf, otherOf, podOf, reportOf } from '../report/reports.ts';

const renderNames = (report: NodeReport, by: Grouping, all: boolean): string =>
  render(report, { by, all, sortBy: 'real' });

const report = reportOf({
  pods: [podOf({ namespace: 'shop', name: 'cart-x', workload: 'Deployment/cart' })],
  containers: [
    containerOf({ namespace: 'shop', pod: 'cart-x', name: 'cart' }),
    containerOf({ type: 'sandbox', cgroup: '/p/pause' }),
  ],
  others: [otherOf({ cgroup: '/docker/web', type: 'container', name: 'web' }), otherOf()],
});

describe('-o name', () => {
  it('prints one TARGET per line, as other commands accept it', () => {
    assert.equal(renderNames(report, 'container', false), '/docker/web\nshop/cart-x/cart\n');
    assert.equal(renderNames(report, 'pod', false), 'shop/cart-x\n');
    assert.equal(renderNames(report, 'workload', false), 'shop/Deployment/cart\n');
    assert.equal(renderNames(report, 'namespace', false), 'shop\n');
    assert.equal(renderNames(report, 'node', false), 'node-1\n');
  });

  it('prints every cgroup with --all', () =>
    assert.deepEqual(renderNames(report, 'container', true).split('\n').toSorted(), [
      ...['', '/docker/web', '/p/pause', '/system.slice/ssh.service', 'shop/cart-x/cart'],
    ]));

  it('prints the cgroup path if the API does not know the container or pod', () => {
    const unknown = reportOf({ pods: [podOf()], containers: [containerOf()] });
    for (const by of groupings)
      for (const line of renderNames(unknown, by, true).split('\n').slice(0, -1))
        assert.notEqual(line, '', `by ${by}`);
  });

  it('prints one line per row, for any names', () =>
    assert.equal(renderNames(reportOf({ metadata: { name: 'a\nb' } }), 'node', false), 'a\\u000ab\n'));
});
