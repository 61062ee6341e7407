/** Checks the admission policies that restrict each agent to its own node. */

import { type Fields, fieldsOf, textOf } from '../model/json.ts';
import { ownLabel } from './agent-sets.ts';
import { isRefused, type Lists, notChecked } from './asking.ts';
import { type Check, fail, named, ok, warn } from './check.ts';

const admission = '/apis/admissionregistration.k8s.io/v1/';
/** The ends of their names in the chart. */
const parts = ['pods', 'reports', 'configmaps'] as const;

export async function checkPolicies(lists: Lists): Promise<Check> {
  const name = 'policies';
  const policies = await lists.all(`${admission}validatingadmissionpolicies?${ownLabel}`);
  const bindings = await lists.all(`${admission}validatingadmissionpolicybindings?${ownLabel}`);
  for (const [resource, answer] of [
    ['validatingadmissionpolicies', policies],
    ['validatingadmissionpolicybindings', bindings],
  ] as const)
    if (isRefused(answer))
      return answer.status === 404
        ? warn(
            name,
            'this API server has no admission policies: agents write nothing',
            'upgrade to 1.30 or newer',
          )
        : notChecked(name, `list ${resource}.admissionregistration.k8s.io`, answer);
  if (isRefused(policies) || isRefused(bindings)) return warn(name, 'not checked');
  const names = policies.map(nameOf);
  const missing = parts.filter((part) => !names.some((one) => one.endsWith(`-${part}`)));
  const todo = 'helm upgrade with policy.enabled=true';
  if (missing.length > 0)
    return warn(
      name,
      `${missing.length === parts.length ? 'none is installed' : `none for ${named(missing)}`}. Without them the chart grants no write: no reports, no annotations.`,
      todo,
    );
  const bound = new Set(bindings.filter(denies).map((item) => textOf(fieldsOf(item['spec'])['policyName'])));
  const unbound = names.filter((one) => !bound.has(one));
  return unbound.length === 0
    ? ok(name, `${named(names)}, all bound`)
    : fail(
        name,
        `no binding denies what ${named(unbound)} forbids: a stolen token can do more than its agent`,
        todo,
      );
}

const nameOf = (item: Fields): string => textOf(fieldsOf(item['metadata'])['name']) ?? '';

function denies(item: Fields): boolean {
  const actions = fieldsOf(item['spec'])['validationActions'];
  return Array.isArray(actions) && actions.includes('Deny');
}
