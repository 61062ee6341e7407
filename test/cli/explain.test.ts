import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { run } from './run.ts';

const rootOf = (host: string): string =>
  new URL(`../../fixtures/hosts/${host}/root`, import.meta.url).pathname;
const docker = ['--root', rootOf('docker-v1')];
const kubernetes = ['--root', rootOf('kubernetes-v1')];

describe('realmem explain', () => {
  it('prints the golden explanation of one container', async () => {
    const { code, stdout } = await run(['explain', '7c1e', ...docker]);
    assert.equal(code, 0);
    const golden = new URL('../../fixtures/hosts/docker-v1/explain.txt', import.meta.url);
    assert.equal(stdout, fs.readFileSync(golden, 'utf8'));
  });

  it('prints every tool with --all', async () => {
    const { stdout } = await run(['explain', '7c1e', '--all', ...docker]);
    const golden = new URL('../../fixtures/hosts/docker-v1/explain-all.txt', import.meta.url);
    assert.equal(stdout, fs.readFileSync(golden, 'utf8'));
  });

  it('finds a container by the name of its workload', async () => {
    const { code, stdout } = await run(['explain', 'cart', ...kubernetes]);
    assert.equal(code, 0);
    assert.match(stdout, /^shop\/cart-6d5f8c7b9d-x2x1z\/cart\s/);
  });

  it('prints a list of tools with -o json', async () => {
    const { stdout } = await run(['explain', '-n', 'data', 'postgres-0', '-o', 'json', ...kubernetes]);
    const rows = JSON.parse(stdout) as readonly { readonly tool: string; readonly bytes?: number }[];
    assert.equal(rows[0]?.tool, 'realmem');
    assert.ok(rows.length > 30);
  });

  it('explains a cgroup of this machine', async (test) => {
    const top = JSON.parse((await run(['top', '-o', 'json'])).stdout) as { others: { cgroup: string }[] };
    const cgroup = top.others[0]?.cgroup;
    if (cgroup === undefined) return test.skip('there are no cgroups');
    const { code, stdout } = await run(['explain', cgroup, '-o', 'wide']);
    assert.equal(code, 0);
    assert.match(stdout, /^kubectl top/m);
  });

  for (const [args, says] of [
    [[], /TARGET is required: the name of a container, pod or workload, namespace\/pod\/container/],
    [['ffff'], /^error: ffff: expected the name of a pod, workload, container or service, or the beginning/],
    [['crat'], /^error: crat: .*got none; did you mean shop\/cart, cart\?/],
    [['deployment/cart'], /got 2; choose one of shop\/cart-6d5f8c7b9d-x2x1z\//],
    [['shop/cart-6d5f8c7b9d-x2x1z'], /expected one container, got 2; choose one of/],
    [['/nowhere'], /^error: \/nowhere: expected a cgroup, got none/],
    [['a', 'b'], /unexpected argument: "b"/],
  ] as const)
    it(`exits with 2 and a reason on ${JSON.stringify(args)}`, async () => {
      const { code, stderr } = await run(['explain', ...args, ...kubernetes]);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
});

describe('realmem ps', () => {
  it('prints the processes of one container', async () => {
    const { code, stdout } = await run(['ps', '7c1e', ...docker]);
    assert.equal(code, 0);
    assert.match(stdout, /^7665 .* server$/m);
  });

  it('exits with 3 on a recording without processes', async () => {
    const { code, stderr } = await run(['ps', 'data/postgres-0', ...kubernetes]);
    assert.equal(code, 3);
    assert.match(stderr, /got a recording without processes$/m);
  });
});

describe('realmem free', () => {
  it('prints the source of each figure with --why and -o wide', async () => {
    for (const how of [['--why'], ['-o', 'wide']]) {
      const { stdout } = await run(['free', ...how, '--root', rootOf('article')]);
      assert.match(stdout, /^used +213853512 +total − free = 264420684 − 50567172$/m);
    }
  });
});
