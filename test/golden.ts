/** Expected outputs kept as files, so that a change of them is read in review. */
import assert from 'node:assert/strict';
import fs from 'node:fs';

/** Compares with the file; `npm run goldens` writes it instead. */
export function matchesGolden(file: URL, actual: string): void {
  if (process.env['UPDATE_GOLDENS'] === '1') {
    fs.writeFileSync(file, actual);
    return;
  }
  assert.ok(fs.existsSync(file), `${file.pathname} is missing: npm run goldens writes it`);
  assert.equal(actual, fs.readFileSync(file, 'utf8'));
}
