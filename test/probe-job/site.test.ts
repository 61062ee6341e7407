/** What a probe takes from an agent and its pod. The API server, the port-forward and the agent are real HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { readSite } from '../../src/probe-job/site.ts';
import { clusterWithAgents } from '../cluster-view/made/agents-api.ts';
import { id, site, target } from './made.ts';

const agent = { namespace: 'realmem', name: 'realmem-node-1', node: 'node-1', port: 9644 };
const cgroups = { name: 'cgroup', hostPath: { path: '/sys/fs/cgroup' } };
const container = { name: 'agent', image: site.image, imagePullPolicy: 'IfNotPresent' };
const usual = { containers: [container], imagePullSecrets: [{ name: 'registry' }], volumes: [cgroups] };

/** @param spec of the agent's pod @param directory that the agent names */
async function read(test: TestContext, spec: object = usual, directory: string | undefined = site.directory) {
  const asked: (string | undefined)[] = [];
  const explanation = {
    ...{ name: 'shop/cart-1/cart', cgroup: '/kubepods/x', directory, where: 'cgroup v2' },
    ...{ usage: {}, lru: 'classic', parts: [], tools: [], faults: [] },
  };
  const program = http.createServer((request, response) => {
    asked.push(request.url);
    response.end(JSON.stringify(explanation));
  });
  await once(program.listen(0, '127.0.0.1'), 'listening');
  test.after(() => void program.close());
  const { kube } = await clusterWithAgents(
    test,
    { 'node-1': (program.address() as AddressInfo).port },
    { '/api/v1/namespaces/realmem/pods/realmem-node-1': JSON.stringify({ spec }) },
  );
  return { site: await readSite(kube, agent, target, {}), asked };
}

describe('the site of a probe', () => {
  it('has the image and the secrets of the agent, and the directory of the container', async (test) => {
    const found = await read(test);
    assert.deepEqual(found.site, site);
    assert.deepEqual(found.asked, ['/explain/shop/cart-1/cart.json']);
  });

  it('has the image of the container "agent", not of one beside it', async (test) => {
    const proxy = { name: 'proxy', image: 'other' };
    assert.equal((await read(test, { ...usual, containers: [proxy, container] })).site.image, site.image);
  });

  it('has no pull policy and no secrets where the agent has none', async (test) => {
    const spec = { containers: [{ name: 'agent', image: site.image }], volumes: [cgroups] };
    const { pullPolicy: _, ...others } = site;
    assert.deepEqual((await read(test, spec)).site, { ...others, pullSecrets: [] });
  });

  for (const [what, spec, says] of [
    [
      'no container "agent"',
      { ...usual, containers: [{ ...container, name: 'web' }] },
      /"agent" with an image/,
    ],
    ['no image', { ...usual, containers: [{ name: 'agent' }] }, /"agent" with an image, got another$/],
    [
      'no volume',
      { ...usual, volumes: [] },
      /which has the volume \/sys\/fs\/cgroup of its node, got a pod without/,
    ],
    [
      'a volume of another directory',
      { ...usual, volumes: [{ name: 'cgroup', hostPath: { path: '/sys/fs' } }] },
      /got a pod without it$/,
    ],
    [
      'a volume that is no host path',
      { ...usual, volumes: [{ name: 'cgroup', emptyDir: {} }] },
      /without it$/,
    ],
  ] as const)
    it(`is refused for a pod with ${what}`, (test) => assert.rejects(read(test, spec), says));

  for (const directory of [
    `/sys/fs/cgroup/memory/kubepods/pod1/${id}`,
    `/sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`,
    `/sys/fs/cgroup/user@1000.service/${id}`,
  ])
    it(`has the directory ${directory.replace(id, 'ID')}`, async (test) =>
      assert.equal((await read(test, usual, directory)).site.directory, directory));

  for (const directory of [
    `/sys/fs/cgroup/${id}/inner`,
    `/sys/fs/cgroup/../${id}`,
    `/sys/fs/cgroup/./${id}`,
    `/sys/fs/cgroup/${id}/..`,
    `/sys/fs/cgroup//${id}`,
    `/sys/fs/cgroup/a:b/${id}`,
    `/sys/fs/cgroup/a b/${id}`,
    `/sys/fs/cgroup/${id}/`,
    `/sys/fs/cgroup/${id}\n`,
    `/sys/fs/cgroups/${id}`,
    '/sys/fs/cgroup',
  ])
    it(`refuses the directory ${JSON.stringify(directory).replace(id, 'ID')}`, (test) =>
      assert.rejects(
        read(test, usual, directory),
        /expected a directory below \/sys\/fs\/cgroup whose name/,
      ));
});
