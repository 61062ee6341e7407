import assert from 'node:assert/strict';
import fs from 'node:fs';
import { it } from 'node:test';

const read = (file: string): string => fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

it('the README shows rows that realmem suggest prints', () => {
  const printed = read('test/cli/suggest/goldens/suggest-table.txt').split('\n');
  const [, shown = ''] = /^\$ kubectl realmem suggest\n([\s\S]*?)^…/m.exec(read('README.md')) ?? [];
  const rows = shown.trimEnd().split('\n');
  assert.equal(rows.length, 4);
  for (const row of rows) assert.ok(printed.includes(row), row);
});
