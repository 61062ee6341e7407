/** The heap that histories take, counted and not timed: a machine that is busy measures the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

/** 6 MB for 5,000 containers. */
const mostBytes = 1_250;

/** The engine compiles code while the histories grow. It does not depend on their number. */
const codeBytes = 300_000;

it('the history of a container takes at most 1,250 bytes after two weeks, where 2.5 replicas share a name', () => {
  const script = new URL('history-bytes.ts', import.meta.url).pathname;
  const args = [script, '150', '60', '14'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const { containers, names, bytes } = JSON.parse(stdout);
  assert.deepEqual([containers, names], [300, 120]);
  assert.ok(bytes > 0 && bytes <= mostBytes + codeBytes / containers, `${bytes} bytes`);
});
