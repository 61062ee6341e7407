/** One report → a node of the view. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import YAML from 'yaml';
import { Pool } from '../../src/cluster/pool.ts';
import { containerShapes, nodeOf } from '../../src/cluster/report-item.ts';
import type { NodeView } from '../../src/cluster/view.ts';
import { parseQuantity } from '../../src/model/bytes.ts';
import { Faults } from '../../src/model/located-error.ts';
import { rfc3339 } from '../../src/model/time.ts';
import { anyText } from '../model/any-text.ts';
import { at, reportOf } from './made/made.ts';

interface Read {
  readonly node: NodeView;
  readonly notes: readonly string[];
}

function read(report: unknown, { now = at, namespace }: { now?: number; namespace?: string } = {}): Read {
  const faults = new Faults();
  const node = nodeOf(report, { now, namespace, pool: new Pool(), shapes: containerShapes(), faults });
  return { node, notes: faults.notes };
}

const minute = 60_000;

describe('a published report', () => {
  const file = new URL('../../fixtures/hosts/kubernetes-v1/published.yaml', import.meta.url);
  const report = YAML.parse(fs.readFileSync(file, 'utf8')) as unknown;

  it('gives the figures of node, pods and containers in bytes', () => {
    const { node, notes } = read(report, { now: Date.UTC(2026, 10, 23, 17, 40) });
    assert.deepEqual(notes, []);
    const { pods, conditions, ...about } = node;
    // Later agents publish more.
    assert.partialDeepStrictEqual(about, {
      ...{ name: 'kubernetes-v1', from: 'report', isStale: false },
      observedAt: Date.UTC(2026, 10, 23, 17, 35, 10),
      capacity: parseQuantity('23.5Gi'),
      used: parseQuantity('2.7Gi'),
      real: parseQuantity('654Mi'),
      available: parseQuantity('22.8Gi'),
    });
    assert.equal(pods.length, 6);
    const cart = pods.find(({ name }) => name === 'cart-6d5f8c7b9d-x2x1z') ?? assert.fail('no cart');
    const { containers, ...pod } = cart;
    assert.deepEqual(pod, {
      ...{ namespace: 'shop', name: 'cart-6d5f8c7b9d-x2x1z', node: 'kubernetes-v1' },
      ...{ workload: 'Deployment/cart', ooms: 0, real: parseQuantity('85.3Mi') },
      request: parseQuantity('96Mi'),
      limit: parseQuantity('192Mi'),
    });
    assert.deepEqual(
      containers.map(({ name, type, real, limit }) => [name, type, real, limit]),
      [
        ['cart', undefined, parseQuantity('65Mi'), parseQuantity('128Mi')],
        ['proxy', 'sidecar', parseQuantity('20.1Mi'), parseQuantity('64Mi')],
      ],
    );
    assert.ok(conditions.some(({ type }) => type === 'Complete'));
  });

  for (const host of ['kubernetes-v1', 'kubernetes-v2-systemd', 'pod-with-volume'])
    it(`of ${host} is read without a fault`, () => {
      const other = new URL(`../../fixtures/hosts/${host}/published.yaml`, import.meta.url);
      const { node, notes } = read(YAML.parse(fs.readFileSync(other, 'utf8')));
      assert.deepEqual(notes, []);
      assert.ok(node.pods.length > 0);
      assert.ok(node.pods.every(({ containers }) => containers.length > 0));
    });
});

describe('a report', () => {
  it('has working set, usage, both suggestions and OOM kills of a container, where an agent writes them', () => {
    const container = {
      ...{ name: 'main', type: 'sidecar', real: '1Mi', peak: '2Mi', usage: 3, workingSet: '4Mi' },
      ...{ request: '5Mi', limit: '6Mi', suggest: '7Mi', suggestLimit: '8Mi', ooms: 2, verdict: 'NearLimit' },
    };
    const pods = [
      { namespace: 'n', name: 'p', ooms: 3, request: '9Mi', limit: '10Mi', containers: [container] },
    ];
    const { node, notes } = read(reportOf('a', [], { pods, node: { workingSet: '5Gi' }, omitted: 4 }));
    const size = parseQuantity;
    assert.deepEqual(notes, []);
    assert.deepEqual([node.workingSet, node.omitted], [size('5Gi'), 4]);
    assert.deepEqual(node.pods, [
      {
        ...{ namespace: 'n', name: 'p', node: 'a', ooms: 3, request: size('9Mi'), limit: size('10Mi') },
        containers: [
          {
            ...{ name: 'main', type: 'sidecar', real: size('1Mi'), peak: size('2Mi'), usage: 3 },
            ...{ workingSet: size('4Mi'), request: size('5Mi'), limit: size('6Mi') },
            ...{ suggestRequest: size('7Mi'), suggestLimit: size('8Mi'), ooms: 2, verdict: 'NearLimit' },
          },
        ],
      },
    ]);
  });

  it('gives a pod the sum of its containers, and no limit where one container has none', () => {
    const podOf = (...containers: readonly object[]): object => ({ namespace: 'n', name: 'p', containers });
    const pods = [
      podOf(
        { name: 'a', request: '1Mi', limit: '2Mi' },
        { name: 'b', limit: '2Mi' },
        { name: 'e', type: 'ephemeral' },
      ),
      podOf({ name: 'a', request: '1Mi', limit: '2Mi' }, { name: 'b', request: '1Mi' }),
      podOf({ name: 'a' }),
    ];
    const mebibyte = 1024 * 1024;
    assert.deepEqual(
      read(reportOf('a', [], { pods })).node.pods.map(({ request, limit }) => [request, limit]),
      [
        [mebibyte, 4 * mebibyte],
        [2 * mebibyte, undefined],
        [undefined, undefined],
      ],
    );
  });

  for (const [ageMs, periodSeconds, isStale] of [
    [11 * minute, 5, false],
    [11 * minute + 1000, 5, true],
    [30 * minute, 600, false],
    [30 * minute + 1000, 600, true],
    [-60 * minute, 5, false],
  ] as const)
    it(`of ${ageMs / minute} minutes with a period of ${periodSeconds} s is ${isStale ? '' : 'not '}stale`, () => {
      const observed = { at: rfc3339(at - ageMs), agent: '0.1.0', periodSeconds };
      assert.equal(read(reportOf('a', [], { observed })).node.isStale, isStale);
    });

  it('is stale without a time that can be read, and says so', () => {
    const { node, notes } = read(reportOf('a', [], { observed: { at: 'yesterday' } }));
    assert.deepEqual([node.isStale, Object.hasOwn(node, 'observedAt')], [true, false]);
    assert.deepEqual(notes, ['NodeMemoryReport a: observed.at: expected a time, got "yesterday"']);
  });

  it('has the conditions of its status, and those at the top only without them', () => {
    const of = (reason: string): readonly object[] => [
      { type: 'Complete', status: 'True', reason, message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ];
    const [status, conditions] = [{ conditions: of('New') }, of('Old')];
    assert.deepEqual(read(reportOf('a', [], { status, conditions })).node.conditions, of('New'));
    assert.deepEqual(read(reportOf('a', [], { status: {}, conditions })).node.conditions, of('Old'));
    assert.deepEqual(read(reportOf('a', [], { status, conditions: undefined })).node.conditions, of('New'));
  });

  it('keeps the pods of one namespace only, if asked', () => {
    const report = reportOf('a', [
      ['x', 'p'],
      ['y', 'p'],
    ]);
    assert.deepEqual(
      read(report, { namespace: 'y' }).node.pods.map(({ namespace }) => namespace),
      ['y'],
    );
  });

  it('loses only the values that cannot be read, and names the first three', () => {
    const containers = [
      { name: 'a', real: '1Mi', peak: 'much', limit: -1, type: 'pet', verdict: 'Fine', ooms: 1.5 },
      { name: 7, real: '1Mi' },
    ];
    const pods = [{ namespace: 'n', name: 'p', containers }, 'pod'];
    const { node, notes } = read(reportOf('a\u001b', [], { pods }));
    assert.deepEqual(node.pods, [
      { namespace: 'n', name: 'p', node: 'a\u001b', ooms: 0, containers: [{ name: 'a', real: 1024 * 1024 }] },
    ]);
    const where = 'NodeMemoryReport a\\u001b: pods[0].containers[0]';
    assert.deepEqual(notes, [
      `${where}.type: expected one of container, init, sidecar, ephemeral, unknown, got "pet"`,
      `${where}.peak: expected a quantity such as 64Mi, got "much"`,
      `${where}.limit: expected a quantity such as 64Mi, got -1`,
      'and 5 more values or objects that cannot be read',
    ]);
  });

  it('reads null as a field that is absent, without a fault', () => {
    const container = { name: 'a', type: null, real: null, ooms: null, verdict: null };
    const pods = [{ namespace: 'n', name: 'p', workload: null, ooms: null, containers: [container] }];
    const { node, notes } = read(reportOf('a', [], { pods, omitted: null, conditions: null }));
    assert.deepEqual(notes, []);
    assert.deepEqual(node.pods, [
      { namespace: 'n', name: 'p', node: 'a', ooms: 0, containers: [{ name: 'a' }] },
    ]);
    assert.equal(Object.hasOwn(node, 'omitted'), false);
  });

  for (const [value, got] of [
    [{}, 'an object'],
    ['none', '"none"'],
    [7, '7'],
  ] as const)
    it(`without a list of pods, but ${got}, has no pods, and names the fault`, () => {
      const { node, notes } = read(reportOf('a', [], { pods: value }));
      assert.deepEqual(node.pods, []);
      assert.deepEqual(notes, [`NodeMemoryReport a: pods: expected a list, got ${got}`]);
    });

  it('has its conditions up to the 32nd, without those whose status is unknown', () => {
    const conditions = Array.from({ length: 40 }, (_, index) => ({
      type: `Type${index}`,
      status: index === 1 ? 'Maybe' : 'True',
    }));
    const { node, notes } = read(reportOf('a', [], { conditions }));
    assert.deepEqual(
      node.conditions.map(({ type }) => type),
      conditions.slice(0, 32).flatMap(({ type, status }) => (status === 'True' ? [type] : [])),
    );
    assert.deepEqual(notes, [
      'NodeMemoryReport a: conditions[1].status: expected one of True, False, Unknown, got "Maybe"',
    ]);
  });

  it('cuts the texts of a condition, and leaves out a time that is too long', () => {
    const condition = {
      ...{ type: 'Complete', status: 'False', reason: 'r'.repeat(300), message: 'm'.repeat(3_000) },
      lastTransitionTime: '2'.repeat(65),
    };
    const [first] = read(reportOf('a', [], { conditions: [condition, {}] })).node.conditions;
    assert.deepEqual(
      [first?.reason.slice(0, 253), first?.message.slice(0, 2_048)],
      ['r'.repeat(253), 'm'.repeat(2_048)],
    );
    assert.ok((first?.reason.length ?? 0) < 300 && (first?.message.length ?? 0) < 3_000);
    assert.equal(Object.hasOwn(first ?? {}, 'lastTransitionTime'), false);
  });

  for (const [workload, agent, expected] of [
    ['w'.repeat(512), 'v'.repeat(253), [512, 253]],
    ['w'.repeat(513), 'v'.repeat(254), [undefined, undefined]],
  ] as const)
    it(`with a workload of ${workload.length} and a version of ${agent.length} characters ${expected[0] === undefined ? 'omits' : 'keeps'} both`, () => {
      const pods = [{ namespace: 'n', name: 'p', workload, containers: [] }];
      const { node } = read(reportOf('a', [], { pods, observed: { at: rfc3339(at), agent } }));
      assert.deepEqual([node.pods[0]?.workload?.length, node.agent?.length], expected);
    });

  it('is stale after 11 minutes when its period is a text', () => {
    const observed = { at: rfc3339(at - 12 * minute), periodSeconds: '600' };
    assert.equal(read(reportOf('a', [], { observed })).node.isStale, true);
  });

  it('tells the namespaces of the pods that it leaves out too', () => {
    const report = reportOf('a', [
      ['x', 'p'],
      ['y', 'p'],
    ]);
    const namespaces = new Set<string>();
    const faults = new Faults();
    const shared = { now: at, pool: new Pool(), shapes: containerShapes(), faults };
    nodeOf(report, { ...shared, namespace: 'y', namespaces });
    assert.deepEqual([...namespaces], ['x', 'y']);
  });

  for (const report of [
    null,
    'x',
    [],
    {},
    { metadata: { name: '' } },
    { metadata: { name: 'x'.repeat(254) } },
  ])
    it(`is refused without a name: ${JSON.stringify(report).slice(0, 40)}`, () =>
      assert.throws(() => read(report), {
        message: 'a NodeMemoryReport: expected metadata.name of at most 253 characters, got none',
      }));
});

describe('any report', () => {
  const anyValue = fc.oneof(
    { weight: 3, arbitrary: anyText({ maxLength: 12 }) },
    fc.constantFrom('64Mi', '1.5G', '1e400', '9Ei', '-1', 'True', 'OK', 'init', null, undefined),
    fc.double(),
    fc.maxSafeInteger(),
    fc.anything({ maxDepth: 2 }),
  );
  const mixed = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> =>
    fc.record(
      Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [
          key,
          fc.oneof({ weight: 4, arbitrary: value }, anyValue),
        ]),
      ),
      { requiredKeys: [] },
    );
  const sizes = (...keys: readonly string[]): Readonly<Record<string, fc.Arbitrary<unknown>>> =>
    Object.fromEntries(keys.map((key) => [key, anyValue]));
  const container = mixed({
    name: anyText({ maxLength: 300 }),
    ...sizes(
      'type',
      'real',
      'peak',
      'usage',
      'workingSet',
      'request',
      'limit',
      'suggest',
      'suggestLimit',
      'ooms',
      'verdict',
    ),
  });
  const pod = mixed({
    ...{
      namespace: anyText({ maxLength: 8 }),
      name: anyText({ maxLength: 8 }),
      containers: fc.array(container),
    },
    ...sizes('workload', 'real', 'request', 'limit', 'ooms'),
  });
  const condition = mixed(sizes('type', 'status', 'reason', 'message', 'lastTransitionTime'));
  const report = mixed({
    metadata: fc.record({ name: anyText({ maxLength: 8 }) }),
    observed: mixed(sizes('at', 'periodSeconds')),
    node: mixed(sizes('capacity', 'used', 'real', 'available', 'workingSet')),
    pods: fc.array(pod),
    omitted: anyValue,
    conditions: fc.array(condition),
    status: mixed({ conditions: fc.array(condition) }),
  });
  const isSize = (value: unknown): boolean =>
    value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);

  it('is refused for its name alone, and gives only names, sizes, counts and words that are valid', () =>
    fc.assert(
      fc.property(report, (item) => {
        let node: NodeView;
        try {
          node = read(item).node;
        } catch (error) {
          assert.match((error as Error).message, /^a NodeMemoryReport: expected metadata\.name/);
          return;
        }
        const { capacity, used, real, available, workingSet, omitted, conditions } = node;
        assert.ok([capacity, used, real, available, workingSet, omitted].every(isSize));
        for (const { type, status, reason, message } of conditions) {
          assert.ok(['True', 'False', 'Unknown'].includes(status));
          assert.ok([type, reason, message].every((text) => typeof text === 'string' && text.length <= 2049));
        }
        for (const pod of node.pods) {
          const { namespace, name, containers, workload = '' } = pod;
          assert.ok([namespace, name].every((text) => text !== '' && text.length <= 253));
          assert.equal(typeof workload, 'string');
          assert.ok([pod.real, pod.request, pod.limit, pod.ooms].every(isSize));
          for (const { name, type = '', verdict = '', ...figures } of containers) {
            assert.ok(name !== '' && name.length <= 253);
            assert.deepEqual([typeof type, typeof verdict], ['string', 'string']);
            assert.ok(Object.values(figures).every((figure) => figure !== undefined && isSize(figure)));
          }
        }
      }),
    ));
});
