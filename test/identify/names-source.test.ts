/** The sources of pod names and their priority. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { readGiven } from '../../src/edges/given-file.ts';
import { Names } from '../../src/identify/names.ts';
import {
  type NameSource,
  namesFromCluster,
  namesFromFile,
  noNames,
  podsLimit,
  withPodLogs,
} from '../../src/identify/names-source.ts';
import { ApiFailures } from '../../src/kube/api-failures.ts';
import type { Pod } from '../../src/model/pod.ts';
import { hostile } from '../kube/limits/hostile-server.ts';
import { lay, tempDir } from '../temp.ts';

const UID = '8712f785-1a3e-41ec-a00b-e2dcc77431cb';
const HASH = '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1';
const podOf = (more: Partial<Pod> = {}): Pod => ({
  uid: UID,
  namespace: 'shop',
  name: 'cart',
  labels: {},
  containers: [],
  ...more,
});

function logsAt(test: TestContext, ...directories: readonly string[]): string {
  const root = tempDir(test);
  lay(root, Object.fromEntries(directories.map((one) => [`var/log/pods/${one}/app/0.log`, ''])));
  return root;
}

/** A source whose `outOfStep` the test controls. */
function sourceOf(pods: readonly Pod[]): NameSource & { names: Names; outOfStep: string | undefined } {
  return {
    names: new Names(pods),
    outOfStep: 'since the start: no answer yet',
    state() {
      return { source: 'x', faults: [], ...(this.outOfStep !== undefined && { outOfStep: this.outOfStep }) };
    },
    close: () => {},
  };
}

describe('withPodLogs', () => {
  it('returns the names of its source when there are no log directories', (test) => {
    const source = noNames();
    const names = withPodLogs(source, tempDir(test), () => 0);
    assert.equal(names.names, source.names);
    assert.deepEqual([names.state(0), names.logs], [undefined, undefined]);
  });

  it('names pods by their log directories when there is no other source', (test) => {
    const { names } = withPodLogs(noNames(), logsAt(test, `shop_cart_${UID}`), () => 0);
    assert.deepEqual([names.pod(UID)?.name, names.pod(UID)?.from], ['cart', 'logs']);
  });

  it('uses log directories until the API answers', (test) => {
    const source = sourceOf([]);
    const names = withPodLogs(source, logsAt(test, `shop_cart_${UID}`), () => 0);
    assert.equal(names.names.pod(UID)?.from, 'logs');
    assert.notEqual(names.logs, undefined);
    source.names = new Names([podOf({ name: 'from-the-api' })]);
    source.outOfStep = undefined;
    assert.equal(names.names, source.names);
    assert.equal(names.logs, undefined);
  });

  it('uses log directories only for pods that the API did not report before it became unreachable', (test) => {
    const source = sourceOf([
      podOf({ name: 'known' }),
      podOf({ uid: 'mirror', name: 'etcd', configHash: HASH }),
    ]);
    const root = logsAt(test, `shop_cart_${UID}`, `kube-system_etcd-old_${HASH}`, 'shop_new_new-uid');
    const { names } = withPodLogs(source, root, () => 0);
    assert.deepEqual(
      [UID, HASH, 'new-uid'].map((uid) => [names.pod(uid)?.name, names.pod(uid)?.from]),
      [
        ['known', undefined],
        ['etcd', undefined],
        ['new', 'logs'],
      ],
    );
  });

  it('does not use log directories with a file of pods', (test) => {
    const file = namesFromFile({ file: 'pods.json', text: '{"items":[]}' });
    const names = withPodLogs(file, logsAt(test, `shop_cart_${UID}`), () => 0);
    assert.equal(names.names, file.names);
  });

  it('rereads log directories after 10 s, and returns the same object for the same names', (test) => {
    let at = 0;
    const root = logsAt(test, `shop_cart_${UID}`);
    const names = withPodLogs(noNames(), root, () => at);
    const first = names.names;
    lay(root, { 'var/log/pods/shop_new_new-uid/app/0.log': '' });
    at = 9_999;
    assert.equal(names.names, first);
    at = 10_000;
    assert.equal(names.names.pod('new-uid')?.name, 'new');
    const second = names.names;
    at = 20_000;
    assert.equal(names.names, second);
  });
});

it('namesFromFile reports two mirrors of one static pod', () => {
  const mirror = (name: string) => ({
    metadata: {
      uid: name,
      namespace: 'n',
      name,
      annotations: { 'kubernetes.io/config.hash': HASH, 'kubernetes.io/config.mirror': HASH },
    },
  });
  const text = JSON.stringify({ items: [mirror('a'), mirror('b')] });
  const { faults } = namesFromFile({ file: 'pods.json', text }).state(0) ?? {};
  assert.deepEqual(faults, [`n/a and n/b both claim to be the static pod ${HASH}`]);
});

it('namesFromCluster keeps the listed names when the watch fails with HTTP 101, logs the failure and counts it', async (test) => {
  const metadata = { uid: UID, namespace: 'shop', name: 'cart' };
  const list = JSON.stringify({ metadata: { resourceVersion: '1' }, items: [{ metadata }] });
  const { kube } = await hostile(test, (socket, request) =>
    request.includes('watch=1')
      ? socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
      : socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${list.length}\r\n\r\n${list}`),
  );
  const failures = new ApiFailures();
  const said = Promise.withResolvers<string>();
  const names = await namesFromCluster(kube, 'node-1', failures, said.resolve, () => 0);
  assert.match(
    await said.promise,
    /^cannot watch this node's pods, retrying: \/api\/v1\/pods: HTTP 101: the server/,
  );
  assert.equal(names.names.pod(UID)?.name, 'cart');
  assert.match(names.state(0)?.outOfStep ?? '', /HTTP 101/);
  names.close();
  assert.deepEqual(failures.all, [{ call: 'watch', reason: 'Unexpected', count: 1 }]);
});

describe('namesFromFile', () => {
  it('reads UTF-16, as PowerShell writes the output of kubectl', () => {
    const file = new URL('../../fixtures/pods/utf16.json', import.meta.url).pathname;
    const source = namesFromFile({ file, text: readGiven(file, podsLimit) });
    assert.deepEqual(
      source.names.pods.map(({ namespace, name }) => `${namespace}/${name}`),
      ['shop/web-6d4f8b7c9-abcde'],
    );
  });

  it('refuses a file that is not a list of pods in one line below 250 characters', () => {
    for (const text of [
      '\0\u001b'.repeat(10_000),
      `"${'x'.repeat(10_000)}"`,
      `a: *${'b'.repeat(10_000)}`,
      `{${'"a'.repeat(10_000)}`,
    ])
      assert.throws(
        () => namesFromFile({ file: 'pods', text }),
        ({ message }: Error) => message.length < 250 && !/\p{Cc}/u.test(message),
      );
  });
});
