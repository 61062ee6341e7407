/** Screenshots as goldens. Another version of Chromium draws edges of letters a little differently, so some pixels may differ. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const directory = path.join(import.meta.dirname, 'goldens');
/** Of all pixels. A row that moves, or a colour that changes, is more. */
const mostDifferent = 0.005;

/** @param failures where a screenshot that differs goes, with a picture of the difference */
export function matchesScreenshot(name: string, screenshot: Uint8Array, failures: string): void {
  const file = path.join(directory, `${name}.png`);
  if (process.env['UPDATE_GOLDENS'] === '1') {
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(file, screenshot);
    return;
  }
  assert.ok(
    fs.existsSync(file),
    `${file}: expected a golden file, got none; run UPDATE_GOLDENS=1 npm run test:browser`,
  );
  const [expected, actual] = [PNG.sync.read(fs.readFileSync(file)), PNG.sync.read(Buffer.from(screenshot))];
  const { width, height } = expected;
  assert.deepEqual([actual.width, actual.height], [width, height], `${name}: size`);
  const difference = new PNG({ width, height });
  const count = pixelmatch(expected.data, actual.data, difference.data, width, height, { threshold: 0.2 });
  if (count <= mostDifferent * width * height) return;
  fs.mkdirSync(failures, { recursive: true });
  fs.writeFileSync(path.join(failures, `${name}.png`), screenshot);
  fs.writeFileSync(path.join(failures, `${name}-difference.png`), PNG.sync.write(difference));
  const share = ((100 * count) / (width * height)).toFixed(2);
  assert.fail(
    `${name}: ${share} % of the pixels differ, at most ${100 * mostDifferent} % may; see ${failures}/${name}-difference.png. If the change is wanted: UPDATE_GOLDENS=1 npm run test:browser`,
  );
}
