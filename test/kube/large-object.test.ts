import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type LargeObject, longestObject, longObject, readObject } from '../../src/kube/large-object.ts';
import { anyText } from '../model/any-text.ts';

const headOf = (text: string): LargeObject => longObject(text, 3_000_000);
const metadataOf = (text: string): object => headOf(text).metadata;

const listed = (fixture: string): readonly object[] => {
  const file = new URL(`../../fixtures/patches/${fixture}/pods.json`, import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly items: readonly object[] }).items;
};

describe('readObject', () => {
  it('returns the value of JSON, null and false included', () => {
    for (const value of [{ a: [1] }, [], null, false, 0, ''])
      assert.deepEqual(readObject(JSON.stringify(value)), { value });
  });

  it('throws a SyntaxError for what is no JSON', () => {
    for (const text of ['', '{', 'hello', '{"a":1}x']) assert.throws(() => readObject(text), SyntaxError);
  });

  it('parses 100 levels, and names an object of 101', () => {
    const nested = (depth: number): string =>
      `{"metadata":{"name":"deep"},"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    assert.ok('value' in readObject(nested(100)));
    assert.deepEqual(readObject(nested(101)), {
      large: { metadata: { name: 'deep' }, why: 'JSON of 101 levels (at most 100)' },
    });
  });

  it('parses 100,000 values, and names an object of one more', () => {
    // The text itself, the object and the list count three.
    const crowd = (values: number): string => `{"x":[${'0,'.repeat(values - 3)}0]}`;
    const whyOf = (text: string): string | undefined => {
      const answer = readObject(text);
      return 'large' in answer ? answer.large.why : undefined;
    };
    assert.equal(whyOf(crowd(100_000)), undefined);
    assert.equal(whyOf(crowd(100_001)), 'JSON of up to 100001 values (at most 100000)');
  });
});

describe('longObject', () => {
  it('says how long the object is and how much is read', () =>
    assert.equal(headOf('{}').why, `3000000 bytes (at most ${longestObject})`));

  it('finds the names of real pods, of a list and of a watch', () => {
    for (const pod of ['injected-sidecar', 'in-place', 'whole-pod'].flatMap(listed)) {
      const { metadata } = pod as { readonly metadata: Readonly<Record<string, string>> };
      // The API writes the names first, before labels and annotations.
      const { namespace, name, uid, resourceVersion } = metadata;
      const first = { name, namespace, uid, resourceVersion, labels: {} };
      const expected = JSON.parse(JSON.stringify({ namespace, name, uid, resourceVersion }));
      const object = { kind: 'Pod', apiVersion: 'v1', metadata: { ...first, ...metadata } };
      assert.deepEqual(metadataOf(JSON.stringify(object)), expected);
      assert.deepEqual(metadataOf(JSON.stringify(object, undefined, 2)), expected);
      const watched = headOf(JSON.stringify({ type: 'MODIFIED', object }));
      assert.deepEqual([watched.type, watched.metadata], ['MODIFIED', expected]);
    }
  });

  it('has no type where the text does not begin with one in capitals', () => {
    for (const text of [
      '{"kind":"Pod"}',
      '{"object":{},"type":"ADDED"}',
      ' {"type":"ADDED"}',
      '{"type":"added"}',
      `{"type":"${'A'.repeat(21)}"}`,
      '{"type":7}',
    ])
      assert.equal(headOf(text).type, undefined, text);
    assert.equal(headOf(`{"type":"${'A'.repeat(20)}"}`).type, 'A'.repeat(20));
  });

  it('has no names where there is no metadata', () => {
    for (const text of [
      '',
      '{}',
      '{"name":"a"}',
      '{"metadata":null,"name":"a"}',
      '{"metadata":[{"name":"a"}]}',
    ])
      assert.deepEqual(metadataOf(text), {}, text);
  });

  it('ignores names behind the first label or annotation, which the owner writes', () => {
    for (const before of [
      '"labels":{"name":"forged"}',
      '"annotations":{}',
      '"finalizers":["x"]',
      '"generation":1',
    ])
      assert.deepEqual(
        metadataOf(`{"metadata":{"name":"a",${before},"namespace":"forged","uid":"forged"}}`),
        {
          name: 'a',
        },
      );
  });

  it('ignores metadata that stands in a text', () =>
    assert.deepEqual(
      metadataOf(JSON.stringify({ kind: '"metadata":{"name":"forged"}', metadata: { name: 'a' } })),
      {
        name: 'a',
      },
    ));

  it('takes the first of two names, and no inherited one', () => {
    assert.deepEqual(metadataOf('{"metadata":{"name":"a","name":"b","constructor":"c","uid":"u"}}'), {
      name: 'a',
      uid: 'u',
    });
  });

  it('takes a name of 253 characters, and none of 254', () => {
    const named = (length: number): object =>
      metadataOf(`{"metadata":{"name":"${'n'.repeat(length)}","uid":"u"}}`);
    assert.deepEqual(named(253), { name: 'n'.repeat(253), uid: 'u' });
    assert.deepEqual(named(254), { uid: 'u' });
  });

  it('ends at 4096 characters, within a name too', () => {
    const filler = ' '.repeat(4096 - '{"metadata":{"name":"a"'.length);
    assert.deepEqual(metadataOf(`{"metadata":${filler}{"name":"a"}}`), { name: 'a' });
    assert.deepEqual(metadataOf(`{"metadata":${filler} {"name":"a"}}`), {});
  });

  it('reads any text without a fault', () =>
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.json()), (text) => {
        for (const head of [text, `{"metadata":{${text}`, `{"metadata":${text}`])
          for (const value of Object.values(headOf(head).metadata)) assert.ok(value.length <= 253);
      }),
    ));
});
