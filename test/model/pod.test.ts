import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { annotationKeys, isOwnAnnotation, normalUid } from '../../src/model/pod.ts';

const uid = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';

describe('normalUid', () => {
  it('gives the same text for the forms of the API, of a slice, without dashes and in capitals', () => {
    for (const form of [uid, uid.replaceAll('-', '_'), uid.replaceAll('-', ''), uid.toUpperCase()])
      assert.equal(normalUid(form), '8712f7851a3e41eca00be2dcc77431cb');
  });

  it('keeps the hash of a static pod, which has no dashes', () =>
    assert.equal(normalUid('f3b7b8a3c9f0a1b2c3d4e5f60718293a'), 'f3b7b8a3c9f0a1b2c3d4e5f60718293a'));

  it('keeps different UIDs apart', () => assert.notEqual(normalUid('a-1'), normalUid('a-2')));

  it('removes only dashes and underscores', () => assert.equal(normalUid('A.b c/d-_e'), 'a.b c/de'));

  it('gives an empty text for an empty one', () => assert.equal(normalUid(''), ''));
});

describe('isOwnAnnotation', () => {
  it('is true for the two annotations that an agent writes', () =>
    assert.deepEqual(['realmem.dev/memory', 'realmem.dev/report'].map(isOwnAnnotation), [true, true]));

  it('is false for the opt-out of the owner, which an agent must never remove', () =>
    assert.equal(isOwnAnnotation(annotationKeys.ignore), false));

  it('is false for other keys: another case, a longer one, the name alone, names of Object.prototype', () => {
    for (const key of [
      'Realmem.dev/memory',
      'realmem.dev/memory2',
      'memory',
      'x.realmem.dev/memory',
      '',
      'toString',
    ])
      assert.equal(isOwnAnnotation(key), false, key);
  });
});
