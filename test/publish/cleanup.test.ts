import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call, Kube } from '../../src/kube/client.ts';
import { cleanUp } from '../../src/publish/cleanup.ts';

interface Item {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string; readonly uid: string };
}

const pods = '/api/v1/pods';
const reports = '/apis/realmem.dev/v1alpha1/nodememoryreports';
const maps = '/api/v1/namespaces/realmem/configmaps';

/** A fake API server with objects, which refuses calls as a test says. */
function holding(
  items: Record<string, Item[]>,
  refuse: (call: Call) => ApiError | undefined = () => undefined,
) {
  const writes: Call[] = [];
  const kube: Kube = {
    async call(call) {
      const fault = refuse(call);
      if (fault !== undefined) throw fault;
      writes.push(call);
      const name = /\/([^/?]+)(?:\/status)?(?:\?.*)?$/.exec(call.path)?.[1];
      for (const [list, held] of Object.entries(items))
        if (list === pods ? call.path.includes('/pods/') : call.path.startsWith(list))
          items[list] = held.filter(({ metadata }) => metadata.name !== name);
      return undefined;
    },
    async list(call, each) {
      const fault = refuse(call);
      if (fault !== undefined) throw fault;
      const [path = '', query = ''] = call.path.split('?');
      const from = Number(new URLSearchParams(query).get('continue') ?? 0);
      const held = items[path];
      if (held === undefined) throw new ApiError(404, 'NotFound', 'no such resource');
      for (const item of held.slice(from, from + 2)) each(item);
      const more = from + 2 < held.length ? { continue: String(from + 2) } : {};
      return { metadata: more, items: [] };
    },
    async *lines() {},
    close() {},
  };
  return { kube, writes, items };
}

const podOf = (name: string, annotations: Record<string, string> = {}): Item => ({
  metadata: { name, namespace: 'shop', uid: `u-${name}`, annotations },
});
const ours = { 'realmem.dev/memory': 'a', 'realmem.dev/report': '{}', 'realmem.dev/ignore': 'true' };

/** @param waited runs while the clean-up waits for agents to terminate */
async function cleaned(kube: Kube, dryRun = false, waited = (): void => {}) {
  const messages: string[] = [];
  let waits = 0;
  const sleep = async (ms: number): Promise<void> => {
    if (ms < 10_000) return;
    waits++;
    waited();
  };
  const world = { sleep, say: (line: string) => void messages.push(line), random: () => 1 };
  const left = await cleanUp(kube, { namespace: 'realmem', dryRun }, world);
  return { messages, left, waits };
}

const cluster = () => ({
  [pods]: [podOf('a', ours), podOf('b'), podOf('c', { 'realmem.dev/report': '{}' }), podOf('d', ours)],
  [reports]: [{ metadata: { name: 'node-1', uid: 'n1' } }, { metadata: { name: 'node-2', uid: 'n2' } }],
  [maps]: [
    {
      metadata: { name: 'realmem-node-1', uid: 'm1', labels: { 'app.kubernetes.io/managed-by': 'realmem' } },
    },
    { metadata: { name: 'realmem-of-somebody', uid: 'm2' } },
    { metadata: { name: 'other', uid: 'm3', labels: { 'app.kubernetes.io/managed-by': 'realmem' } } },
  ],
});

it('removes everything of realmem over all pages, and nothing else', async () => {
  const { kube, writes } = holding(cluster());
  const { messages, left } = await cleaned(kube);
  assert.deepEqual(left, []);
  assert.deepEqual(messages, [
    'annotations: removed from 3 pods',
    'reports: 2 deleted',
    'config maps: 1 deleted',
  ]);
  const [first] = writes;
  assert.equal(first?.path, '/api/v1/namespaces/shop/pods/a/status?fieldManager=realmem');
  assert.deepEqual(first?.body, {
    metadata: { uid: 'u-a', annotations: { 'realmem.dev/memory': null, 'realmem.dev/report': null } },
  });
  const deleted = writes.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
  assert.deepEqual(deleted, [`${reports}/node-1`, `${reports}/node-2`, `${maps}/realmem-node-1`]);
});

it('with a dry run counts, and writes nothing', async () => {
  const { kube, writes } = holding(cluster());
  const { messages } = await cleaned(kube, true);
  assert.deepEqual([messages[0], writes], ['annotations: would be removed from 3 pods', []]);
});

