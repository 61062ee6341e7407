/** Reads the data out of a document as a browser does: it decodes nothing before the end of the script element. */
import assert from 'node:assert/strict';
import type { PageData } from '../../../src/page/data.ts';
import { unpackPage } from '../../../src/page/pack.ts';

export function embedded(html: string): PageData {
  const begin = '<script type="application/json" id="data">';
  const at = html.indexOf(begin);
  assert.ok(at > 0, 'the document has data');
  const text = html.slice(at + begin.length, html.indexOf('</script>', at));
  return unpackPage(JSON.parse(text));
}
