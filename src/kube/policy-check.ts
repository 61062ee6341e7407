/** Checks that an admission policy restricts this agent to its own node. Without one, the agent writes to no pod. */

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

export const policiesNotChecked = policyEnforced(
  'Unknown',
  'NotChecked',
  'The agent has not checked the admission policy yet.',
);

/** The message of the chart's policy for such a write. It identifies the policy: a refusal by another proves nothing. */
export const policyMessage = 'the agent may change its own annotations only';

/**
 * Tries a write that the policy must refuse: a foreign annotation on the agent's own pod, as a dry run. The value is random,
 * because a write without a change passes any policy.
 * @param random from 0 to 1
 * @returns the condition `PolicyEnforced`
 * @throws ApiError when the API gave another answer than acceptance or refusal
 */
export async function checkPolicy(
  api: Api,
  identity: Identity,
  node: string,
  random: () => number,
): Promise<Condition> {
  const { namespace, pod } = identity;
  if (identity.node === undefined || namespace === undefined || pod === undefined)
    return policyEnforced(
      'False',
      'NoNodeClaim',
      'The token names no node, so no policy can restrict the agent to its node. Pods have tokens with a node since Kubernetes 1.30.',
    );
  if (identity.node !== node)
    return policyEnforced(
      'False',
      'OtherNode',
      `The token belongs to node ${identity.node}, but the agent runs as node ${node}.`,
    );
  try {
    await api.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/status?dryRun=All`,
      body: { metadata: { annotations: { [`${domain}/foreign`]: random().toString(36) } } },
      contentType: 'application/merge-patch+json',
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // The API puts the message of a ValidatingAdmissionPolicy into `details.causes`; a refusal by RBAC has no causes.
    if (error.causes.some(({ message }) => message.endsWith(policyMessage)))
      return policyEnforced('True', 'Enforced', 'The policy refused a forbidden test write.');
    if (error.status === 403)
      return policyEnforced(
        'False',
        'NoRight',
        `The service account may not patch pods; the chart grants this right together with the policy. ${error.message}`,
      );
    throw error;
  }
  return policyEnforced(
    'False',
    'NotEnforced',
    'The API accepted a test write that the admission policy must refuse. Install the policy and its binding, or set allowUnguardedWrites.',
  );
}
