/** Expected outputs as files, so that a review shows every change of output. */
import assert from 'node:assert/strict';
import fs from 'node:fs';

/** Compares the output with the file. `npm run goldens` writes the file instead. */
export function matchesGolden(file: URL, actual: string): void {
  if (process.env['UPDATE_GOLDENS'] === '1') {
    fs.writeFileSync(file, actual);
    return;
  }
  assert.ok(fs.existsSync(file), `${file.pathname}: expected a golden file, got none; run npm run goldens`);
  assert.equal(actual, fs.readFileSync(file, 'utf8'));
}
