import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pageTemplate } from '../../image/page.ts';
import type { PageData } from '../../src/page/data.ts';
import { dataPlace, pageDocument, scriptText, templateFile } from '../../src/page/document.ts';
import { unpackPage } from '../../src/page/pack.ts';

const template = fs.readFileSync(new URL(`../../src/page/${templateFile}`, import.meta.url), 'utf8');

const hostile = `</script><script>alert(1)</script><!--\u2028"'&$&$1`;

const data: PageData = {
  ...{ scope: 'cluster', name: hostile, version: '0.1.0', nodes: [], notes: [hostile] },
  pods: [{ namespace: hostile, name: hostile, node: hostile, ooms: 0, containers: [{ name: hostile }] }],
};

/** The content of each element of that name. */
const contents = (html: string, name: string): readonly string[] =>
  [...html.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(
    ([, content = '']) => content,
  );

describe('the template', () => {
  it('is what its sources give: npm run page', async () => assert.equal(await pageTemplate(), template));

  it('has at most 40 kB when compressed', () => {
    const size = gzipSync(template).length;
    assert.ok(size <= 40_000, `${size} bytes`);
  });

  it('asks no other origin for anything', () => {
    const addresses = template.match(/(?:https?:|wss?:)?\/\/[\w.-]+\.\w+/g) ?? [];
    assert.deepEqual(
      addresses.filter((one) => !one.endsWith('//www.w3.org')),
      [],
    );
    assert.doesNotMatch(template, /@import|url\((?!data:)/);
  });

  it('allows its own script and style by their hashes, and no others', () => {
    const { policy } = pageDocument(template);
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, script = ''] = contents(template, 'script');
    const [style = ''] = contents(template, 'style');
    assert.equal(
      policy,
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });

  it('has no style attribute and no handler attribute, which the policy would refuse', () => {
    const [markup = ''] = template.replace(/<(script|style).*?<\/\1>/gs, '').split('<noscript>');
    assert.doesNotMatch(markup, /\s(?:style|on\w+)=/);
  });
});

describe('pageDocument', () => {
  it('without data is the template', () => assert.equal(pageDocument(template).html, template));

  it('with data has it as JSON that no name can end', () => {
    const { html } = pageDocument(template, data);
    const [json = '', ...scripts] = contents(html, 'script');
    assert.equal(scripts.length, 1);
    assert.deepEqual(unpackPage(JSON.parse(json)), { ...data, others: [] });
    assert.equal(html.length - json.length, template.length + "'none'".length - "'self'".length);
  });

  it('with data may connect to nothing', () => {
    const { html, policy } = pageDocument(template, data);
    assert.match(policy, /connect-src 'none'/);
    assert.doesNotMatch(html.slice(0, html.indexOf('<style>')), /connect-src 'self'/);
  });

  it('refuses a template without a policy', () => {
    assert.throws(() => pageDocument(dataPlace), /expected a Content-Security-Policy/);
  });
});

describe('scriptText', () => {
  it('escapes what ends or begins markup, and parses as the same value', () => {
    const text = scriptText(hostile);
    assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
    assert.equal(JSON.parse(text), hostile);
  });
});
