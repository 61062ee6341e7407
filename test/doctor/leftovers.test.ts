/** The checks of what earlier installations left, on answers of the API. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterView } from '../../src/cluster/view.ts';
import { checkLeftovers } from '../../src/doctor/leftovers.ts';
import type { Condition } from '../../src/model/report.ts';
import { nodeViewOf, viewOf } from '../cluster-view/made/made-view.ts';
import { paths } from './cluster-api.ts';
import { listsOf, type Made } from './made-lists.ts';
import { the } from './worlds.ts';

const annotated = { metadata: { name: 'a', annotations: { 'realmem.dev/memory': '1Mi' } } };
const bare = { metadata: { name: 'b', annotations: { 'realmem.dev/other': '1Mi' } } };

const cleanups = `${paths.jobs}?labelSelector=app.kubernetes.io/name=realmem-cleanup`;
const probes = `${paths.jobs}?labelSelector=app.kubernetes.io/name=realmem-probe`;

const healthy = { [paths.pods]: [], [paths.jobs]: [] };

async function checksOf(
  answers: Readonly<Record<string, Made>>,
  view: Parameters<typeof checkLeftovers>[2] = undefined,
) {
  const lists = listsOf({ ...healthy, ...answers });
  return { checks: await checkLeftovers(lists, 'realmem', view), asked: lists.asked };
}

describe('the check of left annotations', () => {
  const enforced: Condition = { type: 'PolicyEnforced', status: 'False', reason: 'NoPolicy', message: '' };
  const writing = viewOf([nodeViewOf('a'), nodeViewOf('b', { conditions: [enforced] })]);

  for (const [what, view, looks] of [
    ['no agent is there', 'no agents', true],
    ['no agent writes them', viewOf([nodeViewOf('a')]), true],
    ['one agent writes them, even where its policy is missing', writing, false],
    ['the reports cannot be read', undefined, false],
  ] as readonly (readonly [string, ClusterView | 'no agents' | undefined, boolean])[])
    it(`${looks ? 'looks' : 'does not look'} at the pods if ${what}`, async () => {
      const { checks, asked } = await checksOf({ [paths.pods]: [annotated, bare] }, view);
      assert.equal(asked.includes(paths.pods), looks);
      assert.deepEqual(
        checks.map(({ name }) => name),
        looks ? ['annotations'] : [],
      );
    });

  it('counts the pods that have the annotation of realmem', async () => {
    const { checks } = await checksOf({ [paths.pods]: [annotated, bare, {}] }, 'no agents');
    assert.match(the('annotations', checks).message, /1 of the first 3 pods still have one\.$/);
  });

  it('is absent if no pod has one', async () => {
    assert.deepEqual((await checksOf({ [paths.pods]: [bare] }, 'no agents')).checks, []);
  });
});

describe('the checks of left jobs', () => {
  const job = (name: string, status?: object): object => ({ metadata: { name }, status });

  it('warn of failed clean-ups alone, with the log of the first one', async () => {
    const jobs = [
      job('done', { succeeded: 1 }),
      job('a', { failed: 1 }),
      job('new'),
      job('b', { failed: 6 }),
    ];
    const { checks } = await checksOf({ [cleanups]: jobs });
    const { status, message, todo } = the('clean-up', checks);
    assert.deepEqual([checks.length, status], [1, 'warn']);
    assert.match(message, /^the job a, b of an uninstallation failed/);
    assert.match(todo ?? '', /logs job\/a,/);
  });

  it('are none for clean-ups that did not fail', async () => {
    assert.deepEqual((await checksOf({ [cleanups]: [job('a', { failed: 0 }), job('b')] })).checks, []);
  });

  it('warn of each probe, with the command that deletes the first one', async () => {
    const { checks } = await checksOf({ [probes]: [job('realmem-probe-1'), job('realmem-probe-2')] });
    const { message, todo } = the('probes', checks);
    assert.equal(checks.length, 1);
    assert.match(message, /^the job realmem-probe-1, realmem-probe-2 probes a container now/);
    assert.equal(todo, 'if nobody probes: kubectl -n realmem delete job realmem-probe-1');
  });

  it('are none for a user without the rights to look', async () => {
    const forbidden = { [paths.pods]: 403, [paths.jobs]: 403 };
    assert.deepEqual((await checksOf(forbidden, 'no agents')).checks, []);
  });
});
