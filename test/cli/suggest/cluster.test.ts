/** `realmem suggest` for a cluster: the whole command against an API server on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { encodeCheckpoint } from '../../../src/checkpoint/write.ts';
import { historyMapOf } from '../../../src/publish/history-map.ts';
import { packed } from '../../checkpoint/packed.ts';
import { tempDir } from '../../temp.ts';
import { play } from '../../usage/made/played.ts';
import { embedded } from '../page/embedded.ts';
import { run } from '../run.ts';

const days = 2;
const kept = play([{ pod: 'cart-1', real: () => 100, request: 512, limit: 512 }], {
  days,
  stepSeconds: 900,
}).kept();

/** The history of a node with all times shifted, as if it were written now. */
function mapOf(node: string): unknown {
  const written = encodeCheckpoint({ node, at: 20_003 * 86_400 + days * 86_400, ...kept });
  const shift = Math.round(Date.now() / 1000) - (20_003 + days) * 86_400;
  const text = written.replaceAll(/\b17\d{8}\b/g, (time) => String(Number(time) + shift));
  return historyMapOf(node, packed(text), Date.now());
}

const resources = { requests: { memory: '512Mi' }, limits: { memory: '512Mi' } };
const spec = { containers: [{ name: 'web', resources }] };

const podOf = (name: string): unknown => ({
  metadata: {
    ...{ namespace: 'shop', name, labels: { 'pod-template-hash': 'abc' } },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-abc', controller: true }],
  },
  spec,
  status: { qosClass: 'Burstable' },
});

const cart = { metadata: { namespace: 'shop', name: 'cart' }, spec: { template: { spec } } };

