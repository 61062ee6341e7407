import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { jsonParts, renderJson, renderYaml, yamlParts } from '../../src/layout/structured.ts';
import { hostileReport, otherOf, recorded, reportOf } from '../report/reports.ts';

const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const named = (name: string) => reportOf({ metadata: { name } });

describe('a report as JSON', () => {
  it('is indented and ends with a line break', () =>
    assert.match(renderJson(reportOf()), /^\{\n {2}"apiVersion": .*\n\}\n$/s));

  it('parses back to the same report', () => {
    const report = recorded('kubernetes-v1');
    assert.deepEqual(JSON.parse(renderJson(report)), report);
  });

  it('parses back to the same report, for any names', () =>
    fc.assert(
      fc.property(hostileReport, (report) =>
        assert.deepEqual(JSON.parse(renderJson(report)), JSON.parse(JSON.stringify(report))),
      ),
    ));
});

describe('a report as YAML', () => {
  it('quotes only strings that need it', () =>
    assert.match(
      renderYaml(named('node-1')),
      /^apiVersion: realmem\.dev\/v1alpha1\nkind: NodeMemoryReport\nmetadata:\n {2}name: node-1\n/,
    ));

  it('does not wrap long lines', () => {
    const why = 'word '.repeat(60).trim();
    assert.ok(renderYaml(reportOf({ skipped: [{ cgroup: '/x', why }] })).includes(`why: ${why}\n`));
  });

  it('writes a repeated list twice, without an alias', () => {
    const others = [otherOf()];
    assert.doesNotMatch(renderYaml(reportOf({ others: [...others, ...others] })), /[&*]a1/);
  });

  it('parses back to the same report', () => {
    const report = recorded('kubernetes-v1');
    assert.deepEqual(parse(renderYaml(report)), report);
  });

  for (const name of [
    '\u001b[31m',
    '\u009b2J',
    'user\u202egpj.exe',
    '\u2028',
    'x\u200by',
    '\u0085',
    '\u{e0041}',
    'a\nb',
    '\u007f',
  ])
    it(`escapes ${JSON.stringify(name).replace(acting, '…')} visibly, and parses back to the same text`, () => {
      const yaml = renderYaml(named(name));
      for (const line of yaml.split('\n')) assert.doesNotMatch(line, acting);
      assert.deepEqual(parse(yaml), named(name));
    });

  it('escapes a character of more than 16 bits as one escape, not as two surrogates', () =>
    assert.ok(renderYaml(named('\u{e0041}\u{110bd}')).includes('name: "\\U000e0041\\U000110bd"\n')));

  it('parses back to the same report, for any names', () =>
    fc.assert(
      fc.property(hostileReport, (report) =>
        assert.deepEqual(parse(renderYaml(report)), JSON.parse(JSON.stringify(report))),
      ),
      { numRuns: 300 },
    ));

  // In YAML 1.1 `no` is false, 1_0 is ten and 12:30:00 is 45000. In YAML 1.2 0o17 is 15.
  for (const version of ['1.1', '1.2'] as const)
    it(`means the same to parsers of YAML ${version}`, () => {
      for (const name of [
        'no',
        'on',
        'y',
        'Off',
        '1_0',
        '0o17',
        '0b1',
        '12:30:00',
        '2026-01-02',
        '2026-01-02T03:04:05Z',
        '<<',
        '=',
      ])
        assert.deepEqual(parse(renderYaml(named(name)), { version }), named(name), name);
    });
});

it('jsonParts joined give the same text as renderJson', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) =>
      assert.equal([...jsonParts(value)].join(''), renderJson(value)),
    ),
  ));

describe('a list whose items are made one by one', () => {
  const list = (items: readonly unknown[]): object => ({
    kind: 'x',
    items: { [Symbol.iterator]: () => items.values() },
  });

  it('is written as an array, also without an item', () => {
    for (const items of [[], [{ a: 1 }], [{ a: 1 }, { b: [2] }]]) {
      const text = JSON.stringify({ kind: 'x', items }, undefined, 2);
      assert.equal([...jsonParts(list(items))].join(''), `${text}\n`);
      assert.deepEqual(parse([...yamlParts(list(items))].join('')), { kind: 'x', items });
    }
  });
});
