/** `realmem suggest --pods`: the heap flags of the listed pods override those in the histories. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesGolden } from '../../golden.ts';
import { run } from '../run.ts';

const fixtures = new URL('../../../fixtures/', import.meta.url).pathname;
const history = ['--history', `${fixtures}histories/heap-flags.history.json`];
const flags = ['--sort-by', 'name', '--min-confidence', 'low'];

describe('suggest --pods', () => {
  it('keeps each limit above the heap cap that its pods set, and gives the reason', async () => {
    const pods = ['--pods', `${fixtures}pods/heap-flags.json`];
    const { code, stdout, stderr } = await run(['suggest', ...history, ...pods, ...flags, '--why']);
    assert.deepEqual([code, stderr], [0, '']);
    const said = stdout.split('\n').filter((line) => /^shop |heap/.test(line));
    matchesGolden(new URL('goldens/suggest-heap.txt', import.meta.url), `${said.join('\n')}\n`);
  });
});
