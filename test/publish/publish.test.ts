import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderYaml } from '../../src/layout/structured.ts';
import { type Bytes, bytes, formatBytes } from '../../src/model/bytes.ts';
import type { OwnerReference } from '../../src/model/product.ts';
import { type NodeReport, type PodReport, verdicts } from '../../src/model/report.ts';
import { conditionsOf, newsIn, publishedOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { schemaFaults } from '../report/crd.ts';
import {
  reportOf as anyReport,
  containerOf,
  hostileReport,
  nodeOf,
  podOf,
  recorded,
} from '../report/reports.ts';

const Mi = 1024 ** 2;
const real = recorded('kubernetes-v1');

const shop = (more: Parameters<typeof podOf>[0] = {}): PodReport =>
  podOf({ namespace: 'shop', name: 'cart', ...more });

const reportOf: typeof anyReport = (more = {}) =>
  anyReport({ observed: { agent: '0', at: '2026-01-02T03:04:05Z' }, ...more });

describe('a published report', () => {
  it('of a recorded host matches the schema of the CRD', () => {
    assert.deepEqual(schemaFaults(publishedOf(real)), []);
    // The checker does find faults.
    const broken = {
      ...publishedOf(real),
      node: { capacity: '1 GiB', used: '1', pods: -1, ooms: 0, extra: 1 },
      conditions: [{}],
    };
    assert.deepEqual(schemaFaults({ ...broken, observed: {} }), [
      '.observed: expected at in it, got {}',
      '.observed: expected agent in it, got {}',
      '.node.capacity: expected another text, got "1 GiB"',
      '.node.pods: expected at least 0, got -1',
      '.node.extra: the schema does not know it',
      '.conditions[0]: expected type in it, got {}',
      '.conditions[0]: expected status in it, got {}',
      '.conditions[0]: expected reason in it, got {}',
      '.conditions[0]: expected message in it, got {}',
    ]);
  });

  it('has the same verdicts and types as the CRD', () => {
    for (const verdict of verdicts)
      for (const type of ['container', 'init', 'sidecar', 'ephemeral'] as const) {
        const report = reportOf({
          pods: [shop()],
          containers: [containerOf({ name: 'cart', type, verdict })],
        });
        assert.deepEqual(schemaFaults(publishedOf(report)), []);
      }
  });

  it('matches the schema of the CRD, for any names', () =>
    fc.assert(
      fc.property(hostileReport, (report) => {
        const at = '2026-01-02T03:04:05Z';
        // A sandbox has no name.
        const containers = report.containers.filter(({ type }) => type !== 'sandbox');
        assert.deepEqual(
          schemaFaults(publishedOf({ ...report, containers, observed: { agent: '0', at } })),
          [],
        );
      }),
    ));

  it('has only quantities that Kubernetes can parse', () =>
    fc.assert(
      fc.property(fc.maxSafeInteger(), (real) => {
        const amount = Math.abs(real);
        const node = nodeOf({ totalBytes: amount, usedBytes: amount, realUsedBytes: real });
        const report = reportOf({ node });
        assert.deepEqual(schemaFaults(publishedOf(report)), []);
      }),
    ));

  it('has the node as its owner, and is deleted with it', () => {
    const owner: OwnerReference = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u' };
    assert.deepEqual(publishedOf(reportOf(), owner).metadata, { name: 'node-1', ownerReferences: [owner] });
    assert.deepEqual(publishedOf(reportOf()).metadata, { name: 'node-1' });
  });

  it('has the totals of the node', () => {
    const report = reportOf({
      node: nodeOf({ totalBytes: 1000 * Mi, usedBytes: 600 * Mi, realUsedBytes: 333 * Mi }),
      pods: [shop({ oomKills: 2 }), shop({ uid: 'b' }), podOf({ uid: 'c', oomKills: 1, realBytes: 5 * Mi })],
    });
    assert.deepEqual(publishedOf(report).node, {
      ...{ capacity: '1000Mi', used: '600Mi', real: '333Mi', realPercent: 33 },
      ...{ pods: 3, ooms: 3, unidentified: '5Mi' },
    });
  });

  it('has the named pods with their real memory, sorted by namespace and name', () => {
    const pods = [
      shop({ name: 'b', realBytes: 3 * Mi, oomKills: 0 }),
      podOf({ uid: 'nameless', realBytes: 9 * Mi }),
      shop({ name: 'a', workload: 'Deployment/a', oomKills: 4 }),
      shop({ namespace: 'data', name: 'z' }),
    ];
    assert.deepEqual(publishedOf(reportOf({ pods })).pods, [
      { namespace: 'data', name: 'z', containers: [] },
      { namespace: 'shop', name: 'a', workload: 'Deployment/a', ooms: 4, containers: [] },
      { namespace: 'shop', name: 'b', real: '3Mi', containers: [] },
    ]);
  });

  it('has the figures of a container, without ID and cgroup', () => {
    const [pod] = publishedOf(
      reportOf({
        pods: [shop()],
        containers: [
          containerOf({
            ...{ name: 'cart', namespace: 'shop', pod: 'cart', runtime: 'containerd', verdict: 'OK' },
            ...{ usageBytes: 9 * Mi, realBytes: 5 * Mi, peakRealBytes: 7 * Mi, oomKills: 1 },
            ...{ workingSetBytes: 6 * Mi, requestBytes: 8 * Mi, limitBytes: 16 * Mi },
            suggest: { requestBytes: bytes(7 * Mi), limitBytes: bytes(12 * Mi), confidence: 'high' },
          }),
        ],
      }),
    ).pods;
    assert.deepEqual(pod?.containers, [
      {
        ...{ name: 'cart', real: '5Mi', peak: '7Mi', usage: '9Mi', workingSet: '6Mi' },
        ...{ request: '8Mi', limit: '16Mi', suggest: '7Mi', suggestLimit: '12Mi', ooms: 1, verdict: 'OK' },
      },
    ]);
  });

  it('has the type of containers that are not regular ones, and omits unnamed containers', () => {
    const containers = [
      containerOf({ name: 'proxy', type: 'sidecar' }),
      containerOf({ type: 'sandbox' }),
      containerOf({ type: 'unknown' }),
    ];
    assert.deepEqual(publishedOf(reportOf({ pods: [shop()], containers })).pods[0]?.containers, [
      { name: 'proxy', type: 'sidecar' },
    ]);
  });

  it('has a limit only if the container or its pod sets it', () => {
    const limits = ['/kubepods/poduid', '/kubepods', '/'].map((limitFrom) => {
      const containers = [containerOf({ name: 'a', limitBytes: 5 * Mi, limitFrom })];
      return publishedOf(reportOf({ pods: [shop()], containers })).pods[0]?.containers[0]?.limit;
    });
    assert.deepEqual(limits, ['5Mi', undefined, undefined]);
  });

  it('lists containers that an OOM kill ended among the running ones', () => {
    const killed = [
      { name: 'b', type: 'init', oomKills: 2, requestBytes: bytes(Mi), limitBytes: bytes(2 * Mi) },
    ] as const;
    const containers = [containerOf({ name: 'c' }), containerOf({ name: 'a' })];
    assert.deepEqual(publishedOf(reportOf({ pods: [shop({ killed })], containers })).pods[0]?.containers, [
      { name: 'a' },
      { name: 'b', type: 'init', request: '1Mi', limit: '2Mi', ooms: 2, verdict: 'OOMKilled' },
      { name: 'c' },
    ]);
  });

  describe('has the request and the limit of a whole pod', () => {
    const settingsOf = (
      pod: Parameters<typeof podOf>[0],
      ...containers: readonly Parameters<typeof containerOf>[0][]
    ): readonly unknown[] => {
      const [one] = publishedOf(
        reportOf({
          pods: [shop(pod)],
          containers: containers.map((more, n) =>
            containerOf({ name: `c${n}`, cgroup: `/kubepods/poduid/${n}`, ...more }),
          ),
        }),
      ).pods;
      return [one?.request, one?.limit];
    };
    const a = { requestBytes: 10 * Mi, limitBytes: 20 * Mi };
    const b = { requestBytes: 1 * Mi, limitBytes: 2 * Mi };

    it('unless they are the sums over its containers', () =>
      assert.deepEqual(settingsOf({ requestBytes: 11 * Mi, limitBytes: 22 * Mi }, a, b), [
        undefined,
        undefined,
      ]));

    it('where the pod sets them, or a RuntimeClass adds overhead', () => {
      assert.deepEqual(settingsOf({ requestBytes: 12 * Mi, limitBytes: 23 * Mi }, a, b), ['12Mi', '23Mi']);
      const shared = { limitBytes: 30 * Mi, limitFrom: '/kubepods/poduid' };
      assert.deepEqual(settingsOf({ limitBytes: 30 * Mi }, shared, shared), [undefined, '30Mi']);
    });

    it('where a container of the pod is not listed', () =>
      assert.deepEqual(settingsOf({ requestBytes: 11 * Mi, limitBytes: 22 * Mi }, a), ['11Mi', '22Mi']));

    it('and counts a killed container as listed', () => {
      const killed = [
        { name: 'k', type: 'container', oomKills: 1, requestBytes: bytes(Mi), limitBytes: bytes(2 * Mi) },
      ] as const;
      assert.deepEqual(settingsOf({ requestBytes: 11 * Mi, limitBytes: 22 * Mi, killed }, a), [
        undefined,
        undefined,
      ]);
    });

    it('but no limit that all pods of the node share', () => {
      const above = { limitBytes: 99 * Mi, limitFrom: '/kubepods' };
      assert.deepEqual(settingsOf(above, { ...a, ...above }), [undefined, undefined]);
    });

    it('but not those of the first container, which a pod without a cgroup has', () =>
      assert.deepEqual(settingsOf({ ...a, cgroup: '/kubepods/poduid/0' }, a, b), [undefined, undefined]));
  });

  it('has its conditions in status, where kubectl wait reads them, and in their old place', () => {
    const conditions = [{ type: 'Complete', status: 'True', reason: 'AllRead', message: 'm' }] as const;
    const published = publishedOf(reportOf({ conditions }));
    assert.deepEqual(published.status, { conditions });
    assert.deepEqual(published.conditions, conditions);
    // kubectl wait ignores a condition with an older generation than the object's.
    assert.doesNotMatch(JSON.stringify(published), /observedGeneration/);
  });

  it('of a healthy host is Complete', () => {
    const complete = conditionsOf(publishedOf(real)).find(({ type }) => type === 'Complete');
    assert.equal(complete?.status, 'True');
  });

  it('may lack its conditions in either place', () => {
    const { status, conditions, ...rest } = publishedOf(real);
    for (const report of [{ ...rest, status }, { ...rest, conditions }, rest])
      assert.deepEqual(schemaFaults(report), []);
  });

  it('has 0 instead of a negative figure', () => {
    const report = reportOf({ node: nodeOf({ realUsedBytes: -90 }) });
    assert.equal(publishedOf(report).node?.realPercent, 0);
  });
});

describe('conditionsOf', () => {
  const condition = { type: 'Complete', status: 'True', reason: 'AllRead', message: 'm' } as const;
  const old = [{ ...condition, message: 'old' }];

  it('reads status first, then the old place', () => {
    assert.deepEqual(conditionsOf({ status: { conditions: [condition] }, conditions: old }), [condition]);
    assert.deepEqual(conditionsOf({ status: { conditions: [] }, conditions: old }), []);
    assert.deepEqual(conditionsOf({ status: {}, conditions: old }), old);
    assert.deepEqual(conditionsOf({ conditions: old }), old);
    assert.deepEqual(conditionsOf({}), []);
  });
});

describe('newsIn', () => {
  const news = (report: NodeReport): string => newsIn(publishedOf(report));
  const condition = { type: 'Complete', status: 'True', reason: 'AllRead', message: 'm' } as const;
  const base = reportOf({
    node: nodeOf({ realUsedBytes: 500 }),
    pods: [shop({ realBytes: 5 * Mi })],
    containers: [containerOf({ name: 'cart', realBytes: 5 * Mi, verdict: 'OK' })],
    conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
  });

  it('is the same if only the time or the messages of conditions differ', () => {
    const later = { ...base, observed: { agent: '0', at: '2026-01-02T03:09:05Z' } };
    assert.equal(news(later), news(base));
    const others = [{ ...condition, message: 'other', lastTransitionTime: '2026-01-02T00:00:00Z' }];
    assert.equal(news({ ...base, conditions: others }), news(base));
  });

  it('is the same exactly if figures round to the same text', () =>
    fc.assert(
      fc.property(fc.integer({ min: 4 * Mi, max: 6 * Mi }), (amount) => {
        const changed = { ...base, pods: [shop({ realBytes: amount })] };
        const same = formatBytes(amount as Bytes) === '5Mi';
        assert.equal(news(changed) === news(base), same);
      }),
      { examples: [[5 * Mi + 1], [5 * Mi - 1]] },
    ));

  for (const [what, changed] of [
    ['another figure of the node', { node: nodeOf({ realUsedBytes: 501 }) }],
    [
      'another verdict',
      { containers: [containerOf({ name: 'cart', realBytes: 5 * Mi, verdict: 'OOMKilled' })] },
    ],
    ['a pod that is gone', { pods: [] }],
    ['another status of a condition', { conditions: [{ ...condition, status: 'False' }] }],
    ['another reason of a condition', { conditions: [{ ...condition, reason: 'Other' }] }],
    ['another version of the agent', { observed: { agent: '1', at: '2026-01-02T03:04:05Z' } }],
  ] as const)
    it(`differs with ${what}`, () =>
      assert.notEqual(news({ ...base, ...(changed as Partial<NodeReport>) }), news(base)));
});

describe('a large report', () => {
  /** With short names and small figures the YAML is much longer than the JSON. With long names both are long. */
  const crowd = (pods: number, name: (n: number) => string, amount: number): NodeReport =>
    reportOf({
      pods: Array.from({ length: pods }, (_, n) =>
        podOf({ namespace: name(n), name: name(n), uid: `${n}`, realBytes: n, oomKills: 9 }),
      ),
      containers: Array.from({ length: pods }, (_, n) => n).flatMap((n) =>
        [0, 1, 2].map((index) =>
          containerOf({
            ...{ podUID: `${n}`, name: `${index}`, type: 'init', verdict: 'OK' },
            ...{ realBytes: amount, peakRealBytes: amount, requestBytes: amount, limitBytes: amount },
          }),
        ),
      ),
    });
  const short = publishedOf(crowd(6_000, (n) => n.toString(36), 0));
  const long = publishedOf(crowd(2_500, (n) => `${n}`.padStart(63, 'x'), 1000 * Mi));
  const isCut = (report: PublishedReport): boolean => (report.omitted ?? 0) > 0;

  for (const [what, published] of [
    ['many small pods', short],
    ['long names', long],
  ] as const)
    it(`with ${what} is cut to fit into a ConfigMap and etcd`, () => {
      assert.ok(isCut(published));
      assert.ok(JSON.stringify(published).length < 1_000_000);
      const { length } = renderYaml(published);
      assert.ok(length < 2 ** 20, `${length}`);
      assert.deepEqual(schemaFaults(published), []);
    });

  it('omits and counts its smallest pods', () => {
    const { pods, omitted = 0 } = short;
    assert.equal(pods.length + omitted, 6_000);
    const left = new Set(pods.map(({ name }) => Number.parseInt(name, 36)));
    assert.equal(Math.min(...left), omitted);
    assert.deepEqual(
      pods.map(({ name }) => name),
      pods.map(({ name }) => name).toSorted(),
    );
  });

  it('with 250 pods of three containers is complete', () => {
    const report = publishedOf(crowd(250, (n) => `${n}`.padStart(40, 'x'), 100 * Mi));
    assert.equal('omitted' in report, false);
    assert.equal(report.pods.length, 250);
  });

  it('with thirty pods has about 5 kB', () => {
    const { length } = JSON.stringify(publishedOf(crowd(30, (n) => `pod-${n}`.padStart(24, 'x'), 100 * Mi)));
    assert.ok(length < 14_000, `${length}`);
  });

  it('parses back from YAML to the same report', () =>
    assert.deepEqual(parse(renderYaml(publishedOf(real))), publishedOf(real)));
});
