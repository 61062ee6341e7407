import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Undeclared } from '../../src/publish/undeclared.ts';

const minute = 60_000;
const undeclared = (...paths: readonly string[]): string =>
  `failed to create typed patch object (/n; realmem.dev/v1alpha1): errors:${paths.map((path) => `\n  ${path}: field not declared in schema`).join('')}`;
const said = (message: string) => ({ message, causes: [] });
const learnt = (...paths: readonly string[]): Undeclared => {
  const fields = new Undeclared();
  assert.equal(fields.learn(said(undeclared(...paths)), 0), true);
  return fields;
};

describe('learn', () => {
  it('reads each field that server-side apply does not know, without the indices of lists', () =>
    assert.equal(
      String(learnt('.node.ooms', '.pods[1].new', '.a[0].b[12].c')),
      'node.ooms, pods.new, a.b.c',
    ));

  it('reads the only field that the refusal names', () => {
    const fields = new Undeclared();
    const refusal =
      'failed to create typed patch object (/node-1; realmem.dev/v1alpha1, Kind=NodeMemoryReport): .status: field not declared in schema';
    assert.equal(fields.learn(said(refusal), 0), true);
    assert.equal(String(fields), 'status');
  });

  it('reads a field of a list of a list', () => assert.equal(String(learnt('.a[0][1].b')), 'a.b'));

  it('reads a field whose value the schema does not list', () => {
    const fields = new Undeclared();
    const cause = {
      reason: 'FieldValueNotSupported',
      field: 'pods[0].containers[0].verdict',
      message: 'Unsupported',
    };
    const other = { reason: 'FieldValueInvalid', field: 'pods[0].name', message: 'Invalid value' };
    assert.equal(fields.learn({ message: 'is invalid', causes: [cause, other] }, 0), true);
    assert.equal(String(fields), 'pods.containers.verdict');
  });

  it('says no for a refusal that names no field, or only known ones', () => {
    const fields = new Undeclared();
    for (const refusal of [
      '',
      'the server is busy',
      'pods[0].name: Required value',
      ': field not declared in schema',
    ])
      assert.equal(fields.learn(said(refusal), 0), false, refusal);
    assert.equal(String(fields), '');
    assert.equal(fields.learn(said(undeclared('.a', '.a')), 0), true);
    assert.equal(String(fields), 'a');
    assert.equal(fields.learn(said(undeclared('.a')), 0), false);
    // Another item of the same list names the same field.
    assert.equal(learnt('.pods[0].new').learn(said(undeclared('.pods[7].new')), 0), false);
  });

  it('says yes as soon as one of several fields is new', () =>
    assert.equal(learnt('.a').learn(said(undeclared('.a', '.b')), 0), true));
});

describe('cut', () => {
  it('omits a field at the top, in an object, and in each item of a list', () => {
    const object = { a: 1, b: { c: 2, d: 3 }, e: [{ f: 4, g: 5 }, { g: 6 }, [{ f: 7, g: 8 }]], h: null };
    assert.deepEqual(learnt('.a', '.b.c', '.e[0].f').cut(object, 0), {
      ...{ b: { d: 3 }, e: [{ g: 5 }, { g: 6 }, [{ g: 8 }]], h: null },
    });
  });

  it('omits a whole object or list, and fields of the same name only there', () =>
    assert.deepEqual(learnt('.b', '.c.a').cut({ a: 1, b: { a: 2 }, c: { a: 3 } }, 0), { a: 1, c: {} }));

  it('omits a field with the value undefined, null, 0 or false', () => {
    for (const value of [undefined, null, 0, false, ''])
      assert.deepEqual(learnt('.a').cut({ a: value, b: 1 }, 0), { b: 1 });
  });

  it('leaves an object as it is that lacks the field or its parents', () => {
    const fields = learnt('.a.b.c', '.d[0].e');
    for (const value of [
      {},
      { a: 1 },
      { a: null },
      { a: { b: 'text' } },
      { d: [] },
      { d: [1, null] },
      [],
      7,
      null,
    ])
      assert.deepEqual(fields.cut(value, 0), value);
    assert.equal(fields.cut(undefined, 0), undefined);
  });

  it('does not change the object that it is given', () => {
    const object = { a: { b: 1 }, c: [{ d: 1 }] };
    const before = structuredClone(object);
    learnt('.a.b', '.c[0].d').cut(object, 0);
    assert.deepEqual(object, before);
  });

  it('adds nothing for a field that every object inherits', () => {
    for (const path of ['constructor.x', '__proto__.x', 'toString.x', 'constructor', '__proto__'])
      assert.equal(JSON.stringify(learnt(`.${path}`).cut({ a: { b: 1 } }, 0)), '{"a":{"b":1}}', path);
  });

  it('omits the fields for ten minutes from the last new one on', () => {
    const fields = learnt('.a');
    const object = { a: 1, b: 2, c: 3 };
    assert.equal(fields.learn(said(undeclared('.b')), 4 * minute), true);
    assert.equal(fields.learn(said(undeclared('.b')), 9 * minute), false);
    assert.deepEqual(fields.cut(object, 14 * minute - 1), { c: 3 });
    assert.deepEqual(fields.cut(object, 14 * minute), object);
    assert.equal(String(fields), '');
    assert.equal(fields.learn(said(undeclared('.b')), 14 * minute), true);
    assert.deepEqual(fields.cut(object, 14 * minute), { a: 1, c: 3 });
  });

  it('removes what was learnt and nothing else, whatever the object', () => {
    const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.array(name, { minLength: 1, maxLength: 3 }), (value, path) => {
        const cut = learnt(`.${path.join('.')}`).cut(value, 0);
        assert.equal(JSON.stringify(cut), JSON.stringify(expectedOf(value, path)));
      }),
    );
  });
});

/** The same by the text of JSON alone: no field at this path. */
function expectedOf(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => expectedOf(item, path));
  if (typeof value !== 'object' || value === null) return value;
  const [name, ...rest] = path;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    key !== name ? [[key, inner]] : rest.length === 0 ? [] : [[key, expectedOf(inner, rest)]],
  );
  return Object.fromEntries(entries);
}
