/** Whether an admission policy holds this agent to its own node. Where none does, it writes to no pod. */

import { domain } from '../model/product.ts';
import type { Condition } from '../model/report.ts';
import type { Api } from './api.ts';
import { ApiError } from './api-error.ts';
import type { Identity } from './self.ts';

const policyEnforced = (status: Condition['status'], reason: string, message: string): Condition => ({
  type: 'PolicyEnforced',
  status,
  reason,
  message,
});

export const notChecked = policyEnforced(
  'Unknown',
  'NotChecked',
  'The admission policy was not checked yet.',
);

/** What the chart's policy says to such a write: another policy's refusal would prove nothing. */
export const policyMessage = 'the agent may change its own annotations only';

/**
 * Tries what the policy must refuse: an annotation that is none of ours, on the agent's own pod, as a dry run. Its value is
 * another one each time: to write what is there already is no change, and passes any policy.
 * @throws KubeFault where the API gave no answer
 */
export async function checkPolicy(api: Api, identity: Identity, node: string): Promise<Condition> {
  const { namespace, pod } = identity;
  if (identity.node === undefined || namespace === undefined || pod === undefined)
    return policyEnforced(
      'False',
      'NoNodeClaim',
      'The token carries no node, so that no policy can tell whose it is (a pod of Kubernetes 1.30 or newer has such a token).',
    );
  if (identity.node !== node)
    return policyEnforced(
      'False',
      'OtherNode',
      `The token is that of node ${identity.node}, and this is ${node}.`,
    );
  try {
    await api.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/status?dryRun=All`,
      body: { metadata: { annotations: { [`${domain}/foreign`]: Math.random().toString(36) } } },
      contentType: 'application/merge-patch+json',
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.message.includes(policyMessage))
      return policyEnforced('True', 'Enforced', 'A write that is not allowed was refused.');
    if (error.status === 403)
      return policyEnforced(
        'False',
        'NoRight',
        `The service account may not write to pods (it gets the right with the policy). ${error.message}`,
      );
    throw error;
  }
  return policyEnforced(
    'False',
    'NotEnforced',
    'The API took a write that the admission policy must refuse. Install the policy and its binding, or set allowUnguardedWrites.',
  );
}
