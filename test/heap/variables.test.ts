import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expandedBy, fromElsewhere, TextBudget, variablesOf } from '../../src/heap/variables.ts';
import { anyText } from '../model/any-text.ts';

const of = (env: unknown, most = 1_000): readonly (readonly [string, string])[] => [
  ...variablesOf(env, new TextBudget(most)),
];
const ref = (kind: string, more: object = {}) => [
  { name: 'A', valueFrom: { [kind]: { name: 'm', key: 'k', ...more } } },
];

describe('variablesOf', () => {
  it('reads names and values, an empty value included', () =>
    assert.deepEqual(
      of([
        { name: 'A', value: '1' },
        { name: 'B', value: '' },
      ]),
      [
        ['A', '1'],
        ['B', ''],
      ],
    ));

  it('leaves out what has no name or no value of text', () =>
    assert.deepEqual(
      of([null, undefined, 7, 'x', [], {}, { name: 'A' }, { value: '1' }, { name: 'A', value: 1 }]),
      [],
    ));

  it('is empty for what is no list', () => {
    for (const env of [undefined, null, 'A=1', 7, { name: 'A', value: '1' }]) assert.deepEqual(of(env), []);
  });

  it('takes the last value of a name, at the place of the last', () =>
    assert.deepEqual(
      of([
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'A', value: '3' },
      ]),
      [
        ['B', '2'],
        ['A', '3'],
      ],
    ));

  it('fills in a variable that was set before, and leaves any other as it stands', () =>
    assert.deepEqual(
      of([
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)$(A)-$(C)-$(B)-$A' },
        { name: 'C', value: '$(B)' },
      ]),
      [
        ['A', '1'],
        ['B', '11-$(C)-$(B)-$A'],
        ['C', '11-$(C)-$(B)-$A'],
      ],
    ));

  it('reads $$ before a reference as an escaped $, as Kubernetes does', () =>
    assert.deepEqual(
      of([
        { name: 'A', value: '1' },
        { name: 'B', value: '$$(A) $$$(A) $$$$(A) $$$(C) $$ x$$(A)' },
      ]),
      [
        ['A', '1'],
        ['B', '$(A) $1 $$(A) $$(C) $$ x$(A)'],
      ],
    ));

  it('reads a row of 100,000 $ in linear time', () => {
    const value = '$'.repeat(100_000);
    assert.deepEqual(of([{ name: 'A', value }], 200_000), [['A', value]]);
  });

  it('fills in the earlier value of the same name, as Kubernetes does', () =>
    assert.deepEqual(
      of([
        { name: 'A', value: '-Xmx1g' },
        { name: 'A', value: '$(A) -Dx' },
      ]),
      [['A', '-Xmx1g -Dx']],
    ));

  it('calls a value unread that comes from a ConfigMap, a Secret, a label or an annotation', () => {
    for (const env of [
      ...[ref('configMapKeyRef'), ref('secretKeyRef'), ref('fileKeyRef'), ref('unknownRef')],
      ...[
        ref('fieldRef', { fieldPath: 'metadata.labels' }),
        ref('fieldRef', { fieldPath: "metadata.annotations['a']" }),
      ],
    ])
      assert.deepEqual(of(env), [['A', '@']], JSON.stringify(env));
  });

  it('leaves out a value that comes from another field of the pod, or from its resources', () => {
    for (const env of [
      ...[ref('resourceFieldRef'), ref('fieldRef'), ref('fieldRef', { fieldPath: 'status.podIP' })],
      ...[ref('fieldRef', { fieldPath: 'metadata.name' }), ref('fieldRef', { fieldPath: 7 })],
      ...[{}, null, 7, 'x'].map((valueFrom) => [{ name: 'A', valueFrom }]),
      [{ name: 'A', valueFrom: { fieldRef: null } }],
    ])
      assert.deepEqual(of(env), [], JSON.stringify(env));
  });

  it('reads no further when the budget is spent', () => {
    const env = ['A', 'B', 'C'].map((name) => ({ name, value: 'xxxx' }));
    const cut: readonly (readonly [string, string])[] = [
      ['A', 'xxxx'],
      ['B', 'xxx'],
    ];
    assert.deepEqual(of(env, 9), cut);
  });

  it('makes no more text than twice the budget, whatever stands in what', () => {
    const name = fc.constantFrom('A', 'B', 'C');
    const piece = fc.oneof(fc.constantFrom('$(A)', '$(B)', '$(C)', 'x'), anyText({ maxLength: 3 }));
    const one = fc.record({ name, value: fc.array(piece).map((pieces) => pieces.join('')) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), fc.nat(200), (env, most) => {
        const budget = new TextBudget(most);
        const all = [...variablesOf(env, budget)].reduce(
          (sum, [key, value]) => sum + key.length + value.length,
          0,
        );
        assert.ok(all <= 2 * most, `${all} of ${most}`);
      }),
    );
  });
});

