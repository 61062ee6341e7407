import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { patchOf } from '../../../src/publish/annotations.ts';
import { anyText } from '../../model/any-text.ts';

const pod = { namespace: 'shop', name: 'cart-x', uid: 'u-1' };

it('a patch with annotations sets both under the UID of the pod', () =>
  assert.deepEqual(patchOf(pod, { memory: 'a line', report: '{}' }), {
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/pods/cart-x/status?fieldManager=realmem',
    contentType: 'application/merge-patch+json',
    body: {
      metadata: { uid: 'u-1', annotations: { 'realmem.dev/memory': 'a line', 'realmem.dev/report': '{}' } },
    },
  }));

it('a patch without annotations removes both with null, which JSON keeps', () =>
  assert.equal(
    JSON.stringify(patchOf(pod, undefined).body),
    '{"metadata":{"uid":"u-1","annotations":{"realmem.dev/memory":null,"realmem.dev/report":null}}}',
  ));

it('an empty annotation is written as an empty text, and not removed', () =>
  assert.match(JSON.stringify(patchOf(pod, { memory: '', report: '' }).body), /"realmem.dev\/memory":""/));

it('a patch names no other object, whatever the pod is called', () => {
  assert.equal(
    patchOf({ ...pod, namespace: '../kube-system', name: 'a/b?x=y#z' }, undefined).path,
    '/api/v1/namespaces/..%2Fkube-system/pods/a%2Fb%3Fx%3Dy%23z/status?fieldManager=realmem',
  );
  const name = anyText({ minLength: 1 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(name, name, (namespace, called) => {
      const parts = patchOf({ ...pod, namespace, name: called }, undefined).path.split(/[/?]/);
      assert.equal(parts.length, 9);
      assert.deepEqual(
        [parts[4], parts[6]].map((part) => decodeURIComponent(part ?? '')),
        [namespace, called],
      );
    }),
  );
});
