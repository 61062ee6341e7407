import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { includesNamespace, parseNamespaces } from '../../src/model/namespaces.ts';

describe('a choice of namespaces', () => {
  const all = ['shop', 'bank', 'kube-system'];
  for (const [text, expected] of [
    ['*', all],
    ['shop', ['shop']],
    ['shop,bank', ['shop', 'bank']],
    ['*,!kube-system', ['shop', 'bank']],
    ['!kube-system', ['shop', 'bank']],
    ['!kube-system,!shop', ['bank']],
    ['kube-system,shop,!kube-system', ['shop']],
    ['*,shop', all],
    ['other', []],
  ] as const)
    it(`includes ${expected.join(', ') || 'none of the three'} for ${text}`, () => {
      const choice = parseNamespaces(text) ?? assert.fail('expected a choice');
      assert.deepEqual(
        all.filter((namespace) => includesNamespace(choice, namespace)),
        expected,
      );
    });

  for (const text of ['', ',', 'shop,', 'a b', ' shop', '!', '!*', 'Shop', '-a', 'a-', 'a/b', 'x'.repeat(64)])
    it(`is refused as ${JSON.stringify(text.slice(0, 10))}`, () =>
      assert.equal(parseNamespaces(text), undefined));

  it('may name a namespace with 63 characters', () =>
    assert.deepEqual(parseNamespaces('x'.repeat(63)), { included: ['x'.repeat(63)], excluded: [] }));
});
