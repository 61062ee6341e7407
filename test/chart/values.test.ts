/** What values.yaml, its schema and the README's table say of the same values; without helm. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { namesOf, settingNames, settings } from '../../src/agent/settings.ts';
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

it('the types of reports are those of their definition', () =>
  assert.equal(types(), fs.readFileSync(typesFile, 'utf8'), 'npm run chart'));

describe('values.yaml', () => {
  it('is what the schema and the table are made of', () => {
    for (const [name, text] of Object.entries(generated())) assert.equal(read(name), text, 'npm run chart');
  });

  for (const [what, text, message] of [
    ['a value without a comment', '## @section A\n## @param a B\na: x\nb: {c: d}\n', /no @param for b\.c$/],
    ['a comment without a value', '## @param a B\n', /a has a comment and no value/],
    ['a comment that is none', '## @parm a B\na: x\n', /neither @section nor @param/],
  ] as const)
    it(`cannot have ${what}`, () => {
      assert.throws(() => readParams(text), message);
    });

  it('cannot have a kind that is none, nor an object without a kind', () => {
    assert.throws(() => schemaOf(readParams('## @param a [size] B\na: x\n')), /a is of kind size/);
    assert.throws(() => schemaOf(readParams('## @param a B\na: {}\n')), /a needs a \[kind\]/);
  });
});

describe('values.schema.json', () => {
  it('knows every key at the top, and refuses others', () => {
    assert.equal(schema.additionalProperties, false);
    for (const key of ['config', 'image', 'policy', 'rbac', 'serviceAccount', 'crds', 'cleanup'])
      assert.equal(at(key).additionalProperties, false, key);
  });

  it('leaves open what is Kubernetes’ own', () => {
    for (const key of [
      'podSecurityContext',
      'securityContext',
      'resources.limits',
      'updateStrategy',
      'affinity',
    ])
      assert.equal(at(key).additionalProperties, undefined, key);
  });

  // The pod says who and where it is; and the value of that name says what holds the agent.
  const chartsOwn = [
    ...['pods', 'kubeconfig', 'node', 'allowUnguardedWrites'],
    ...['metricsAuth', 'tlsCertFile', 'tlsKeyFile'],
  ];
  const configurable = settingNames.filter((name) => !chartsOwn.includes(namesOf(name).key));

  it('has the settings of the agent as config, but those that the chart gives', () => {
    assert.deepEqual(
      Object.keys(at('config').properties ?? {}).sort(),
      configurable.map((name) => namesOf(name).key).sort(),
      'src/agent/settings.ts and values.yaml differ: change values.yaml, then npm run chart',
    );
  });

  for (const name of configurable) {
    const { key } = namesOf(name);
    const { enum: words, pattern, type } = at(`config.${key}`);
    const { parse, takes } = settings[name];
    if (words !== undefined)
      it(`takes for config.${key} what the agent takes`, () => {
        const texts = new Set(words.map(String));
        assert.deepEqual([...texts].sort(), takes.split('|').sort());
        for (const text of texts) assert.notEqual(parse(text), undefined, text);
      });
    else if (pattern !== undefined && /DURATION|HOST:PORT/.test(takes))
      it(`takes for config.${key} what the agent takes`, () => {
        const texts = ['5s', '1.5m', '100ms', '24h', '5', '5 s', 's', '-5s', '5d', '', 'off', ':9643'];
        const addresses = ['127.0.0.1:1', '[::1]:9643', '::1:9643', 'a b:1', ':', ':x', ':123456', 'host'];
        for (const text of [...texts, ...addresses])
          assert.equal(new RegExp(pattern, 'u').test(text), parse(text) !== undefined, text);
      });
    else
      it(`takes a text for config.${key}`, () => {
        assert.equal(type, 'string');
      });
  }
});
