import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderCustomColumns, renderJsonPath } from '../../src/layout/jsonpath.ts';
import { UsageError } from '../../src/model/located-error.ts';

const table = {
  kind: 'MemoryTable',
  items: [
    { pod: 'a', realBytes: 100, ok: true, note: 'x\u001b[31m\ny\u202e' },
    { pod: 'b', realBytes: 200, labels: { 'app.kubernetes.io/name': 'web' } },
    { pod: 'c', verdict: 'OK' },
  ],
};

describe('renderJsonPath', () => {
  // As `kubectl get -o jsonpath` prints them.
  const templates: Readonly<Record<string, string>> = {
    '{.kind}': 'MemoryTable',
    '{kind}': 'MemoryTable',
    '{$.kind}': 'MemoryTable',
    'kind={.kind}!': 'kind=MemoryTable!',
    '{.items[*].pod}': 'a b c',
    '{..pod}': 'a b c',
    '{.items[0].pod}': 'a',
    '{.items[-1].pod}': 'c',
    '{.items[-2].pod}': 'b',
    '{.items[-2:].pod}': 'b c',
    '{.items[0:2].pod}': 'a b',
    '{.items[0,2].pod}': 'a c',
    '{.items[0].ok}': 'true',
    "{.items[1]['pod']}": 'b',
    "{.items[1].labels['app.kubernetes.io/name']}": 'web',
    '{.items[1].labels}': '{"app.kubernetes.io/name":"web"}',
    '{.items[?(@.realBytes>100)].pod}': 'b',
    '{.items[?(@.pod=="a")].realBytes}': '100',
    "{.items[?(@.verdict=='OK')].pod}": 'c',
    '{.items[?(@.pod=="[")].pod}': '',
    '{range .items[*]}{.pod}{"\\t"}{.realBytes}{"\\n"}{end}': 'a\t100\nb\t200\nc\t\n',
    '{range .items[*]}{@.pod},{end}': 'a,b,c,',
    '{range .items[*]}{range .nope[*]}x{end}{.pod}{end}': 'abc',
    '{.nope}': '',
    '{.items[9].pod}': '',
    '{"}"}{\'{\'}': '}{',
    plain: 'plain',
  };
  for (const [template, text] of Object.entries(templates))
    it(`prints ${JSON.stringify(text)} for ${template}`, () =>
      assert.equal(renderJsonPath(template, table), text));

  const broken: Readonly<Record<string, RegExp>> = {
    '{.items[*].pod': /got a \{ without \}/,
    '{range .items[*]}x': /got a \{range\} without \{end\}/,
    '{end}': /got an \{end\} without \{range\}/,
    '{range}': /got a \{range\} without a path/,
    '{"abc"x}': /no text in quotes/,
    '{.items[}': /\[\] do not match|\[ and \] do not match/,
    '{.items[?(@.realBytes>)]}': /expected a JSONPath/,
    '{.items[?((@.realBytes>1)]}': /\( and \) do not match/,
    [`${'{range .items[*]}'.repeat(17)}${'{end}'.repeat(17)}`]: /more than 16 ranges/,
    [`{${'.items'.repeat(1000)}}`]: /6002 characters, more than 4096/,
  };
  for (const [template, message] of Object.entries(broken))
    it(`refuses ${template.slice(0, 40)}`, () =>
      assert.throws(
        () => renderJsonPath(template, table),
        (error) => error instanceof UsageError && message.test(error.message),
      ));

  // Filters that ran code with earlier versions of the library: CVE-2024-21534 and CVE-2025-1302, and ways around.
  const attacks: readonly string[] = [
    'process.exit(9)',
    'globalThis.process.exit(9)',
    'this.constructor.constructor("globalThis.hacked=1")()',
    'Function("globalThis.hacked=1")()',
    'require("child_process").execSync("true")',
    'import("node:fs")',
    '@.constructor.constructor("globalThis.hacked=1")()',
    '@.pod.constructor.constructor("globalThis.hacked=1")()',
    '@["con"+"structor"]["constructor"]("globalThis.hacked=1")()',
    '@.pod[["constructor"]][["constructor"]]("globalThis.hacked=1")()',
    '[].filter.constructor("globalThis.hacked=1")()',
    '_$_root.constructor.constructor("globalThis.hacked=1")()',
    'p="console.log(this.process.mainModule)";a=p.constructor.constructor(p)()',
    'con = "constructor", p = "globalThis.hacked=1", ""[con][con](p)()',
    '@.__proto__.hacked=1',
    '@.__defineGetter__("hacked", 1)',
  ];
  for (const attack of attacks)
    it(`runs no code of the filter ${attack}`, () => {
      const before = JSON.stringify(table);
      assert.throws(() => renderJsonPath(`{.items[?(${attack})].pod}`, table), UsageError);
      assert.throws(() => renderJsonPath(`{.items[(${attack})].pod}`, table), UsageError);
      assert.ok(!('hacked' in globalThis) && !('hacked' in {}));
      assert.equal(JSON.stringify(table), before);
    });

  it('does not find what an object inherits', () => {
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'items.constructor',
      'items[0].pod.constructor',
    ])
      assert.equal(renderJsonPath(`{.${name}}`, table), '', name);
  });

  it('writes unsafe characters of values and of the template as escapes', () => {
    assert.equal(renderJsonPath('{.items[0].note}', table), 'x\\u001b[31m\\u000ay\\u202e');
    assert.equal(renderJsonPath('\u001b[31m{"\\r"}', table), '\\u001b[31m\\u000d');
  });
});

describe('renderCustomColumns', () => {
  const columns = (spec: string, headers = true): string => renderCustomColumns(spec, table.items, headers);

  it('aligns a column for each path, and says <none> for an absent value', () =>
    assert.equal(columns('POD:.pod,REAL:.realBytes'), 'POD   REAL\na     100\nb     200\nc     <none>\n'));

  it('takes paths with braces and without a dot, as kubectl does', () => {
    assert.equal(columns('P:{.pod}', false), 'a\nb\nc\n');
    assert.equal(columns('P:pod', false), 'a\nb\nc\n');
  });

  it('writes unsafe characters of headings and values as escapes', () =>
    assert.equal(columns('\u202eN:.note'), '\\u202eN\nx\\u001b[31m\\u000ay\\u202e\n<none>\n<none>\n'));

  it('does not find what an object inherits', () =>
    assert.equal(columns('A:.constructor,B:.__proto__', false), '<none>   <none>\n'.repeat(3)));

  for (const spec of ['POD', ':', 'A:.pod,', 'A:.items[0,1]', `A:${'.a'.repeat(3000)}`])
    it(`refuses ${spec.slice(0, 20)}`, () => assert.throws(() => columns(spec), UsageError));
});
