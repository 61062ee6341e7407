/** The checks of the DaemonSets, on answers of the API. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkAgents, readAgentSets } from '../../src/doctor/agent-sets.ts';
import type { Check } from '../../src/doctor/check.ts';
import { version } from '../../src/model/product.ts';
import { agentSet, paths } from './cluster-api.ts';
import { listsOf, type Made, refused } from './made-lists.ts';
import { the } from './worlds.ts';

const readySet = (ready: unknown, desired: unknown = 2, more: object = {}): object =>
  agentSet({ desiredNumberScheduled: desired, numberReady: ready }, more);

const event = (message: string): object => ({ metadata: { name: 'realmem.1' }, message });

async function checksOf(sets: readonly object[], events: Made = []): Promise<readonly Check[]> {
  const lists = listsOf({ [paths.agents]: sets, [paths.events]: events });
  return checkAgents(lists, await readAgentSets(lists));
}

describe('the DaemonSets', () => {
  it('are those with the label of the chart, with namespace, version, release and counts', async () => {
    const annotations = {
      'meta.helm.sh/release-name': 'mem',
      'meta.helm.sh/release-namespace': 'monitoring',
    };
    const lists = listsOf({ [paths.agents]: [readySet(1, 3, { annotations })] });
    assert.deepEqual(await readAgentSets(lists), {
      sets: [
        {
          ...{
            namespace: 'realmem',
            name: 'realmem',
            version,
            release: 'monitoring/mem',
            desired: 3,
            ready: 1,
          },
        },
      ],
    });
    assert.deepEqual(lists.asked, [`${paths.agents}?labelSelector=app.kubernetes.io/name=realmem`]);
  });

  it('have counts of 0 where the API sends none, and no version without its label', async () => {
    const lists = listsOf({ [paths.agents]: [readySet('2', 1.5, { labels: {} }), {}] });
    assert.deepEqual(await readAgentSets(lists), {
      sets: [
        { namespace: 'realmem', name: 'realmem', desired: 0, ready: 0 },
        { namespace: '', name: '', desired: 0, ready: 0 },
      ],
    });
  });
});

describe('the check of the agents', () => {
  it('says why the DaemonSets cannot be listed', async () => {
    const check = the('agents', await checkAgents(listsOf({}), refused(500)));
    assert.deepEqual([check.status, check.message], ['warn', 'not checked: HTTP 500']);
  });

  it('is one for each DaemonSet', async () => {
    const checks = await checksOf([readySet(2), readySet(2, 2, { namespace: 'other', labels: {} })]);
    assert.deepEqual(
      checks.map(({ status, message }) => [status, message]),
      [
        ['ok', `DaemonSet realmem/realmem ${version}: 2 of 2 ready`],
        ['ok', 'DaemonSet other/realmem: 2 of 2 ready'],
      ],
    );
  });

  it('warns of a DaemonSet that selects no node, and asks for no events', async () => {
    const lists = listsOf({ [paths.agents]: [readySet(0, 0)] });
    const check = the('agents', await checkAgents(lists, await readAgentSets(lists)));
    assert.deepEqual([check.status, /It selects no node\.$/.test(check.message)], ['warn', true]);
    assert.equal(lists.asked.length, 1);
  });

  for (const [what, ready, events, status, message, todo] of [
    ['none is ready, without an event', 0, [], 'fail', /0 of 2 ready$/, /get pods -o wide/],
    ['some are ready, without an event', 1, [], 'warn', /1 of 2 ready$/, /get pods -o wide/],
    ['nobody may list the events', 1, 403, 'warn', /1 of 2 ready$/, /get pods -o wide/],
    [
      'Pod Security refuses the pods',
      1,
      [event('forbidden: violates PodSecurity "baseline:latest"')],
      'fail',
      /cannot be created: forbidden: violates PodSecurity/,
      /^kubectl label namespace realmem pod-security/,
    ],
    [
      'a quota refuses the pods: the newest event counts',
      1,
      [event('forbidden: violates PodSecurity "baseline:latest"'), event('exceeded quota: pods')],
      'fail',
      /cannot be created: exceeded quota: pods$/,
      /^kubectl -n realmem describe daemonset realmem$/,
    ],
  ] as const)
    it(`${status}s if ${what}`, async () => {
      const check = the('agents', await checksOf([readySet(ready)], events));
      assert.equal(check.status, status, check.message);
      assert.match(check.message, message);
      assert.match(check.todo ?? '', todo);
    });

  it('asks for the refusals of this DaemonSet alone', async () => {
    const lists = listsOf({ [paths.agents]: [readySet(1)], [paths.events]: [] });
    await checkAgents(lists, await readAgentSets(lists));
    assert.equal(
      lists.asked[1],
      `${paths.events}?fieldSelector=reason=FailedCreate,involvedObject.kind=DaemonSet,involvedObject.name=realmem`,
    );
  });

  it('names missing agents rather than their other version', async () => {
    const labels = { 'app.kubernetes.io/version': '9.9.9' };
    const check = the('agents', await checksOf([readySet(1, 2, { labels })]));
    assert.match(check.message, /9\.9\.9: 1 of 2 ready$/);
  });
});
