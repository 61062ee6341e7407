import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openNode, type SourceOptions } from '../../src/agent/source.ts';
import { tick } from '../../src/agent/tick.ts';
import { noNames } from '../../src/identify/names-source.ts';
import { InputError, LocatedError } from '../../src/model/located-error.ts';
import type { Sink } from '../../src/model/report.ts';
import { History } from '../../src/usage/history.ts';
import { lay, tempDir } from '../temp.ts';

const kubernetes = new URL('../../fixtures/hosts/kubernetes-v1/root', import.meta.url).pathname;

const podsText = JSON.stringify({
  kind: 'List',
  items: [{ kind: 'Pod', metadata: { name: 'given', namespace: 'shop', uid: 'given-uid' } }],
});
const given = { file: 'pods.json', text: podsText };

/** Opens a node, and closes its host when the test ends. */
function opened(test: TestContext, options: SourceOptions) {
  const node = openNode(options, []);
  test.after(() => node.host.close());
  return node;
}

/** A host without cgroups. */
function bareHost(test: TestContext): string {
  const root = tempDir(test);
  lay(root, { 'proc/meminfo': 'MemTotal: 50 kB\n' });
  return root;
}

describe('openNode', () => {
  it('refuses a root that is missing or a file', (test) => {
    const directory = tempDir(test);
    lay(directory, { file: '' });
    for (const root of ['/nowhere', `${directory}/file`])
      assert.throws(
        () => openNode({ root }, []),
        (error) => error instanceof LocatedError && error.message.includes(root),
      );
  });

  it('refuses a malformed file of pods, and names it', () =>
    assert.throws(
      () => openNode({ root: kubernetes, pods: { file: 'my-pods.json', text: '{' } }, []),
      (error) => error instanceof InputError && /^my-pods\.json/.test(error.message),
    ));

  it('names the node as given, as recorded, or by the directory', (test) => {
    assert.equal(opened(test, { root: kubernetes, node: 'mine' }).about.node, 'mine');
    assert.equal(opened(test, { root: kubernetes }).about.node, 'node-1');
    const root = bareHost(test);
    assert.equal(opened(test, { root }).about.node, path.basename(root));
  });

  it('has a period only if one is given', (test) => {
    const once = opened(test, { root: kubernetes });
    assert.ok(!('periodSeconds' in once.about));
    const periodic = opened(test, { root: kubernetes, periodSeconds: 5 });
    assert.equal(periodic.about.periodSeconds, 5);
  });

  it('continues the given history, and begins a new one for each node otherwise', (test) => {
    const history = new History();
    assert.equal(opened(test, { root: kubernetes, history }).history, history);
    const [a, b] = [opened(test, { root: kubernetes }), opened(test, { root: kubernetes })];
    assert.notEqual(a.history, b.history);
  });

  it('takes pod names from the recording, unless a file of pods is given', (test) => {
    const names = (options: Partial<SourceOptions>): readonly string[] =>
      opened(test, { root: kubernetes, ...options }).names.names.pods.map(({ name }) => name);
    assert.ok(names({}).includes('postgres-0'));
    assert.deepEqual(names({ pods: given }), ['given']);
  });

  it('prefers the given source of names to the file of pods', (test) => {
    const node = openNode({ root: kubernetes, pods: given }, [], noNames());
    test.after(() => node.host.close());
    assert.deepEqual(node.names.names.pods, []);
    assert.equal(node.names.state(0), undefined);
  });

  it('has no names, and no state of them, on a host without a recording', (test) => {
    const { names } = opened(test, { root: bareHost(test) });
    assert.deepEqual(names.names.pods, []);
    assert.equal(names.state(0), undefined);
  });

  it('reads the log directories of the kubelet below the root', (test) => {
    const root = bareHost(test);
    lay(root, { 'var/log/pods/shop_web-1_0123-4567/app/': '' });
    const { names } = opened(test, { root });
    assert.deepEqual(
      names.names.pods.map(({ namespace, name }) => [namespace, name]),
      [['shop', 'web-1']],
    );
  });

  it('passes on sinks and more conditions, and has none by default', async (test) => {
    const sinks: readonly Sink[] = [];
    const condition = { type: 'Odd', status: 'True', reason: 'Test', message: 'odd' } as const;
    const node = openNode({ root: kubernetes }, sinks, undefined, () => [condition]);
    test.after(() => node.host.close());
    assert.equal(node.sinks, sinks);
    const typesOf = async (one: typeof node) =>
      (await tick(one, 0, true)).report?.conditions.map(({ type }) => type);
    const plain = await typesOf(opened(test, { root: kubernetes }));
    assert.deepEqual(
      (await typesOf(node))?.filter((type) => !plain?.includes(type)),
      ['Odd'],
    );
  });
});
