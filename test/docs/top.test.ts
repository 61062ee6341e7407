import assert from 'node:assert/strict';
import { it } from 'node:test';
import { widthOf } from '../../src/layout/width.ts';
import { run } from '../cli/run.ts';
import { serveShop } from '../cli/top/shop.ts';

it('the table that the README shows has no line that a terminal of 80 columns wraps', async (test) => {
  const { kubeconfig } = await serveShop(test);
  const plugin = { isPlugin: true, columns: 80 };
  const { stdout } = await run(['top', 'pods', '-n', 'shop'], { KUBECONFIG: kubeconfig }, plugin);
  for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 80, line);
});
