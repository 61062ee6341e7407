/** Where a DaemonSet runs, by the rules of its controller. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import YAML from 'yaml';
import { isLinuxMachine, type NodeFacts, nodeFactsOf, placementOf } from '../../src/cluster/placement.ts';
import { fieldsOf, listOf } from '../../src/model/json.ts';
import { nodeOf } from './made/made.ts';

const node = (more: Partial<NodeFacts> = {}): NodeFacts => ({ name: 'a', labels: {}, taints: [], ...more });
const tainted = (key: string, effect = 'NoSchedule', value = ''): NodeFacts =>
  node({ taints: [{ key, value, effect }] });
const requiring = (...nodeSelectorTerms: readonly object[]): object => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  },
});
const expression = (operator: string, ...values: readonly string[]): object =>
  requiring({ matchExpressions: [{ key: 'zone', operator, values }] });

describe('a pod of a DaemonSet', () => {
  const zone = (value: string): NodeFacts => node({ labels: { zone: value } });
  for (const [what, spec, on, expected] of [
    ['without constraints', {}, node(), true],
    ['with a node selector', { nodeSelector: { zone: 'a' } }, zone('a'), true],
    ['with a node selector', { nodeSelector: { zone: 'a' } }, zone('b'), false],
    ['with a node selector', { nodeSelector: { zone: 'a' } }, node(), false],
    ['with In', expression('In', 'a', 'b'), zone('b'), true],
    ['with In', expression('In', 'a', 'b'), node(), false],
    ['with NotIn', expression('NotIn', 'a'), zone('b'), true],
    ['with NotIn', expression('NotIn', 'a'), zone('a'), false],
    ['with NotIn', expression('NotIn', 'a'), node(), true],
    ['with Exists', expression('Exists'), zone(''), true],
    ['with Exists', expression('Exists'), node(), false],
    ['with DoesNotExist', expression('DoesNotExist'), node(), true],
    ['with DoesNotExist', expression('DoesNotExist'), zone('a'), false],
    ['with Gt', expression('Gt', '5'), zone('10'), true],
    ['with Gt', expression('Gt', '5'), zone('5'), false],
    ['with Lt', expression('Lt', '5'), zone('-1'), true],
    ['with Lt', expression('Lt', '5'), zone('x'), false],
    ['with Lt', expression('Lt', '5'), node(), false],
    ['with an operator of a later version', expression('Near', 'a'), zone('a'), false],
    [
      'with one of two terms that match',
      requiring(
        { matchExpressions: [{ key: 'zone', operator: 'Exists' }] },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] },
      ),
      node(),
      true,
    ],
    [
      'with two expressions of one term',
      requiring({
        matchExpressions: [
          { key: 'zone', operator: 'Exists' },
          { key: 'gpu', operator: 'Exists' },
        ],
      }),
      zone('a'),
      false,
    ],
    [
      'with a term for the name of another node',
      requiring({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }] }),
      node(),
      false,
    ],
    ['with an empty term', requiring({}), node(), false],
    [
      'with a preference',
      {
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] },
        },
      },
      node(),
      true,
    ],
    ['without tolerations', {}, tainted('gpu'), false],
    ['without tolerations', {}, tainted('gpu', 'NoExecute'), false],
    ['without tolerations', {}, tainted('gpu', 'PreferNoSchedule'), true],
    ['without tolerations', {}, tainted('node.kubernetes.io/not-ready', 'NoExecute'), true],
    ['without tolerations', {}, tainted('node.kubernetes.io/unschedulable'), true],
    ['without tolerations', {}, tainted('node.kubernetes.io/network-unavailable'), false],
    ['on the host network', { hostNetwork: true }, tainted('node.kubernetes.io/network-unavailable'), true],
    ['that tolerates all', { tolerations: [{ operator: 'Exists' }] }, tainted('gpu', 'NoExecute'), true],
    [
      'that tolerates all of one effect',
      { tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }] },
      tainted('gpu', 'NoExecute'),
      false,
    ],
    [
      'that tolerates a key',
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      tainted('gpu', 'NoSchedule', 'x'),
      true,
    ],
    [
      'that tolerates a value',
      { tolerations: [{ key: 'gpu', value: 'x' }] },
      tainted('gpu', 'NoSchedule', 'x'),
      true,
    ],
    [
      'that tolerates another value',
      { tolerations: [{ key: 'gpu', value: 'y' }] },
      tainted('gpu', 'NoSchedule', 'x'),
      false,
    ],
    ['that tolerates no value', { tolerations: [{ key: 'gpu' }] }, tainted('gpu'), true],
    [
      'that tolerates one of two taints',
      { tolerations: [{ key: 'gpu' }] },
      node({
        taints: [
          { key: 'gpu', value: '', effect: 'NoSchedule' },
          { key: 'spot', value: '', effect: 'NoSchedule' },
        ],
      }),
      false,
    ],
  ] as const)
    it(`${what} ${expected ? 'runs' : 'does not run'} on a node with ${JSON.stringify([on.labels, on.taints])}`, () =>
      assert.equal(placementOf(spec as Readonly<Record<string, unknown>>)(on), expected));
});

it('the DaemonSet of the manifests has the label by which it is found, and runs on each Linux node', () => {
  const file = new URL('../../manifests/realmem.yaml', import.meta.url);
  const objects = YAML.parseAllDocuments(fs.readFileSync(file, 'utf8')).map((one) => fieldsOf(one.toJS()));
  const { metadata, spec } = objects.find(({ kind }) => kind === 'DaemonSet') ?? assert.fail('no DaemonSet');
  assert.equal(fieldsOf(fieldsOf(metadata)['labels'])['app.kubernetes.io/name'], 'realmem');
  const runsOn = placementOf(fieldsOf(fieldsOf(fieldsOf(spec)['template'])['spec']));
  const linux = { 'kubernetes.io/os': 'linux' };
  assert.equal(runsOn({ ...tainted('node-role.kubernetes.io/control-plane'), labels: linux }), true);
  assert.equal(runsOn(node({ labels: { 'kubernetes.io/os': 'windows' } })), false);
  const affinity = fieldsOf(fieldsOf(fieldsOf(spec)['template'])['spec'])['affinity'];
  const [term] = listOf(
    fieldsOf(fieldsOf(fieldsOf(affinity)['nodeAffinity'])['requiredDuringSchedulingIgnoredDuringExecution'])[
      'nodeSelectorTerms'
    ],
  );
  const kept = listOf(term?.['matchExpressions']);
  assert.ok(kept.length > 0);
  // Each label that keeps the agent off a node also keeps the node from being reported as missing.
  for (const { key, operator, values } of kept) {
    assert.equal(operator, 'NotIn');
    for (const value of values as readonly string[]) {
      const virtual = node({ labels: { ...linux, [String(key)]: value } });
      assert.deepEqual([String(key), runsOn(virtual), isLinuxMachine(virtual)], [key, false, false]);
    }
  }
});

describe('a node of the API', () => {
  const factsOf = (made: object): NodeFacts => nodeFactsOf(made) ?? assert.fail('expected a node');

  for (const [what, made, expected] of [
    ['a Linux machine', nodeOf('a'), true],
    ['a node that does not name its system', { metadata: { name: 'a' } }, true],
    ['a Windows machine', nodeOf('a', { os: 'windows' }), false],
    [
      'a Windows machine by its old label',
      { metadata: { name: 'a', labels: { 'beta.kubernetes.io/os': 'windows' } } },
      false,
    ],
    ['a Windows machine by its label', nodeOf('a', { labels: { 'kubernetes.io/os': 'windows' } }), false],
    ['a virtual kubelet', nodeOf('a', { labels: { type: 'virtual-kubelet' } }), false],
    [
      'a virtual kubelet by its taint',
      nodeOf('a', { taints: [{ key: 'virtual-kubelet.io/provider', value: 'azure', effect: 'NoSchedule' }] }),
      false,
    ],
    [
      'a virtual node of Azure Container Instances',
      nodeOf('a', { labels: { virtualization: 'virtualnode2' } }),
      false,
    ],
    [
      'a Fargate node of EKS',
      nodeOf('a', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }),
      false,
    ],
    // Old clusters of AKS give this label to machines too.
    ['a machine with the role agent', nodeOf('a', { labels: { 'kubernetes.io/role': 'agent' } }), true],
  ] as const)
    it(`${expected ? 'can' : 'cannot'} run an agent as ${what}`, () =>
      assert.equal(isLinuxMachine(factsOf(made)), expected));

  it('is ignored without a name, and keeps its taints', () => {
    assert.equal(nodeFactsOf({ metadata: {} }), undefined);
    assert.equal(nodeFactsOf(null), undefined);
    assert.deepEqual(
      factsOf(nodeOf('a', { taints: [{ key: 'gpu', effect: 'NoExecute' }, 'x'] as object[] })).taints,
      [
        { key: 'gpu', value: '', effect: 'NoExecute' },
        { key: '', value: '', effect: '' },
      ],
    );
  });
});
