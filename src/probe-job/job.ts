/** Makes the Job of a probe, and deletes it. */
import { sleep, ticks } from '../edges/clock.ts';
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/client.ts';
import { fieldsOf, textOf } from '../model/json.ts';
import { LocatedError, messageOf } from '../model/located-error.ts';
import { runAnnotation } from './manifest.ts';

export interface JobName {
  readonly namespace: string;
  readonly name: string;
}

const pathOf = ({ namespace }: JobName): string =>
  `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;

/** @returns its UID @throws ApiError; LocatedError if there is one already */
export async function createJob(kube: Pick<Kube, 'call'>, job: JobName, manifest: object): Promise<string> {
  const { namespace, name } = job;
  try {
    const answer = await kube.call({ method: 'POST', path: pathOf(job), body: manifest });
    const uid = textOf(fieldsOf(fieldsOf(answer)['metadata'])['uid']);
    if (uid !== undefined) return uid;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The server may have made it although its answer was lost.
    const uid = error.status === 0 || error.status >= 500 ? await uidOfRun(kube, job, manifest) : undefined;
    if (uid !== undefined) return uid;
    if (error.status !== 409) throw error;
    throw new LocatedError({
      where: `Job ${namespace}/${name}`,
      expected: 'no other probe of this container',
      got: 'another probe, running or just ended',
      todo: `wait for it, or delete it: kubectl -n ${namespace} delete job ${name}`,
    });
  }
  throw new LocatedError({ where: `Job ${namespace}/${name}`, expected: 'a UID', got: 'none' });
}

/** The UID of the Job if it was made from this manifest. */
async function uidOfRun(
  kube: Pick<Kube, 'call'>,
  job: JobName,
  manifest: object,
): Promise<string | undefined> {
  try {
    const { metadata } = fieldsOf(
      await kube.call({ path: `${pathOf(job)}/${encodeURIComponent(job.name)}` }),
    );
    const run = runOf(manifest);
    return run !== undefined && runOf({ metadata }) === run ? textOf(fieldsOf(metadata)['uid']) : undefined;
  } catch {
    return undefined;
  }
}

const runOf = (job: object): string | undefined =>
  textOf(fieldsOf(fieldsOf(fieldsOf(job)['metadata'])['annotations'])[runAnnotation]);

/** The kubelet ends the pod within its grace period, on a busy node some seconds later. */
const longestEndMs = 60_000;
const pollMs = 500;

/** Resolves when the Job and its pod are gone. @throws LocatedError if they are not */
export async function deleteJob(kube: Pick<Kube, 'call'>, job: JobName, uid: string): Promise<void> {
  const { namespace, name } = job;
  const path = `${pathOf(job)}/${encodeURIComponent(name)}`;
  const since = ticks();
  const until = new AbortController().signal;
  for (let failure = 'it is still there'; ; ) {
    try {
      // With Foreground the Job stays until its pod is gone.
      const body = { propagationPolicy: 'Foreground', preconditions: { uid } };
      await kube.call({ method: 'DELETE', path, body });
      if ((await uidOf(kube, path)) !== uid) return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Gone, or another one has its name.
      if (error.status === 404 || error.status === 409) return;
      failure = messageOf(error);
      if (error.status === 403) throw notDeleted(namespace, name, failure);
    }
    if (ticks() - since > longestEndMs) throw notDeleted(namespace, name, failure);
    await sleep(pollMs, until);
  }
}

async function uidOf(kube: Pick<Kube, 'call'>, path: string): Promise<string | undefined> {
  const { metadata } = fieldsOf(await kube.call({ path }));
  return textOf(fieldsOf(metadata)['uid']);
}

const notDeleted = (namespace: string, name: string, failure: string): LocatedError =>
  new LocatedError({
    where: `Job ${namespace}/${name}`,
    expected: 'to be deleted',
    got: { message: failure },
    todo: `it ends by itself after spec.activeDeadlineSeconds; or kubectl -n ${namespace} delete job ${name}`,
  });
