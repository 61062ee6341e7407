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

  it('shows what can still be scheduled with --available, and more columns with -o wide', async (test) => {
    const { kubeconfig } = await serveShop(test);
    for (const [flags, heading] of [
      [['--available'], /NODE .* FREE BY REAL/],
      [['pods', '-o', 'wide', '-n', 'shop'], /^ *POD .* USAGE/m],
    ] as const) {
      const terminal = new FakeTerminal(200, 30);
      const top = start(['top', '-w', ...flags, '--kubeconfig', kubeconfig], env, terminal.io);
      await terminal.screen.shows(heading);
      terminal.press('q');
      assert.equal((await top.ended).code, 0);
    }
    const terminal = new FakeTerminal(200, 30);
    const top = start(['top', '-w', '-o', 'wide', '--root', root], env, terminal.io);
    await terminal.screen.shows(/NAMESPACE .* USAGE .* SHMEM .* KERNEL/);
    terminal.press('q');
    assert.equal((await top.ended).code, 0);
  });

  it('asks the agents of the rows that NAME chooses with --fresh, and says which did not answer', async (test) => {
    const { kubeconfig, asked } = await serveShop(test);
    const agentOf = (node: string): boolean =>
      asked.some((url) => url.startsWith('/api/v1/pods') && url.includes(`spec.nodeName=${node}`));
    for (const [name, isAsked] of [
      ['postgres-0', true],
      ['no-such-pod', false],
    ] as const) {
      const terminal = new FakeTerminal(200, 30);
      const args = ['top', 'pods', name, '-w', '--fresh', '-A', '--kubeconfig', kubeconfig];
      const top = start(args, env, terminal.io);
      await terminal.screen.shows(
        isAsked ? /^Node kubernetes-v1 is not fresh, it shows/m : /^No name contains/m,
      );
      terminal.press('q');
      assert.equal((await top.ended).code, 0);
    }
    assert.ok(agentOf('kubernetes-v1') && !agentOf('kubernetes-v2-systemd'), asked.join(' '));
  });

  it('refuses flags that the live view cannot follow, and -w of a cluster without a terminal', async (test) => {
    const { kubeconfig } = await serveShop(test);
    const cluster = ['--kubeconfig', kubeconfig];
    const terminal = new FakeTerminal(120, 30);
    for (const [flags, io, says] of [
      [
        ['--no-headers', '--root', root],
        terminal.io,
        'error: -w on a terminal needs the headings; omit --no-headers or -w',
      ],
      [
        ['-o', 'json', ...cluster],
        terminal.io,
        'error: -w shows a cluster as a table, not as json; omit -o or -w',
      ],
      [
        cluster,
        {},
        'error: -w of a cluster needs a terminal; omit -w and repeat the command, for example with watch',
      ],
    ] as const) {
      const { code, stdout, stderr } = await start(['top', '-w', ...flags], env, io).ended;
      assert.deepEqual([code, stdout, stderr.split('\n')[0]], [2, '', says]);
    }
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
