import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  annotations,
  annotationsRead,
  hashAnnotation,
  labels,
  mirrorAnnotation,
} from '../../src/pods/read-keys.ts';

it('a recording keeps each annotation that a rule reads, each once', () => {
  const expected = [
    'kubernetes.io/config.mirror',
    'kubernetes.io/config.hash',
    'openshift.io/deployment-config.name',
    'realmem.dev/memory',
    'realmem.dev/report',
    'realmem.dev/ignore',
    'realmem.dev/probe',
  ];
  assert.deepEqual(annotationsRead, expected);
  assert.ok(
    [mirrorAnnotation, hashAnnotation, ...Object.values(annotations)].every((key) => expected.includes(key)),
  );
});

it('no two rules read the same label, and each is a valid key', () => {
  const keys = Object.values(labels);
  assert.equal(new Set(keys).size, keys.length);
  for (const key of [...keys, ...annotationsRead])
    assert.match(key, /^(?:[a-z0-9]+(?:[.-][a-z0-9]+)*\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
});