describe('expandedBy', () => {
  const variables = new Map([
    ['A', '1'],
    ['E', ''],
    ['AB', '2'],
  ]);
  const expanded = (text: string, mayBeFromElsewhere = (_: string): boolean => false): string =>
    expandedBy(text, variables, mayBeFromElsewhere, new TextBudget(1_000));

  it('fills in variables in each way of writing them', () =>
    assert.equal(expanded(`$A \${A} $(A) \${A:-x} \${A-x} x$A$AB.$A-`), '1 1 1 1 1 x12.1-'));

  it('leaves an escaped reference of Kubernetes as text', () => {
    assert.equal(expanded('-Xmx$$(A)'), '-Xmx$(A)');
    assert.equal(expanded('$$$(A) $$$$(A) $$$(X)'), '$1 $$(A) $$(X)');
    assert.equal(
      expanded('-Xmx$$(X)', () => true),
      '-Xmx$(X)',
      'a ConfigMap cannot set an escaped one',
    );
  });

  it('fills in an empty value', () => assert.equal(expanded(`[$E|\${E}|$(E)]`), '[||]'));

  it('takes the default where a variable is not set, an empty one too', () =>
    assert.equal(expanded(`\${X:--Xmx1g} \${X-y} [\${X:-}]`), '-Xmx1g y []'));

  it('leaves a variable as it stands that is not set', () => {
    for (const text of ['$X', `\${X}`, '$(X)', '$', '$$', `\${`, '$()', `\${A`, '$(A', `\${A:=x}`, '$-', ''])
      assert.equal(expanded(text), text, text);
  });

  it('fills in a value from elsewhere as unread, before the default', () => {
    const anywhere = (name: string): boolean => name === 'X';
    assert.equal(expanded(`$X \${X:-y} $(X) $Y $A`, anywhere), '@ @ @ $Y 1');
  });

  it('does not fill in what a value names', () => {
    const nested = new Map([
      ['A', '$B'],
      ['B', '2'],
    ]);
    assert.equal(
      expandedBy('$A', nested, () => false, new TextBudget(100)),
      '$B',
    );
  });

  it('fills in nothing more when the budget is spent', () => {
    const budget = new TextBudget(2);
    assert.equal(
      expandedBy('$A$A$A$X', variables, () => false, budget),
      '11$X',
    );
    assert.equal(budget.isSpent, true);
  });

  it('takes a value as it is, also with what a replacement would read', () => {
    const hostile = new Map([['A', '$& $1 $$ $`']]);
    assert.equal(
      expandedBy('x$(A)y', hostile, () => false, new TextBudget(100)),
      'x$& $1 $$ $`y',
    );
  });
});

describe('fromElsewhere', () => {
  const none = new Map<string, string>();

  it('is true for any name with a whole ConfigMap, but for one that is set and for arguments', () => {
    const may = fromElsewhere([{ configMapRef: { name: 'm' } }], new Map([['A', '1']]));
    assert.deepEqual(['A', 'B', '_x', '1', '10'].map(may), [false, true, true, false, false]);
  });

  it('is true only for names with its prefix', () => {
    const may = fromElsewhere([{ prefix: 'DB_' }, { prefix: 'X' }], none);
    assert.deepEqual(['DB_HOST', 'DB_', 'XA', 'DB', 'A'].map(may), [true, true, true, false, false]);
  });

  it('takes a prefix that is no text for none', () => {
    for (const one of [{}, null, 7, { prefix: 7 }, { prefix: null }, { prefix: '' }])
      assert.equal(fromElsewhere([one], none)('A'), true, JSON.stringify(one));
  });

  it('is false for every name where there is no list, or an empty one', () => {
    for (const envFrom of [undefined, null, [], {}, 'x'])
      assert.equal(fromElsewhere(envFrom, none)('A'), false);
  });
});

describe('a TextBudget', () => {
  it('gives text up to its bound, and is spent behind it', () => {
    const budget = new TextBudget(4);
    assert.deepEqual([budget.read('abc'), budget.read('d'), budget.isSpent], ['abc', 'd', false]);
    assert.deepEqual([budget.read(''), budget.isSpent], ['', false]);
    assert.deepEqual([budget.read('e'), budget.isSpent, budget.read('f')], ['', true, '']);
  });

  it('cuts the text that crosses the bound', () => {
    const budget = new TextBudget(4);
    assert.deepEqual([budget.read('abcdef'), budget.isSpent], ['abcd', true]);
  });

  it('counts text of variables apart, and gives none of what crosses the bound', () => {
    const budget = new TextBudget(4);
    budget.read('abcd');
    assert.deepEqual([budget.expand('abcd'), budget.isSpent], ['abcd', false]);
    assert.deepEqual([budget.expand('e'), budget.isSpent], ['', true]);
  });

  it('has nothing for a variable that is not set, which costs nothing', () => {
    const budget = new TextBudget(0);
    assert.deepEqual([budget.expand(undefined), budget.isSpent], [undefined, false]);
  });
});
