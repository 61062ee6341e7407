/** Which cgroups realmem never probes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roleOf } from '../../src/identify/role.ts';
import { bytes } from '../../src/model/bytes.ts';
import type { Pod } from '../../src/model/pod.ts';
import { refusalOf, type Target } from '../../src/probe/refusal.ts';

const MiB = 2 ** 20;
const id = 'a'.repeat(64);
const uid = '1b41633a-ae65-43cc-bf43-55766427c2a0';

const usage = { realBytes: bytes(50 * MiB), limitBytes: bytes(100 * MiB) };

const target = (path: string, more: Partial<Target> = {}): Target => ({
  ...{ path, version: 2, role: roleOf(path), usage },
  ...{ ownPath: '/user.slice', ageSeconds: 3600, swapBytes: bytes(0) },
  ...more,
});

const pod = (namespace: string, labels: Pod['labels'] = {}): Pod => ({
  ...{ uid, namespace, name: 'p', labels, containers: [] },
});

const container = `/kubepods/burstable/pod${uid}/${id}`;

const messageOf = (given: Target): string | undefined => {
  const refusal = refusalOf(given);
  return refusal && `expected ${refusal.expected}, got ${refusal.got}`;
};

describe('refusalOf', () => {
  for (const path of [container, `/docker/${id}`, `/system.slice/docker-${id}.scope`, '/ecs/task/web'])
    it(`allows the container ${path.slice(0, 40)}`, () => assert.equal(messageOf(target(path)), undefined));

  for (const [path, kind] of [
    ['/', 'root'],
    ['/kubepods', 'kube'],
    ['/kubepods/burstable', 'kube'],
    ['/system.slice', 'slice'],
    ['/system.slice/containerd.service', 'service'],
    ['/init.scope', 'service'],
    ['/user.slice/user-0.slice', 'slice'],
    [`${container}/inner`, 'below a container'],
  ] as const)
    it(`refuses ${path.slice(-24)}: ${kind}`, () =>
      assert.equal(
        messageOf(target(path)),
        `expected a container, got a cgroup that is no container (${kind}), which is never probed`,
      ));

  it('refuses a whole pod', () =>
    assert.equal(messageOf(target(`/kubepods/burstable/pod${uid}`)), 'expected one container, got a pod'));

  it('refuses the pods of the cluster itself', () =>
    assert.match(messageOf(target(container, { pod: pod('kube-system') })) ?? '', /one of kube-system/));

  it('refuses its own agent, and the container in which it runs', () => {
    const labels = { 'app.kubernetes.io/name': 'realmem' };
    for (const own of [
      { pod: pod('realmem', labels) },
      { ownPath: container },
      { ownPath: `${container}/a` },
    ])
      assert.match(messageOf(target(container, own)) ?? '', /one of realmem itself/);
    assert.equal(messageOf(target(container, { ownPath: `${container}b` })), undefined);
  });

  it('refuses a container in its first minute, and allows one of unknown age', () => {
    assert.match(messageOf(target(container, { ageSeconds: 59.9 })) ?? '', /one that started 59 s ago/);
    assert.equal(messageOf(target(container, { ageSeconds: 60 })), undefined);
    assert.equal(messageOf(target(container, { ageSeconds: undefined })), undefined);
  });

  it('refuses a container whose real memory is near its limit', () => {
    const near = { ...usage, realBytes: bytes(90 * MiB) };
    assert.match(messageOf(target(container, { usage: near })) ?? '', /90Mi real of 100Mi/);
    const high = { ...usage, highBytes: bytes(55 * MiB) };
    assert.match(messageOf(target(container, { usage: high })) ?? '', /50Mi real of 55Mi/);
  });

  it('refuses cgroup v1 while swap is on, or unknown', () => {
    const v1 = { version: 1 } as const;
    assert.equal(messageOf(target(container, v1)), undefined);
    assert.match(messageOf(target(container, { ...v1, swapBytes: bytes(MiB) })) ?? '', /got 1Mi of swap/);
    assert.match(messageOf(target(container, { ...v1, swapBytes: undefined })) ?? '', /got unknown swap/);
  });
});
