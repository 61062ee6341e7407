/** Which series a report has. metrics.test.ts has the text that Prometheus reads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportGroups } from '../../src/metrics/node.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { NodeReport } from '../../src/model/report.ts';
import { containerOf, podOf, reportOf } from '../report/reports.ts';

const linesOf = (report: NodeReport, name: string): readonly string[] =>
  reportGroups
    .flatMap((group) => group.families(report))
    .filter(({ metric }) => metric.name === `realmem_${name}`)
    .flatMap(({ lines }) => lines.split('\n').slice(0, -1));

const valuesOf = (...given: Parameters<typeof linesOf>): readonly (string | undefined)[] =>
  linesOf(...given).map((line) => line.split(' ').at(-1));

const cart = { namespace: 'shop', pod: 'cart-1', name: 'cart' };

describe('the series of a container', () => {
  it('are absent without a namespace, a pod or a name', () => {
    const { namespace: _, ...noNamespace } = cart;
    const { pod: __, ...noPod } = cart;
    const { name: ___, ...noName } = cart;
    const containers = [noNamespace, noPod, noName].map((one) => containerOf({ ...one, realBytes: 5 }));
    assert.deepEqual(linesOf(reportOf({ containers }), 'container_real_bytes'), []);
  });

  for (const [what, old, young, real] of [
    ['more usage', 9, 1, 1],
    ['more usage, in the other order', 1, 9, 2],
    ['the same usage: the later one', 5, 5, 2],
    ['an unknown usage: the known one', undefined, 1, 2],
    ['a known usage of two, where the later is unknown', 1, undefined, 1],
    ['no known usage: the later one', undefined, undefined, 2],
  ] as const)
    it(`are of the cgroup with ${what}`, () => {
      const containers = [old, young].map((usage, index) =>
        containerOf({ ...cart, realBytes: index + 1, ...(usage !== undefined && { usageBytes: usage }) }),
      );
      assert.deepEqual(valuesOf(reportOf({ containers }), 'container_real_bytes'), [`${real}`]);
    });

  it('tell containers of two pods apart', () => {
    const containers = ['cart-1', 'cart-2'].map((pod) => containerOf({ ...cart, pod, realBytes: 5 }));
    assert.equal(linesOf(reportOf({ containers }), 'container_real_bytes').length, 2);
  });

  it('have the suggested request and limit, each only if there is one', () => {
    const suggest = { requestBytes: bytes(7), confidence: 'low' } as const;
    const report = reportOf({ containers: [containerOf({ ...cart, suggest })] });
    assert.deepEqual(linesOf(report, 'container_suggested_request_bytes'), [
      'realmem_container_suggested_request_bytes{namespace="shop",pod="cart-1",container="cart",node="node-1"} 7',
    ]);
    assert.deepEqual(linesOf(report, 'container_suggested_limit_bytes'), []);
  });
});

describe('the workload of a pod', () => {
  for (const [workload, kind, name] of [
    ['Deployment/cart', 'Deployment', 'cart'],
    ['StatefulSet/a/b', 'StatefulSet', 'a/b'],
    ['cart', '', 'cart'],
    [undefined, '', ''],
  ] as const)
    it(`${workload ?? 'that is unknown'} has the kind "${kind}" and the name "${name}"`, () => {
      const pod = podOf({ namespace: 'shop', name: 'cart-1', ...(workload !== undefined && { workload }) });
      assert.deepEqual(linesOf(reportOf({ pods: [pod] }), 'pod_info'), [
        `realmem_pod_info{namespace="shop",pod="cart-1",uid="uid",workload_kind="${kind}",workload="${name}",node="node-1"} 1`,
      ]);
    });

  it('is absent for a pod without a namespace or a name', () =>
    assert.deepEqual(
      linesOf(reportOf({ pods: [podOf({ name: 'a' }), podOf({ namespace: 'b' })] }), 'pod_info'),
      [],
    ));
});

describe('the series of the node', () => {
  it('count a cgroup once that was skipped for two reasons', () => {
    const skipped = ['x', 'y'].map((why) => ({ cgroup: '/a', why }));
    assert.deepEqual(valuesOf(reportOf({ skipped }), 'skipped_cgroups'), ['1']);
    assert.deepEqual(valuesOf(reportOf(), 'skipped_cgroups'), ['0']);
  });

  it('have 0 bytes of unidentified containers, and no total of a node without figures', () => {
    assert.deepEqual(valuesOf(reportOf(), 'unidentified_bytes'), ['0']);
    assert.deepEqual(linesOf(reportOf(), 'node_total_bytes'), []);
  });
});
