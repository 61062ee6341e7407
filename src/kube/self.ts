/** Who the API takes this agent for: what its own token says. */

import { defined } from '../model/defined.ts';
import { fieldsOf } from '../model/json.ts';
import type { OwnerReference } from '../model/product.ts';
import type { Api } from './api.ts';

/** Absent where the token does not say: that of a person, or of an API server before 1.30. */
export interface Identity {
  readonly namespace?: string;
  readonly pod?: string;
  readonly node?: string;
  readonly nodeUID?: string;
}

/** @throws KubeFault */
export async function whoAmI(api: Api): Promise<Identity> {
  const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await api.call({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: kind,
    contentType: 'application/json',
  });
  const { username, extra } = fieldsOf(fieldsOf(fieldsOf(answer)['status'])['userInfo']);
  const claim = (name: string): string | undefined => {
    const claims = fieldsOf(extra)[`authentication.kubernetes.io/${name}`];
    return Array.isArray(claims) ? nameOf(claims[0]) : undefined;
  };
  const account = typeof username === 'string' ? /^system:serviceaccount:([^:]+):/.exec(username) : null;
  return defined<Identity>({
    namespace: nameOf(account?.[1]),
    pod: claim('pod-name'),
    node: claim('node-name'),
    nodeUID: claim('node-uid'),
  });
}

/** Names and UIDs of objects go into paths and messages: whatever else comes as one is none. */
const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?$/.test(value)
    ? value
    : undefined;

/** What is written ends with the node. Where the token does not tell the node's UID, nothing else is asked for it. */
export const ownerOf = (identity: Identity | undefined, node: string): OwnerReference | undefined =>
  identity?.nodeUID === undefined || identity.node !== node
    ? undefined
    : { apiVersion: 'v1', kind: 'Node', name: node, uid: identity.nodeUID };
