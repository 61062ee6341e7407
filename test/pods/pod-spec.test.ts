import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { OwnerKind } from '../../src/pods/owner-kinds.ts';
import { ownerKindOf } from '../../src/pods/owner-kinds.ts';
import { readOwner, runningPodOf } from '../../src/pods/pod-spec.ts';

const read = (name: string): readonly unknown[] => {
  const file = new URL(`../../fixtures/patches/${name}/pods.json`, import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly items: readonly unknown[] }).items;
};
const rollout = ownerKindOf('Rollout') as OwnerKind;

describe('runningPodOf and readOwner', () => {
  it('find the sidecar that Istio injected', () => {
    const [pod] = read('injected-sidecar').map(runningPodOf);
    assert.equal(pod?.workload, 'Deployment/cart');
    assert.ok(pod?.injected.includes('istio-proxy'));
    assert.deepEqual(
      pod?.containers.map(({ name, index }) => [name, index]),
      [
        ['app', 0],
        ['istio-proxy', 1],
      ],
    );
  });

  it('find the node of a static pod in its mirror', () => {
    const etcd = read('in-place')
      .map(runningPodOf)
      .find((pod) => pod?.name === 'etcd-cp1');
    assert.deepEqual([etcd?.staticOn, etcd?.workload], ['cp1', 'Pod/etcd-cp1']);
  });

  it('read pod-level requests and limits', () => {
    const [pod] = read('whole-pod').map(runningPodOf);
    assert.deepEqual(pod?.resources, { requests: { memory: '400Mi' }, limits: { memory: '512Mi' } });
  });

  it('distinguish init containers, native sidecars and containers that restart on a resize', () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    const pod = runningPodOf({
      metadata: { namespace: 'shop', name: 'a' },
      spec: {
        containers: [{ name: 'web', resizePolicy }],
        initContainers: [{ name: 'first' }, { name: 'beside', restartPolicy: 'Always' }],
        ephemeralContainers: [{ name: 'debug' }],
        os: { name: 'windows' },
      },
    });
    assert.deepEqual(
      pod?.containers.map(({ name, type, index, restarts }) => [name, type, index, restarts]),
      [
        ['web', 'container', 0, true],
        ['first', 'init', 0, undefined],
        ['beside', 'sidecar', 1, undefined],
        ['debug', 'ephemeral', 0, undefined],
      ],
    );
    assert.equal(pod?.isWindows, true);
  });

  it('leave out a pod that has ended', () =>
    assert.equal(
      runningPodOf({ metadata: { namespace: 'a', name: 'b' }, status: { phase: 'Succeeded' } }),
      undefined,
    ));

  it('say whether an owner has a template, whose template it uses and who manages it', () => {
    const containers = [{ name: 'web' }];
    const own = readOwner({ spec: { template: { spec: { containers } } } }, rollout);
    assert.equal(own.template?.containers[0]?.name, 'web');
    const borrowed = readOwner({ spec: { workloadRef: { kind: 'Deployment', name: 'web' } } }, rollout);
    assert.deepEqual(borrowed, { templateOf: 'Deployment/web' });
    const made = { metadata: { ownerReferences: [{ kind: 'Prometheus', name: 'main', controller: true }] } };
    assert.deepEqual(readOwner(made, rollout), { controller: 'Prometheus/main' });
  });

  it('throw nothing for any object', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (metadata, spec) => {
        runningPodOf({ metadata, spec });
        runningPodOf({ metadata: { namespace: 'a', name: 'b', annotations: metadata }, spec });
        readOwner({ metadata, spec }, rollout);
        readOwner(spec, rollout);
      }),
    ));
});
