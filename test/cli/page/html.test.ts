/** `-o html` of `top` and `suggest`: one file, with everything in it and nothing executable from outside. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from '../run.ts';
import { serveShop, shopLists } from '../top/shop.ts';
import { embedded } from './embedded.ts';
import { historiesOf } from './histories.ts';

const root = new URL('../../../fixtures/hosts/kubernetes-v2-systemd/root', import.meta.url).pathname;
const hostile = '</script><img src=x onerror=alert(1)>\u2028"\'`<!--\u202e';

/** The text outside the data: markup that the page's author wrote. */
const markup = (html: string): string => html.replace(/<script type="application\/json".*?<\/script>/s, '');

describe('top -o html', () => {
  it('writes a recording with its time, all pods and services', async () => {
    const { code, stdout, stderr } = await run(['top', '--root', root, '-o', 'html']);
    assert.deepEqual([code, stderr], [0, '']);
    const page = embedded(stdout);
    assert.deepEqual([page.scope, page.at], ['recording', Date.parse('2026-11-26T00:27:00Z')]);
    assert.ok(page.pods.some(({ namespace, name }) => namespace === 'shop' && name === 'reader'));
    assert.match(stdout, /connect-src 'none'/);
  });

  it('writes the pods of one namespace', async () => {
    const { stdout } = await run(['top', '--root', root, '-n', 'none-here', '-o', 'html']);
    assert.deepEqual(embedded(stdout).pods, []);
  });

  it('writes a cluster, with notes on what the user may not read, and what the reports suggest', async (test) => {
    const { kubeconfig } = await serveShop(test);
    const { code, stdout } = await run(
      ['top', '-o', 'html', '--kubeconfig', kubeconfig],
      {},
      { isPlugin: true },
    );
    assert.equal(code, 0);
    const page = embedded(stdout);
    assert.deepEqual([page.scope, page.name, page.nodes.length], ['cluster', 'shop', 3]);
    assert.deepEqual(page.missing, ['node-without-report']);
    assert.ok((page.suggestions ?? []).length > 0, 'the reports suggest values');
  });

  it('keeps a hostile name inside the data', async (test) => {
    const lists = shopLists();
    const [path = ''] = Object.keys(lists);
    const [busy, ...others] = lists[path] as readonly { readonly pods: readonly object[] }[];
    const pods = busy?.pods.map((pod) => ({ ...pod, name: hostile, workload: `Deployment/${hostile}` }));
    const { kubeconfig } = await serveShop(test, { ...lists, [path]: [{ ...busy, pods }, ...others] });
    const { stdout } = await run(['top', '-o', 'html', '--kubeconfig', kubeconfig]);
    assert.ok(embedded(stdout).pods.some(({ name }) => name === hostile));
    assert.ok(!markup(stdout).includes('onerror'));
    assert.ok(!/[\u2028\u2029]/.test(stdout));
  });

  for (const [args, says] of [
    [['pods', 'reader'], /-o html writes all rows once: omit "reader"/],
    [['-w'], /-o html writes all rows once: omit --watch/],
  ] as const)
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stderr } = await run(['top', ...args, '--root', root, '-o', 'html']);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
});

describe('suggest -o html', () => {
  it('writes suggestions with reasons, daily peaks, the commands of -o patch and how old the history is', async (test) => {
    const history = historiesOf(test, 'Deployment/cart');
    const { code, stdout, stderr } = await run(['suggest', '--history', history, '-o', 'html']);
    assert.deepEqual([code, stderr], [0, '']);
    const { suggestions = [], patches = [], notes = [], pods } = embedded(stdout);
    assert.deepEqual(pods, []);
    const [cart] = suggestions;
    assert.deepEqual(
      [cart?.workload, cart?.requestNow, cart?.replicas],
      ['Deployment/cart', 512 * 2 ** 20, 1],
    );
    assert.ok((cart?.frees ?? 0) > 0 && (cart?.because.length ?? 0) > 0);
    assert.equal(cart?.history?.peaks.length, 3);
    // A peak is known to a bucket of its histogram.
    for (const peak of cart.history.peaks)
      assert.ok(Math.abs((peak ?? 0) / (100 * 2 ** 20) - 1) < 0.02, String(peak));
    const patch = (await run(['suggest', '--history', history, '-o', 'patch'])).stdout;
    assert.equal(patches.length, 1);
    assert.ok(patch.endsWith(patches[0]?.command ?? 'none'));
    assert.match(notes.join('\n'), /^From the history of one node, written /m);
  });

  it('says why there is no suggestion', async (test) => {
    const { stdout } = await run([
      'suggest',
      'api',
      '--history',
      historiesOf(test, 'Deployment/cart'),
      '-o',
      'html',
    ]);
    assert.match(
      embedded(stdout).notes?.[0] ?? '',
      /^No history for api\. Known workloads: deployment\/cart/,
    );
  });

  it('keeps a hostile workload inside the data, without a command for it', async (test) => {
    const history = historiesOf(test, `Deployment/${hostile}`);
    const { stdout } = await run(['suggest', '--history', history, '-o', 'html']);
    assert.equal(embedded(stdout).suggestions?.[0]?.workload, `Deployment/${hostile}`);
    assert.ok(!markup(stdout).includes('onerror'));
    assert.match(
      embedded(stdout).patches?.[0]?.command ?? '',
      /^# .*no command, because Kubernetes does not allow/m,
    );
  });
});