it('makes another pass after 15 s, and removes what terminating agents wrote meanwhile', async () => {
  const { kube, items } = holding(cluster());
  let late = 1;
  const { messages, left, waits } = await cleaned(kube, false, () => {
    if (late-- <= 0) return;
    items[pods]?.push(podOf('late', ours));
    items[reports]?.push({ metadata: { name: 'node-1', uid: 'n3' } });
  });
  assert.deepEqual(left, []);
  assert.deepEqual(messages, [
    'annotations: removed from 4 pods',
    'reports: 3 deleted',
    'config maps: 1 deleted',
  ]);
  // An agent wrote during the wait, so the clean-up waited again.
  assert.equal(waits, 2);
  assert.equal((await cleaned(holding(cluster()).kube)).waits, 1);
});

it('makes no other pass if it removed nothing, or if the API server refused everything', async () => {
  const nothing = holding({ [pods]: [podOf('b')], [reports]: [], [maps]: [] });
  assert.equal((await cleaned(nothing.kube)).waits, 0);
  const no = holding({ [pods]: [podOf('a', ours)] }, ({ method }) =>
    method === 'PATCH' ? new ApiError(403, 'Forbidden', 'no') : undefined,
  );
  const { left, waits } = await cleaned(no.kube);
  assert.deepEqual([left, waits], [['annotations: a: no'], 0]);
});

it('gives up after five passes if an agent keeps writing', async () => {
  const { kube, items } = holding(cluster());
  const { waits, messages, left } = await cleaned(kube, false, () => items[pods]?.push(podOf('again', ours)));
  assert.deepEqual([waits, messages[0]], [4, 'annotations: removed from 7 pods']);
  assert.deepEqual(left, ['an agent still runs and writes again; stop all agents, then retry']);
});

it('removes no reports if the CRD is missing', async () => {
  const { [reports]: _, ...rest } = cluster();
  const { left, messages } = await cleaned(holding(rest).kube);
  assert.deepEqual([left, messages[1]], [[], 'reports: 0 deleted']);
});

it('reports what it has no right to remove, and removes the rest', async () => {
  const { kube } = holding(cluster(), ({ path, method }) =>
    method === 'PATCH' && path.includes('/pods/c/')
      ? new ApiError(403, 'Forbidden', 'not this one')
      : undefined,
  );
  const { left, messages } = await cleaned(kube);
  assert.deepEqual(left, ['annotations: c: not this one']);
  assert.deepEqual(messages, [
    'annotations: removed from 2 pods',
    'reports: 2 deleted',
    'config maps: 1 deleted',
  ]);
});

it('counts a pod that is gone as done, and retries after server errors', async () => {
  let troubles = 2;
  const held = cluster();
  const { kube } = holding(held, ({ path, method }) => {
    if (method === 'PATCH' && path.includes('/pods/a/')) {
      held[pods] = held[pods].filter(({ metadata }) => metadata.name !== 'a');
      return new ApiError(404, 'NotFound', 'gone');
    }
    if (method === 'PATCH' && path.includes('/pods/d/') && troubles-- > 0)
      return new ApiError(503, 'Busy', 'later');
    return undefined;
  });
  assert.deepEqual((await cleaned(kube)).left, []);
});

it('fails if the API server does not answer', async () => {
  const { kube } = holding({}, () => new ApiError(0, 'ECONNREFUSED', 'nobody'));
  await assert.rejects(cleaned(kube), /nobody/);
});

it('names an object that is too large to check, and removes the others', async () => {
  const { kube } = holding(cluster());
  const listing: Kube = {
    ...kube,
    list(call, each, unread) {
      if (call.path.startsWith(pods)) {
        const metadata = { namespace: 'tenant', name: 'fat' };
        unread?.large?.({ metadata, why: '3000000 bytes (at most 2097152)' });
      }
      return kube.list(call, each, unread);
    },
  };
  const { left, messages } = await cleaned(listing);
  assert.equal(messages[0], 'annotations: removed from 3 pods');
  assert.deepEqual(
    [...new Set(left)],
    ['annotations: tenant/fat: cannot read its metadata: 3000000 bytes (at most 2097152)'],
  );
});
