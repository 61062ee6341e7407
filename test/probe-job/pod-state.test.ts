import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call } from '../../src/kube/client.ts';
import { lastWarning, type PodState, readPodState } from '../../src/probe-job/pod-state.ts';
import { ended, running, waiting } from './api.ts';
import { job } from './made.ts';

const { signal } = new AbortController();

/** An API that gives this answer, or this error. */
function answering(answer: unknown) {
  const asked: string[] = [];
  const call = async ({ path }: Call): Promise<unknown> => {
    asked.push(path);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { call, asked };
}

const stateOf = (status: object): Promise<PodState | undefined> =>
  readPodState(answering({ items: [{ metadata: { name: 'p' }, status }] }), job, signal);

/** A container that was never started, as the kubelet reports it. */
const neverRan = {
  name: 'probe',
  state: { terminated: { reason: 'ContainerStatusUnknown', message: 'gone' } },
};

describe('readPodState', () => {
  it('asks for the pods of the Job, and is undefined while there is none', async () => {
    const kube = answering({ items: [] });
    assert.equal(await readPodState(kube, job, signal), undefined);
    assert.deepEqual(kube.asked, [
      `/api/v1/namespaces/realmem/pods?labelSelector=batch.kubernetes.io%2Fjob-name%3D${job.name}`,
    ]);
  });

  for (const [what, status, is, why] of [
    ['without a status of its container', { phase: 'Pending' }, 'waiting', undefined],
    ['whose container is being made', waiting('ContainerCreating'), 'waiting', 'ContainerCreating: x'],
    ['whose image is pulled again', waiting('ErrImagePull'), 'waiting', 'ErrImagePull: x'],
    ['whose image cannot be pulled', waiting('ImagePullBackOff'), 'refused', 'ImagePullBackOff: x'],
    ['whose image may not be pulled', waiting('ErrImageNeverPull'), 'refused', 'ErrImageNeverPull: x'],
    ['without its volume', waiting('CreateContainerError'), 'refused', 'CreateContainerError: x'],
    ['that runs', running, 'running', undefined],
    ['whose container has run', ended('OOMKilled'), 'ended', 'OOMKilled'],
    [
      'that the kubelet rejects',
      { phase: 'Failed', reason: 'OutOfmemory', message: 'no room' },
      ...['refused', 'OutOfmemory: no room'],
    ],
    ['that failed without a reason', { phase: 'Failed' }, 'refused', undefined],
    [
      'that was deleted before its container ran',
      { phase: 'Failed', containerStatuses: [neverRan] },
      ...['refused', 'ContainerStatusUnknown: gone'],
    ],
    [
      'that was rejected, with a container that never ran',
      { phase: 'Failed', reason: 'Evicted', containerStatuses: [neverRan] },
      ...['refused', 'Evicted'],
    ],
    [
      'where only another container runs',
      { phase: 'Pending', containerStatuses: [{ name: 'mesh', state: { running: {} } }] },
      ...['waiting', undefined],
    ],
  ] as const)
    it(`says "${is}" of a pod ${what}`, async () => {
      const lacksImage = what.includes('image') && { lacksImage: true };
      assert.deepEqual(await stateOf(status), {
        name: 'p',
        is,
        ...(why !== undefined && { why }),
        ...lacksImage,
      });
    });
});

describe('lastWarning', () => {
  it('asks for warnings about this object, and is the message of the newest', async () => {
    const kube = answering({ items: [{ message: 'old' }, { message: 'new' }] });
    assert.equal(await lastWarning(kube, 'realmem', 'Job', 'a'), 'new');
    const { searchParams } = new URL(kube.asked[0] ?? '', 'http://a');
    assert.equal(
      searchParams.get('fieldSelector'),
      'type=Warning,involvedObject.kind=Job,involvedObject.name=a',
    );
  });

  for (const [what, answer] of [
    ['without an event', { items: [] }],
    ['whose event has no message', { items: [{}] }],
    ['if the user may not read events', new ApiError(403, 'Forbidden', 'no')],
  ] as const)
    it(`is undefined for an object ${what}`, async () =>
      assert.equal(await lastWarning(answering(answer), 'realmem', 'Pod', 'p'), undefined));
});
