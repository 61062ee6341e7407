import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isName, ownerKindOf, splitWorkload } from '../../src/pods/owner-kinds.ts';
import { anyText } from '../model/any-text.ts';

describe('ownerKindOf', () => {
  const template = ['spec', 'template', 'spec'];
  for (const [kind, resource, api, plural, patch] of [
    ['Deployment', 'deployment', '/apis/apps/v1', 'deployments', 'strategic'],
    ['StatefulSet', 'statefulset', '/apis/apps/v1', 'statefulsets', 'strategic'],
    ['DaemonSet', 'daemonset', '/apis/apps/v1', 'daemonsets', 'strategic'],
    ['ReplicaSet', 'replicaset', '/apis/apps/v1', 'replicasets', 'strategic'],
    ['ReplicationController', 'replicationcontroller', '/api/v1', 'replicationcontrollers', 'strategic'],
    ['Rollout', 'rollouts.argoproj.io', '/apis/argoproj.io/v1alpha1', 'rollouts', 'json'],
    [
      'DeploymentConfig',
      'deploymentconfigs.apps.openshift.io',
      '/apis/apps.openshift.io/v1',
      'deploymentconfigs',
      'json',
    ],
    ['CloneSet', 'clonesets.apps.kruise.io', '/apis/apps.kruise.io/v1alpha1', 'clonesets', 'json'],
    [
      'StatefulSet.apps.kruise.io',
      'statefulsets.apps.kruise.io',
      '/apis/apps.kruise.io/v1beta1',
      'statefulsets',
      'json',
    ],
    [
      'DaemonSet.apps.kruise.io',
      'daemonsets.apps.kruise.io',
      '/apis/apps.kruise.io/v1alpha1',
      'daemonsets',
      'json',
    ],
    [
      'Service.serving.knative.dev',
      'services.serving.knative.dev',
      '/apis/serving.knative.dev/v1',
      'services',
      'json',
    ],
  ] as const)
    it(`returns ${api}/${plural} and a ${patch} patch for ${kind}`, () =>
      assert.deepEqual(ownerKindOf(kind), { resource, api, plural, template, patch }));

  it('returns the template of the job for a CronJob', () =>
    assert.deepEqual(ownerKindOf('CronJob'), {
      ...{ resource: 'cronjob', api: '/apis/batch/v1', plural: 'cronjobs', patch: 'strategic' },
      template: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
    }));

  it('returns undefined for a kind without a template that can be patched', () => {
    for (const kind of ['', 'Pod', 'Job', 'Node', 'Service', 'deployment', 'Deployment ', 'Deployment.apps'])
      assert.equal(ownerKindOf(kind), undefined, kind);
    for (const kind of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      assert.equal(ownerKindOf(kind), undefined, kind);
  });
});

describe('splitWorkload', () => {
  it('returns kind and name', () => {
    assert.deepEqual(splitWorkload('Deployment/cart'), ['Deployment', 'cart']);
    assert.deepEqual(splitWorkload('StatefulSet.apps.kruise.io/web'), ['StatefulSet.apps.kruise.io', 'web']);
  });

  it('splits at the first slash, so that a name with another one is no name', () => {
    const [kind, name] = splitWorkload('Deployment/cart/../x');
    assert.deepEqual([kind, name, isName(name)], ['Deployment', 'cart/../x', false]);
  });

  it('returns no known kind with a valid name for a text without a slash', () => {
    for (const text of ['', 'cart', 'Deployment', 'Deploymentx', 'CronJob1', 'Rollout.'])
      assert.ok(
        !text.includes('/') && !(ownerKindOf(splitWorkload(text)[0]) && isName(splitWorkload(text)[1])),
      );
  });

  it('puts any text with a slash together again', () =>
    fc.assert(
      fc.property(anyText(), anyText(), (kind, name) => {
        assert.equal(splitWorkload(`${kind}/${name}`).join('/'), `${kind}/${name}`);
      }),
    ));
});

describe('isName', () => {
  it('accepts names of Kubernetes', () => {
    for (const name of [
      'a',
      '0',
      'cart',
      'cart-6d4f',
      'web.v2',
      'etcd-cp1.example.com',
      'a--b',
      'n'.repeat(253),
    ])
      assert.ok(isName(name), name);
  });

  it('refuses all other names', () => {
    const others = ['', 'Cart', 'cart_1', '-cart', 'cart-', '.cart', 'cart.', 'a b', 'cart\n', '\ncart', 'ä'];
    for (const name of [...others, 'n'.repeat(254)]) assert.equal(isName(name), false, JSON.stringify(name));
  });

  it('refuses whatever a shell would read as more than a word', () => {
    for (const char of '$`;&|<>(){}[]*?!#~\'"\\/=%^,@:+ \t\n\r')
      for (const name of [`a${char}b`, `${char}b`, `a${char}`]) assert.equal(isName(name), false, name);
  });

  it('accepts only lower-case letters, digits, dots and hyphens, whatever the text', () =>
    fc.assert(
      fc.property(anyText(), (text) => {
        if (isName(text)) assert.match(text, /^[a-z0-9.-]+$/);
      }),
    ));
});
