/** Reads one pod of the cluster. */
import { type Fields, fieldsOf } from '../model/json.ts';
import type { Kube } from './client.ts';

/** A pod has at most 1.5 MiB, and its managed fields as much. */
const mostBytes = 4 * 1024 * 1024;

/** @throws ApiError */
export async function readPod(kube: Pick<Kube, 'call'>, namespace: string, name: string): Promise<Fields> {
  const [inNamespace, named] = [namespace, name].map(encodeURIComponent);
  return fieldsOf(await kube.call({ path: `/api/v1/namespaces/${inNamespace}/pods/${named}`, mostBytes }));
}