/** @param pods all of the cluster; undefined: the API server refuses to list them */
async function server(
  test: TestContext,
  maps: readonly unknown[],
  pods: readonly unknown[] | undefined,
  { minor = '34', owner = cart }: { readonly minor?: string; readonly owner?: object | 'gone' } = {},
) {
  const paths: string[] = [];
  const api = http.createServer((request, response) => {
    const asked = decodeURIComponent(request.url ?? '');
    paths.push(asked);
    const isOwner = asked.includes('/deployments/');
    const items = asked.includes('/configmaps') ? maps : pods;
    const there = owner === 'gone' ? undefined : owner;
    const found = asked === '/version' ? { major: '1', minor } : isOwner ? there : items;
    response.statusCode = found === undefined ? (isOwner ? 404 : 403) : 200;
    response.end(JSON.stringify(found === items ? { kind: 'List', metadata: {}, items } : found));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  test.after(() => {
    api.closeAllConnections();
    api.close();
  });
  const { port } = api.address() as AddressInfo;
  const kubeconfig = path.join(tempDir(test), 'config');
  fs.writeFileSync(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
      clusters: [
        { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return { kubeconfig, paths };
}

describe('realmem suggest of a cluster', () => {
  it('ignores -n when -A is given, as kubectl does, for the pods of --in-place too', async (test) => {
    const { kubeconfig, paths } = await server(test, [mapOf('node-1')], [podOf('cart-abc-1')]);
    const flags = ['-A', '-n', 'elsewhere', '-o', 'patch', '--in-place', '--kubeconfig', kubeconfig];
    const { code, stdout, stderr } = await run(['suggest', ...flags]);
    assert.deepEqual([code, stderr], [0, ''], 'prints progress only to a terminal');
    assert.match(stdout, /^kubectl -n shop patch pod cart-abc-1 --subresource resize/m);
    assert.deepEqual(
      paths.filter((asked) => asked.includes('namespaces/elsewhere')),
      [],
    );
  });

  it('keeps a limit above the heap cap that the listed pods set, with --in-place', async (test) => {
    const java = { ...spec.containers[0], command: ['java', '-Xmx200m', '-jar', 'a.jar'] };
    const pod = { ...(podOf('cart-abc-1') as object), spec: { containers: [java] } };
    const { kubeconfig } = await server(test, [mapOf('node-1')], [pod]);
    const flags = ['-o', 'patch', '--in-place', '--kubeconfig', kubeconfig];
    const { stdout } = await run(['suggest', ...flags]);
    assert.match(stdout, /^# .*-Xmx200m lets the heap of this JVM grow to 200Mi/m);
    assert.match(stdout, /^kubectl .*"limits":\{"memory":"250Mi"\}/m);
  });

  it('comments a patch out when the API knows no pod on the only node that reports the workload', async (test) => {
    const { kubeconfig, paths } = await server(test, [mapOf('node-1')], []);
    const { code, stdout } = await run(['suggest', '-o', 'patch', '--kubeconfig', kubeconfig]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^# Review before you run this: only node-1 reports this workload, and the API knows no pod of it there\.\n# .*\n# kubectl -n shop patch deployment cart/m,
    );
    assert.ok(paths.some((asked) => asked.startsWith('/api/v1/pods?fieldSelector=spec.nodeName=node-1')));
  });

  it('prints no command that lowers a limit in place for an API server before 1.34', async (test) => {
    const { kubeconfig } = await server(test, [mapOf('node-1')], [podOf('cart-abc-1')], { minor: '33+' });
    const flags = ['-o', 'patch', '--in-place', '--kubeconfig', kubeconfig];
    const { stdout } = await run(['suggest', ...flags]);
    assert.match(stdout, /^# shop\/cart-abc-1: the limit of web stays at 512Mi: before Kubernetes 1\.34/m);
    assert.doesNotMatch(stdout, /^kubectl/m);
  });

  it('prints no patch for a container missing from the current template, nor for a missing owner', async (test) => {
    const other = { containers: [{ name: 'other' }] };
    const owner = { ...cart, spec: { template: { spec: other } } };
    const pods = [podOf('cart-abc-1')];
    const changed = await server(test, [mapOf('node-1')], pods, { owner });
    const { stdout } = await run(['suggest', '-o', 'patch', '--kubeconfig', changed.kubeconfig]);
    assert.doesNotMatch(stdout, /^kubectl/m);
    assert.match(stdout, /^# web: it is not in the template/m);
    const gone = await server(test, [mapOf('node-1')], pods, { owner: 'gone' });
    const after = await run(['suggest', '-o', 'patch', '--kubeconfig', gone.kubeconfig]);
    assert.match(after.stdout, /^# shop\/Deployment\/cart: no command/m);
  });

  it('writes a page and Markdown with the name of the cluster, and the same commands as -o patch', async (test) => {
    const { kubeconfig } = await server(test, [mapOf('node-1')], [podOf('cart-abc-1')]);
    const suggest = async (form: string): Promise<string> =>
      (await run(['suggest', '-o', form, '--kubeconfig', kubeconfig])).stdout;
    const patch = await suggest('patch');
    const [command = 'none'] = /^kubectl .*$/m.exec(patch) ?? [];
    const page = embedded(await suggest('html'));
    assert.deepEqual([page.scope, page.name], ['cluster', 'x']);
    assert.ok(page.patches?.[0]?.command.includes(command), JSON.stringify(page.patches));
    assert.ok((await suggest('markdown')).includes(`\n${command}\n`));
  });

  it('writes a page of the cluster also before there is a history', async (test) => {
    const { kubeconfig } = await server(test, [], []);
    const { stdout } = await run(['suggest', '-o', 'html', '--kubeconfig', kubeconfig]);
    const { scope, name, notes } = embedded(stdout);
    assert.deepEqual([scope, name], ['cluster', 'x']);
    assert.match(notes?.join() ?? '', /^No history: /);
  });

  it('asks the API for owners and its version when a file provides the pods', async (test) => {
    const file = path.join(tempDir(test), 'pods.json');
    fs.writeFileSync(file, JSON.stringify({ kind: 'List', items: [podOf('cart-abc-1')] }));
    const other = { ...cart, spec: { template: { spec: { containers: [{ name: 'other' }] } } } };
    const { kubeconfig } = await server(test, [mapOf('node-1')], [podOf('cart-abc-1')], { owner: other });
    const flags = ['-o', 'patch', '--kubeconfig', kubeconfig, '--pods', file];
    const owners = await run(['suggest', ...flags]);
    assert.match(owners.stdout, /^# web: it is not in the template/m);
    const pods = await run(['suggest', ...flags, '--in-place']);
    assert.match(pods.stdout, /^kubectl -n shop patch pod cart-abc-1 .*"limits"/m);
  });

  it('counts replicas as each node reports them when the API refuses to list pods, and says so', async (test) => {
    const { kubeconfig } = await server(test, [mapOf('node-1')], undefined);
    const { code, stdout, stderr } = await run(['suggest', '-o', 'patch', '--kubeconfig', kubeconfig]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^The API server refuses to list pods \(403\)/);
    assert.match(stdout, /^kubectl -n shop patch deployment cart/m);
  });
});
