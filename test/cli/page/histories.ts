/** A history of three days of one workload. */
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { tempDir } from '../../temp.ts';
import { day, monday, play } from '../../usage/made/played.ts';

/** @returns its directory */
export function historiesOf(test: TestContext, workload: string): string {
  const directory = tempDir(test);
  const containers = [{ pod: 'cart-1', workload, real: () => 100, request: 512, limit: 512 }];
  const kept = play(containers, { days: 3, stepSeconds: 900 }).kept();
  const at = monday + 3 * day;
  fs.writeFileSync(path.join(directory, 'n.history.json'), encodeCheckpoint({ node: 'n', at, ...kept }));
  return directory;
}
