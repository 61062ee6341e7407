/** Allocatable memory, and nodes without a report. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCluster } from '../../src/cluster/read.ts';
import { parseQuantity } from '../../src/model/bytes.ts';
import { reportsPath } from '../../src/model/product.ts';
import { type Answer, fakeCluster, forbidden } from './made/api.ts';
import { agentsOf, agentsPath, at, nodeOf, reportOf } from './made/made.ts';

const nodesPath = '/api/v1/nodes';
const everywhere = agentsOf({ tolerations: [{ operator: 'Exists' }] });
const gpu = [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' }];
const noNodes =
  'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope';
const noSets =
  'daemonsets.apps is forbidden: User "jane" cannot list resource "daemonsets" in API group "apps" at the cluster scope';

describe('a cluster with a report of one of its nodes', () => {
  for (const [what, answers, missing, notes] of [
    [
      'misses the other Linux machines, by name',
      {
        [nodesPath]: ['c', 'a', 'b'].map((name) => nodeOf(name)),
        [agentsPath]: [everywhere],
      },
      ['b', 'c'],
      [],
    ],
    [
      'misses no Windows, virtual or tainted node',
      {
        [nodesPath]: [
          nodeOf('b', { os: 'windows' }),
          nodeOf('c', { labels: { type: 'virtual-kubelet' } }),
          nodeOf('d', { taints: gpu }),
        ],
        [agentsPath]: [agentsOf()],
      },
      [],
      [],
    ],
    [
      'misses a node on which the second of two installations runs',
      {
        [nodesPath]: [nodeOf('b', { taints: gpu }), nodeOf('c')],
        [agentsPath]: [
          agentsOf({ nodeSelector: { no: 'node' } }),
          agentsOf({ tolerations: [{ key: 'gpu', operator: 'Exists' }], nodeSelector: {} }),
        ],
      },
      ['b', 'c'],
      [],
    ],
    [
      'says how many have no report without the right to read DaemonSets',
      {
        [nodesPath]: ['a', 'b', 'c'].map((name) => nodeOf(name)),
        [agentsPath]: forbidden('daemonsets', 'apps'),
      },
      [],
      [`2 Linux nodes have no report; whether an agent should run there is unknown: ${noSets}`],
    ],
    [
      'says how many have no report without a DaemonSet of the usual label',
      { [nodesPath]: [nodeOf('b'), nodeOf('w', { os: 'windows' })], [agentsPath]: [] },
      [],
      [
        '1 Linux node has no report; whether an agent should run there is unknown: found no DaemonSet with the label app.kubernetes.io/name=realmem',
      ],
    ],
    [
      'says nothing about DaemonSets where every node has a report',
      { [nodesPath]: [nodeOf('a')], [agentsPath]: forbidden('daemonsets', 'apps') },
      [],
      [],
    ],
    [
      'names the right that lacks, and counts by the DaemonSet',
      { [nodesPath]: forbidden('nodes'), [agentsPath]: [agentsOf({}, 'realmem', 3)] },
      [],
      [
        '1 of the 3 nodes on which an agent should run have a report',
        `No allocatable memory, and no names of nodes without an agent: ${noNodes}`,
      ],
    ],
    [
      'counts nothing where as many have a report as the DaemonSet wants',
      { [nodesPath]: forbidden('nodes'), [agentsPath]: [agentsOf({}, 'realmem', 1)] },
      [],
      [`No allocatable memory, and no names of nodes without an agent: ${noNodes}`],
    ],
    [
      'names the right that lacks',
      { [nodesPath]: forbidden('nodes'), [agentsPath]: forbidden('daemonsets', 'apps') },
      [],
      [`No allocatable memory, and no names of nodes without an agent: ${noNodes}`],
    ],
  ] as readonly (readonly [string, Readonly<Record<string, Answer>>, readonly string[], readonly string[]])[])
    it(what, async (test) => {
      const { kube } = await fakeCluster(test, { [reportsPath]: [reportOf('a')], ...answers });
      const view = await readCluster(kube, { now: at });
      assert.deepEqual([view.missing, view.notes], [missing, notes]);
    });
});

it('gives each node its allocatable memory, from all pages, and says which cannot be read', async (test) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { kube, asked } = await fakeCluster(
    test,
    {
      [reportsPath]: names.map((name) => reportOf(name)),
      [nodesPath]: names.map((name, index) =>
        nodeOf(name, { memory: name === 'c' ? 'all' : `${index + 1}Gi` }),
      ),
      [agentsPath]: [everywhere],
    },
    2,
  );
  const { nodes, notes } = await readCluster(kube, { now: at });
  assert.deepEqual(
    nodes.map(({ allocatable }) => allocatable),
    ['1Gi', '2Gi', 'all', '4Gi', '5Gi'].map(parseQuantity),
  );
  assert.deepEqual(notes, ['node c: status.allocatable.memory: expected a quantity such as 64Gi, got all']);
  assert.equal(asked.filter((path) => path.startsWith(`${nodesPath}?`)).length, 3);
  assert.ok(asked.includes(`${agentsPath}?labelSelector=app.kubernetes.io/name=realmem&limit=500`));
});
