/** Asks what the user may do. */
import { fieldsOf } from '../model/json.ts';
import type { Kube } from './client.ts';

export interface Right {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Absent: in the whole cluster. */
  readonly namespace?: string;
}

/** @throws ApiError */
export async function isAllowed(kube: Pick<Kube, 'call'>, right: Right): Promise<boolean> {
  const { verb, group, resource, subresource, namespace } = right;
  const answer = await kube.call({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
    },
  });
  return fieldsOf(fieldsOf(answer)['status'])['allowed'] === true;
}

/** As kubectl writes it: `jobs.batch`, `pods/log`. */
export const resourceOf = ({ group, resource, subresource }: Right): string =>
  `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
