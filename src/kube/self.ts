/** The agent's identity as the API server sees it, from its token. */

import { defined, fieldsOf } from '../model/json.ts';
import type { OwnerReference } from '../model/product.ts';
import type { Api } from './api.ts';

/** A field is absent when the token does not carry it: a user's token, or an API server before Kubernetes 1.30. */
export interface Identity {
  readonly namespace?: string;
  readonly pod?: string;
  readonly node?: string;
  readonly nodeUID?: string;
}

/** Asks the API with a SelfSubjectReview (Kubernetes 1.28). @throws ApiError */
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
    return Array.isArray(claims) ? validName(claims[0]) : undefined;
  };
  const account = typeof username === 'string' ? /^system:serviceaccount:([^:]+):/.exec(username) : null;
  return defined<Identity>({
    namespace: validName(account?.[1]),
    pod: claim('pod-name'),
    node: claim('node-name'),
    nodeUID: claim('node-uid'),
  });
}

/** The value if it is a valid name or UID. These go into paths and messages, so anything else is dropped. */
const validName = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?$/.test(value)
    ? value
    : undefined;

/**
 * The owner reference that makes Kubernetes delete the agent's objects together with the node. Undefined when the token does
 * not carry the node's UID; the agent has no right to read nodes.
 */
export const ownerReference = (identity: Identity | undefined, node: string): OwnerReference | undefined =>
  identity?.nodeUID === undefined || identity.node !== node
    ? undefined
    : { apiVersion: 'v1', kind: 'Node', name: node, uid: identity.nodeUID };
