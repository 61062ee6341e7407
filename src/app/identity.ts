/** Who the API takes this agent for: what its own token says. */
import type { Api } from '../model/api.ts';
import { defined } from '../model/defined.ts';
import type { OwnerReference } from '../model/owner.ts';

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
  const { status } = (answer ?? {}) as {
    status?: { userInfo?: { username?: string; extra?: Readonly<Record<string, readonly string[]>> } };
  };
  const { username = '', extra = {} } = status?.userInfo ?? {};
  const claim = (name: string): string | undefined => extra[`authentication.kubernetes.io/${name}`]?.[0];
  return defined<Identity>({
    namespace: /^system:serviceaccount:([^:]+):/.exec(username)?.[1],
    pod: claim('pod-name'),
    node: claim('node-name'),
    nodeUID: claim('node-uid'),
  });
}

/** What is written ends with the node. Where the token does not tell the node's UID, nothing else is asked for it. */
export const ownerOf = (identity: Identity | undefined, node: string): OwnerReference | undefined =>
  identity?.nodeUID === undefined || identity.node !== node
    ? undefined
    : { apiVersion: 'v1', kind: 'Node', name: node, uid: identity.nodeUID };
