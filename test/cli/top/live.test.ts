/** `top -w` on a terminal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeTerminal } from '../../live/fake-terminal.ts';
import { start } from '../run.ts';
import { serveShop } from './shop.ts';

const root = new URL('../../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;
const env = { LANG: 'C.UTF-8', NO_COLOR: '1' };

describe('top -w on a terminal', () => {
  it('shows a host live, with the flags of top, and ends with q', async () => {
    const terminal = new FakeTerminal(80, 24);
    const top = start(['top', 'pods', '-w', '--sort-by', 'name', '--root', root], env, terminal.io);
    await terminal.screen.shows(/^5 pods {3}sort name[\s\S]*fixed-node-2/m);
    terminal.press('q');
    assert.deepEqual(await top.ended, { code: 0, stdout: '', stderr: '' });
  });

  it('shows the pods of one namespace, and NAME as a filter that Esc clears', async () => {
    const terminal = new FakeTerminal(80, 24);
    const top = start(['top', 'pods', 'kinds', '-w', '-n', 'shop', '--root', root], env, terminal.io);
    await terminal.screen.shows(/^1 of 5 pods {3}filter kinds/m);
    terminal.press('escape');
    await terminal.screen.shows(/^5 pods/m);
    top.kill('SIGTERM');
    assert.equal((await top.ended).code, 0);
  });

  it('shows a cluster live, from its nodes down to a container', async (test) => {
    const { kubeconfig } = await serveShop(test);
    const terminal = new FakeTerminal(120, 30);
    const top = start(['top', 'nodes', '-w', '--kubeconfig', kubeconfig], env, terminal.io);
    await terminal.screen.shows(
      /^CLUSTER 3 nodes[\s\S]*^3 nodes[\s\S]*^STALE [\s\S]*^MISSING node-without-report/m,
    );
    terminal.press('return', 'return', 'return');
    await terminal.screen.shows(/^REAL .*\n[\s\S]*kubectl top|trend/m);
    terminal.press('q');
    assert.equal((await top.ended).code, 0);
  });

  it('fails in the words of kubectl when the cluster cannot be read', async (test) => {
    const { kubeconfig } = await serveShop(test, { '/apis/realmem.dev/v1alpha1/nodememoryreports': 403 });
    const terminal = new FakeTerminal(120, 30);
    const top = start(['top', '-w', '-A', '--kubeconfig', kubeconfig], env, terminal.io);
    const { code, stderr } = await top.ended;
    assert.equal(code, 3);
    assert.match(stderr, /is forbidden/);
  });
});
