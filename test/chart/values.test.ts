/** values.yaml, its schema and the README's table agree. These tests need no helm. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { settingNames, settingNamesOf, settings } from '../../src/agent/settings.ts';
import { generated, params, read } from './generate.ts';
import { readParams } from './params.ts';
import { type Schema, schemaOf } from './schema.ts';
import { types, typesFile } from './types.ts';

const schema = schemaOf(params());
const at = (key: string): Schema => {
  let found: Schema | undefined = schema;
  for (const name of key.split('.')) found = found?.properties?.[name];
  assert.ok(found, key);
  return found;
};

it('src/publish/published.ts is generated from the current CRD', () =>
  assert.equal(types(), fs.readFileSync(typesFile, 'utf8'), 'run npm run chart'));

describe('values.yaml', () => {
  it('is the source of the current schema and table', () => {
    for (const [name, text] of Object.entries(generated()))
      assert.equal(read(name), text, 'run npm run chart');
  });

  for (const [what, text, message] of [
    [
      'a value without a comment',
      '## @section A\n## @param a B\na: x\nb: {c: d}\n',
      /expected a @param comment for b\.c, got none$/,
    ],
    ['a comment without a value', '## @param a B\n', /expected a value for @param a, got none/],
    ['a misspelled @param', '## @parm a B\na: x\n', /expected ## @section or ## @param, got ## @parm a B/],
  ] as const)
    it(`is refused with ${what}`, () => {
      assert.throws(() => readParams(text), message);
    });

  it('is refused with an unknown kind, and with an object without a kind', () => {
    assert.throws(() => schemaOf(readParams('## @param a [size] B\na: x\n')), /got \[size\]/);
    assert.throws(() => schemaOf(readParams('## @param a B\na: {}\n')), /expected a \[kind\] for a/);
  });
});

describe('values.schema.json', () => {
  it('refuses unknown keys at the top level and in the objects of the chart', () => {
    assert.equal(schema.additionalProperties, false);
    for (const key of ['config', 'image', 'policy', 'rbac', 'serviceAccount', 'crds', 'cleanup'])
      assert.equal(at(key).additionalProperties, false, key);
  });

  it('accepts any key in objects that Kubernetes defines', () => {
    for (const key of [
      'podSecurityContext',
      'securityContext',
      'resources.limits',
      'updateStrategy',
      'affinity',
    ])
      assert.equal(at(key).additionalProperties, undefined, key);
  });

  // The chart sets these itself, from the pod's fields or from values outside `config`.
  const chartsOwn = [
    ...['pods', 'kubeconfig', 'node', 'allowUnguardedWrites'],
    ...['metricsAuth', 'tlsCertFile', 'tlsKeyFile'],
  ];
  const configurable = settingNames.filter((name) => !chartsOwn.includes(settingNamesOf(name).key));

  it('has every setting of the agent under config, except those that the chart sets itself', () => {
    assert.deepEqual(
      Object.keys(at('config').properties ?? {}).sort(),
      configurable.map((name) => settingNamesOf(name).key).sort(),
      'src/agent/settings.ts and values.yaml differ: change values.yaml, then npm run chart',
    );
  });

  for (const name of configurable) {
    const { key } = settingNamesOf(name);
    const { enum: words, pattern, type, properties } = at(`config.${key}`);
    const { parse, takes } = settings[name];
    if (words !== undefined)
      it(`accepts the same words for config.${key} as the agent`, () => {
        const texts = new Set(words.map(String));
        assert.deepEqual([...texts].sort(), takes.split('|').sort());
        for (const text of texts) assert.notEqual(parse(text), undefined, text);
      });
    else if (properties !== undefined)
      it(`accepts only names for config.${key} that the agent accepts`, () => {
        const names = [
          'shop',
          'a-1',
          'x'.repeat(63),
          'x'.repeat(64),
          '',
          '*',
          '!a',
          'a,b',
          'Shop',
          '-a',
          'a.b',
        ];
        for (const [list, { items }] of Object.entries(properties))
          for (const text of names.filter((one) => new RegExp(items?.pattern ?? '$', 'u').test(one)))
            assert.notEqual(parse(list === 'exclude' ? `!${text}` : text), undefined, text);
      });
    else if (pattern !== undefined && /DURATION|HOST:PORT/.test(takes))
      it(`accepts the same texts for config.${key} as the agent`, () => {
        const texts = ['5s', '1.5m', '100ms', '24h', '5', '5 s', 's', '-5s', '5d', '', 'off', ':9643'];
        const addresses = ['127.0.0.1:1', '[::1]:9643', '::1:9643', 'a b:1', ':', ':x', ':123456', 'host'];
        for (const text of [...texts, ...addresses])
          assert.equal(new RegExp(pattern, 'u').test(text), parse(text) !== undefined, text);
      });
    else
      it(`accepts any string for config.${key}`, () => {
        assert.equal(type, 'string');
      });
  }
});
