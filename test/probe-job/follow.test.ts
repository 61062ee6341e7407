/** A probe's Job from its creation until it is gone. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import { LocatedError, messageOf } from '../../src/model/located-error.ts';
import type { Progress } from '../../src/probe/progress.ts';
import { runJob } from '../../src/probe-job/follow.ts';
import { ended, jobServer, type Made, running, waiting } from './api.ts';
import { id, job, progress, result, target } from './made.ts';

const patience = { startMs: 200, podMs: 20, silenceMs: 300, pollMs: 5 };
const manifest = { kind: 'Job', metadata: { annotations: { 'realmem.dev/run': 'one' } } };
const lines = (...values: readonly (object | string)[]): string =>
  values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');

async function run(test: TestContext, made: Made, abort?: (heard: Progress) => boolean) {
  const server = await jobServer(test, made);
  const heard: Progress[] = [];
  const left: unknown[] = [];
  const interrupt = new AbortController();
  const done = runJob(
    {
      ...{ kube: server.kube, job, target, manifest, signal: interrupt.signal, waiting: () => {} },
      left: (error) => left.push(error),
      progress: (one) => {
        heard.push(one);
        if (abort?.(one) === true) interrupt.abort();
      },
    },
    patience,
  );
  return { ...server, done, heard, left };
}

const rejects = (done: Promise<unknown>, says: RegExp): Promise<void> =>
  assert.rejects(done, (error) => error instanceof LocatedError && says.test(error.message));

describe('the Job of a probe', () => {
  it('gives progress and result, and is deleted with its pod', async (test) => {
    const { done, heard, bodies, isGone } = await run(test, {
      statuses: [undefined, waiting('ContainerCreating'), running],
      logs: [lines('(node:1) Warning: x', { progress }, { result })],
      lingers: 2,
    });
    assert.deepEqual(await done, result);
    assert.deepEqual(heard, [progress]);
    assert.deepEqual(bodies.slice(0, 2), [
      manifest,
      { propagationPolicy: 'Foreground', preconditions: { uid: 'u' } },
    ]);
    assert.ok(isGone());
  });

  it('is followed, and deleted, when the answer to its creation is lost', async (test) => {
    const { done, isGone } = await run(test, { losesAnswer: true, logs: [lines({ progress }, { result })] });
    assert.deepEqual(await done, result);
    assert.ok(isGone());
  });

  it('is followed on when the stream of its log breaks', async (test) => {
    const { done, isGone } = await run(test, {
      logs: [lines({ progress }), lines({ progress }, { result })],
    });
    assert.deepEqual(await done, result);
    assert.ok(isGone());
  });

  it('is deleted at once when the user interrupts it', async (test) => {
    const { done, isGone } = await run(test, { logs: [`${lines({ progress })}…`] }, () => true);
    await assert.rejects(done, { name: 'AbortError' });
    assert.ok(isGone());
  });

  it('says the error of the probe, with the name of the container', async (test) => {
    const { done, isGone } = await run(test, {
      statuses: [ended('Error')],
      logs: [lines(`error: ${id}: expected a container with room below its limit, got 99Mi`)],
    });
    await rejects(
      done,
      /^Job realmem\/realmem-probe-0123456789ab: expected a probe, got shop\/cart-1\/cart: expected a container with room/,
    );
    assert.ok(isGone());
  });

  for (const [what, made, says] of [
    [
      'an image that cannot be pulled',
      { statuses: [waiting('ImagePullBackOff', 'Back-off pulling image')] },
      /expected a pod that runs, got ImagePullBackOff: Back-off pulling image; the probe uses the agents' image/,
    ],
    [
      'a node without room',
      { statuses: [{ phase: 'Failed', reason: 'OutOfmemory', message: 'Node did not have enough' }] },
      /got OutOfmemory: Node did not have enough; check the quotas of namespace realmem and the memory of the node$/,
    ],
    [
      'Pod Security',
      {
        statuses: [undefined],
        events: ['x', 'pods "p" is forbidden: violates PodSecurity "baseline:latest"'],
      },
      /expected a pod, got pods "p" is forbidden: violates PodSecurity .*; kubectl label namespace realmem pod-security/,
    ],
    [
      'a quota',
      { statuses: [undefined], events: ['exceeded quota: q'] },
      /expected a pod, got exceeded quota: q; a quota or a policy of namespace realmem can refuse it/,
    ],
    ['no pod and no event', { statuses: [undefined] }, /expected a pod, got none; a quota or a policy/],
    [
      'a volume that is not there',
      { statuses: [waiting('ContainerCreating')], events: ['MountVolume.SetUp failed'] },
      /expected a pod that runs, got MountVolume.SetUp failed; check/,
    ],
    [
      'a pod that is silent',
      { logs: [`${lines({ progress })}…`] },
      /expected a line of the probe, got none for 0.3 s; try again; .* get events --field-selector involvedObject.name=p$/,
    ],
    [
      'a pod that ended without a result',
      { statuses: [ended('OOMKilled')], logs: [lines({ progress })] },
      /expected the result of the probe, got OOMKilled; report it/,
    ],
  ] as const)
    it(`says what to do, and is deleted: ${what}`, async (test) => {
      const { done, isGone } = await run(test, made);
      await rejects(done, says);
      assert.ok(isGone());
    });

  it('is refused while another probe of the container runs, and that one is left alone', async (test) => {
    const { done, asked } = await run(test, { refusals: { POST: 409 } });
    await rejects(
      done,
      /^Job realmem\/realmem-probe-0123456789ab: expected no other probe of this container, got/,
    );
    assert.deepEqual(
      asked.filter((call) => call.startsWith('DELETE')),
      [],
    );
  });

  it('is not created without the right', async (test) => {
    const { done } = await run(test, { refusals: { POST: 403 } });
    await assert.rejects(done, (error) => error instanceof ApiError && error.status === 403);
  });

  it('gives its result even if nobody may delete it, and says that it ends by itself', async (test) => {
    const { done, left } = await run(test, { logs: [lines({ result })], refusals: { DELETE: 403 } });
    assert.deepEqual(await done, result);
    assert.match(
      left.map(messageOf).join(),
      /^Job realmem\/\S+: expected to be deleted, got refused; it ends by itself after spec.activeDeadlineSeconds; or kubectl -n realmem delete job/,
    );
  });
});
