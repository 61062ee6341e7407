/** What a Job's creation and deletion make of each answer of the API. follow.test.ts has them over HTTP. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call } from '../../src/kube/client.ts';
import { LocatedError } from '../../src/model/located-error.ts';
import { createJob, deleteJob } from '../../src/probe-job/job.ts';
import { job } from './made.ts';

const manifestOf = (run?: string) => ({
  kind: 'Job',
  metadata: { annotations: run === undefined ? {} : { 'realmem.dev/run': run } },
});
const manifest = manifestOf('one');
const path = `/apis/batch/v1/namespaces/realmem/jobs`;

/** @param answers by method: an answer, or the error of the call */
function api(answers: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const call = async ({ method = 'GET', path: at }: Call): Promise<unknown> => {
    asked.push(`${method} ${at}`);
    const answer = answers[method];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { call, asked };
}

const refused = (status: number): ApiError => new ApiError(status, 'X', `refused with ${status}`);
const stored = (run: string, uid = 'u') => ({ metadata: { uid, ...manifestOf(run).metadata } });

describe('createJob', () => {
  it('returns the UID of the answer', async () => {
    const kube = api({ POST: { metadata: { uid: 'u' } } });
    assert.equal(await createJob(kube, job, manifest), 'u');
    assert.deepEqual(kube.asked, [`POST ${path}`]);
  });

  for (const status of [0, 500, 504])
    it(`returns the UID of the Job that was made although the answer is ${status}`, async () =>
      assert.equal(await createJob(api({ POST: refused(status), GET: stored('one') }), job, manifest), 'u'));

  for (const [what, got, given] of [
    ['the Job of another run', stored('two'), manifest],
    ['no Job', refused(404), manifest],
    ['a Job without a run, like the manifest', { metadata: { uid: 'u' } }, manifestOf()],
  ] as const)
    it(`throws the error of a lost answer if the API has ${what}`, async () =>
      assert.rejects(createJob(api({ POST: refused(503), GET: got }), job, given), { status: 503 }));

  it('does not look for the Job if the API refused it', async () => {
    const kube = api({ POST: refused(403), GET: stored('one') });
    await assert.rejects(createJob(kube, job, manifest), { status: 403 });
    assert.equal(kube.asked.length, 1);
  });

  it('does not take the Job of a run that is already there for its own', async () =>
    assert.rejects(
      createJob(api({ POST: refused(409), GET: stored('one') }), job, manifest),
      /expected no other probe of this container, .*; wait for it, or delete it: kubectl -n realmem delete job realmem-probe-/,
    ));

  it('refuses an answer without a UID, and throws any other error as it is', async () => {
    await assert.rejects(
      createJob(api({ POST: {} }), job, manifest),
      /^LocatedError: Job realmem\/\S+: expected a UID, got none$/,
    );
    await assert.rejects(createJob(api({ POST: new TypeError('x') }), job, manifest), TypeError);
  });
});

describe('deleteJob', () => {
  it('deletes the Job with its pod, and no Job with another UID', async () => {
    const bodies: unknown[] = [];
    const call = async ({ method, body }: Call): Promise<unknown> => {
      if (method !== 'DELETE') throw refused(404);
      bodies.push(body);
      return {};
    };
    await deleteJob({ call }, job, 'u');
    assert.deepEqual(bodies, [{ propagationPolicy: 'Foreground', preconditions: { uid: 'u' } }]);
  });

  for (const [what, answers] of [
    ['is already gone', { DELETE: refused(404) }],
    ['was replaced before', { DELETE: refused(409) }],
    ['was replaced meanwhile', { DELETE: {}, GET: stored('two', 'v') }],
  ] as const)
    it(`resolves if the Job ${what}`, () => deleteJob(api(answers), job, 'u'));

  it('gives up at once without the right, and says that the Job ends by itself', async () => {
    const kube = api({ DELETE: refused(403) });
    await assert.rejects(
      deleteJob(kube, job, 'u'),
      (error) =>
        error instanceof LocatedError &&
        /expected to be deleted, got refused with 403; it ends by itself after/.test(error.message),
    );
    assert.equal(kube.asked.length, 1);
  });

  it('throws any other error as it is', () =>
    assert.rejects(deleteJob(api({ DELETE: new TypeError('x') }), job, 'u'), TypeError));

  it('tries again after half a second, and gives up after a minute with the last error', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const clock = test.mock.method(process, 'hrtime', () => [0, 0]);
    let tries = 0;
    const call = async (): Promise<unknown> => {
      tries++;
      if (tries === 2) clock.mock.mockImplementation(() => [61, 0]);
      throw refused(500);
    };
    const done = assert.rejects(deleteJob({ call }, job, 'u'), /got refused with 500; it ends by itself/);
    for (let turn = 0; turn < 20 && tries < 2; turn++) {
      await new Promise(setImmediate);
      test.mock.timers.tick(500);
    }
    await done;
    assert.equal(tries, 2);
  });
});
