import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LocatedError } from '../../src/model/located-error.ts';
import {
  contentBytes,
  contentOf,
  contentsOf,
  differenceOf,
  laterFile,
  parseContents,
  parseLater,
} from '../../src/recording/later-sample.ts';
import type { Snapshot } from '../../src/recording/snapshot.ts';

describe('the content of a file in a sample', () => {
  it('survives for any bytes', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const kept = JSON.parse(JSON.stringify(contentOf(bytes)));
        assert.deepEqual(new Uint8Array(contentBytes(kept)), bytes);
      }),
    ));

  it('gives a sample or a located error for any text', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseLater('/r/samples/0002.json', text);
        } catch (error) {
          assert.ok(error instanceof LocatedError);
        }
      }),
    ));
});

describe('a path in a sample', () => {
  const sample = { gone: [], made: [], files: {}, again: {} };
  const parse = (more: object): unknown => parseLater('0002.json', JSON.stringify({ ...sample, ...more }));

  it('stays below the root, or is rejected', () => {
    parse({ made: ['sys/fs/cgroup/a..b'], files: { 'proc/meminfo': '' } });
    for (const place of ['', '/etc', '../etc', 'a/../../etc', 'a//b', 'a/.', 'a/b\0c'])
      for (const more of [
        { gone: [place] },
        { made: [place] },
        { files: { [place]: '' } },
        { again: { [place]: '' } },
      ])
        assert.throws(
          () => parse(more),
          /^LocatedError: 0002\.json: expected a sample: .* with paths below the root/,
        );
  });

  it('comes from JSON of at most a hundred levels', () =>
    assert.throws(() => parseLater('0002.json', '['.repeat(200)), LocatedError));
});

describe('contentOf', () => {
  it('keeps valid UTF-8 as text, and encodes other bytes as base64', () => {
    assert.equal(contentOf(Buffer.from('anon 1\n')), 'anon 1\n');
    assert.equal(contentOf(Buffer.from('\uFEFF−\0')), '\uFEFF−\0');
    assert.equal(contentOf(new Uint8Array()), '');
    assert.deepEqual(contentOf(new Uint8Array([0x61, 0xff])), { base64: 'Yf8=' });
  });
});

describe('laterFile', () => {
  it('names samples so that they sort by number up to 9999', () => {
    assert.deepEqual(
      [laterFile(2), laterFile(9999), laterFile(10_000)],
      ['samples/0002.json', 'samples/9999.json', 'samples/10000.json'],
    );
  });
});

/** Cgroup → inode and files. */
type Given = Readonly<Record<string, readonly [number, Readonly<Record<string, string>>]>>;

const snapshotOf = (
  given: Given,
  more: Readonly<Record<string, string>> = {},
  again: Readonly<Record<string, string>> = {},
): Snapshot => {
  const bytes = (all: Readonly<Record<string, string>>) =>
    new Map(Object.entries(all).map(([file, text]) => [file, Buffer.from(text)] as const));
  const files = Object.entries(given).flatMap(([cgroup, [, own]]) =>
    Object.entries(own).map(([file, text]) => [`${cgroup}/${file}`, text]),
  );
  return {
    cgroups: new Map(Object.entries(given).map(([cgroup, [inode]]) => [cgroup, inode])),
    files: bytes({ ...more, ...Object.fromEntries(files) }),
    again: bytes(again),
  };
};

