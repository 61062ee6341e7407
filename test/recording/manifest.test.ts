import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordingManifest } from '../../src/recording/manifest.ts';

const parse = (manifest: unknown) => recordingManifest('/r', JSON.stringify(manifest));

describe('manifestOf', () => {
  it('returns undefined without a manifest', () =>
    assert.equal(recordingManifest('/r', undefined), undefined));

  it('returns node, time, machine and the missing LRU', () => {
    const manifest = {
      ...{ at: '2026-01-01T00:00:00Z', node: 'n' },
      ...{ machine: { pageBytes: 4096, cpus: 2 }, lruGen: false },
    };
    assert.deepEqual(parse(manifest), manifest);
  });

  it('accepts a manifest with only a node, and drops unknown keys', () =>
    assert.deepEqual(parse({ node: 'n', more: 1 }), { node: 'n' }));

  it('ignores an lruGen that is not false', () =>
    assert.deepEqual(parse({ node: 'n', lruGen: true }), { node: 'n' }));

  for (const [what, manifest] of [
    ['a missing node', {}],
    ['a node that is not a text', { node: 1 }],
    ['a malformed time', { node: 'n', at: 'soon' }],
    ['a machine without CPUs', { node: 'n', machine: { pageBytes: 4096, cpus: 0 } }],
    ['null', null],
  ] as const)
    it(`rejects ${what} and names the file`, () =>
      assert.throws(() => parse(manifest), /^LocatedError: \/r\/recording\.json: expected /));

  it('rejects a text that is not JSON', () =>
    assert.throws(() => recordingManifest('/r', '{'), /^LocatedError: \/r\/recording\.json: expected /));
});