describe('differenceOf', () => {
  const empty = { gone: [], made: [], files: {}, again: {} };

  it('contains nothing if nothing changed, and the time only if it is known', () => {
    const one = snapshotOf({ 'c/a': [1, { x: '1' }] }, { 'proc/meminfo': 'M' });
    assert.deepEqual(differenceOf(one, one, undefined), empty);
    assert.deepEqual(differenceOf(one, one, '2026-01-01T00:00:00Z'), {
      at: '2026-01-01T00:00:00Z',
      ...empty,
    });
  });

  it('contains the new content of a changed file, and null for a removed one', () =>
    assert.deepEqual(
      differenceOf(
        snapshotOf({ 'c/a': [1, { x: '1', y: '2', z: '' }] }, { 'proc/meminfo': 'M' }),
        snapshotOf({ 'c/a': [1, { x: '1', y: '', z: '' }] }),
        undefined,
      ),
      { ...empty, files: { 'c/a/y': '', 'proc/meminfo': null } },
    ));

  it('lists a removed cgroup with its children, without its files', () =>
    assert.deepEqual(
      differenceOf(
        snapshotOf({ c: [1, {}], 'c/a': [2, { x: '1' }], 'c/a/b': [3, { x: '1' }] }),
        snapshotOf({ c: [1, {}] }),
        undefined,
      ),
      { ...empty, gone: ['c/a', 'c/a/b'] },
    ));

  it('lists a new cgroup with all of its files', () =>
    assert.deepEqual(
      differenceOf(snapshotOf({ c: [1, {}] }), snapshotOf({ c: [1, {}], 'c/a': [2, { x: '1' }] }), undefined),
      { ...empty, made: ['c/a'], files: { 'c/a/x': '1' } },
    ));

  it('lists a replaced cgroup as gone and as made, with files that are equal to those before', () =>
    assert.deepEqual(
      differenceOf(
        snapshotOf({ 'c/a': [1, { x: '1', y: '1' }] }),
        snapshotOf({ 'c/a': [2, { x: '1' }] }),
        undefined,
      ),
      { ...empty, gone: ['c/a'], made: ['c/a'], files: { 'c/a/x': '1' } },
    ));

  it('counts a cgroup below a new one as new, though its inode number is the same by chance', () =>
    assert.deepEqual(
      differenceOf(
        snapshotOf({ 'c/a': [1, {}], 'c/a/b': [5, { x: '1' }] }),
        snapshotOf({ 'c/a': [2, {}], 'c/a/b': [5, { x: '1' }] }),
        undefined,
      ),
      { ...empty, gone: ['c/a', 'c/a/b'], made: ['c/a', 'c/a/b'], files: { 'c/a/b/x': '1' } },
    ));

  it('contains the second readings of the later sample only', () =>
    assert.deepEqual(
      differenceOf(snapshotOf({}, {}, { 'c/a/x': '1' }), snapshotOf({}, {}, { 'c/a/y': '2' }), undefined),
      { ...empty, again: { 'c/a/y': '2' } },
    ));

  it('survives its file, for any two snapshots', () => {
    const files = fc.dictionary(fc.constantFrom('x', 'y'), fc.string(), { noNullPrototype: true });
    const given = fc.dictionary(fc.constantFrom('c', 'c/a', 'c/a/b', 'd'), fc.tuple(fc.nat(3), files), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(given, given, (before, now) => {
        // The walk lists parents first.
        const sorted = (one: Given): Given => Object.fromEntries(Object.entries(one).sort());
        const made = differenceOf(snapshotOf(sorted(before)), snapshotOf(sorted(now)), undefined);
        assert.deepEqual(parseLater('f', JSON.stringify(made)), made);
      }),
    );
  });
});

describe('parseLater', () => {
  const sample = { gone: [], made: [], files: {}, again: {} };
  const parse = (more: object): unknown => parseLater('0002.json', JSON.stringify({ ...sample, ...more }));

  it('accepts a sample without a time, and rejects one with another time than RFC 3339', () => {
    assert.deepEqual(parse({}), sample);
    for (const at of [5, null, '', 'yesterday']) assert.throws(() => parse({ at }), LocatedError, String(at));
  });

  it('rejects a sample that lacks a field, or has one of another type', () => {
    for (const field of Object.keys(sample))
      for (const value of [undefined, null, 'a', 7, field === 'gone' || field === 'made' ? {} : []])
        assert.throws(() => parse({ [field]: value }), LocatedError, `${field}: ${value}`);
    for (const gone of [[1], [null], [['a']]]) assert.throws(() => parse({ gone }), LocatedError);
  });

  it('accepts null for a removed file, but not for a second reading', () => {
    parse({ files: { a: null } });
    assert.throws(() => parse({ again: { a: null } }), LocatedError);
    for (const content of [1, [], { base64: 5 }, {}])
      assert.throws(() => parse({ files: { a: content } }), LocatedError);
  });
});

describe('parseContents', () => {
  it('returns the contents that were written', () => {
    const made = contentsOf(new Map([['c/a/x', new Uint8Array([0xff])]]));
    assert.deepEqual(parseContents('again.json', JSON.stringify(made)), made);
  });

  it('rejects other JSON, unsafe paths, and text that is not JSON, with the name of the file', () => {
    for (const text of ['', '[]', '{"a":1}', '{"../a":""}', '{"a":null}', '{'])
      assert.throws(
        () => parseContents('again.json', text),
        /^LocatedError: again\.json: expected files with their contents, got/,
      );
  });
});
