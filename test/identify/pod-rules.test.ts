/** The rules for what Kubernetes creates: each form of a pod, a QoS level, a container, and what only looks like one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, ID, other, pod, U_U, UID } from './decide.ts';

describe('a pod', () => {
  it('has the quality of service of its slice’s name, not of its parent', () => {
    for (const [level, qos] of [
      ['-besteffort', 'BestEffort'],
      ['-burstable', 'Burstable'],
      ['', 'Guaranteed'],
    ] as const)
      assert.deepEqual(decide('kubepods', `kubepods${level}-pod${U_U}.slice`, { parent: 'burstable' }), [
        pod(UID, qos),
        'pod',
      ]);
  });

  it('has the quality of service of its parent with cgroupfs, and is Guaranteed below any other', () => {
    for (const [parent, qos] of [
      ['besteffort', 'BestEffort'],
      ['burstable', 'Burstable'],
      ['kubepods', 'Guaranteed'],
      ['Burstable', 'Guaranteed'],
    ] as const)
      assert.deepEqual(decide('kubepods', `pod${UID}`, { parent })[0], pod(UID, qos));
  });

  it('is found below a custom cgroup root, whose name becomes a prefix of the slice', () => {
    assert.deepEqual(
      decide('kubepods', `kubelet-kubepods-burstable-pod${U_U}.slice`)[0],
      pod(UID, 'Burstable'),
    );
    // The last kubepods counts: the text before it is the prefix.
    assert.deepEqual(
      decide('kubepods', `kubepods-podx-kubepods-besteffort-pod${U_U}.slice`)[0],
      pod(UID, 'BestEffort'),
    );
  });

  it('needs a UID: without one the cgroup is skipped', () => {
    for (const text of ['pod', 'kubepods-pod.slice', 'kubepods-burstable-pod.slice', 'Podx'])
      assert.deepEqual(decide('kubepods', text), [
        { kind: 'skip', why: 'below kubepods, but neither a pod nor a QoS level' },
        'inner',
      ]);
  });

  it('needs a whole UID or hash where a cgroup namespace hides kubepods', () => {
    for (const uid of [UID, UID.replaceAll('-', '')])
      assert.deepEqual(decide('hidden', `pod${uid}`, { parent: '..' })[0], pod(uid, 'Guaranteed'));
    for (const text of ['podx', `pod${UID.toUpperCase()}`, `pod${UID}0`, `pod${UID.slice(1)}`, 'podman'])
      assert.equal(decide('hidden', text)[0].kind, 'other', text);
  });

  it('is only a slice on the host, outside kubepods', () => {
    assert.deepEqual(decide('host', `pod${UID}`), [other('slice', `pod${UID}`), 'host']);
    assert.deepEqual(decide('host', `kubepods-burstable-pod${U_U}.slice`), [
      other('slice', `kubepods-burstable-pod${U_U}`),
      'host',
    ]);
  });
});

describe('kubepods', () => {
  it('is a name of its own, or the end of a slice', () => {
    for (const text of [
      'kubepods',
      'kubepods.slice',
      'kubepods-burstable.slice',
      'a-b-kubepods-besteffort.slice',
    ])
      assert.deepEqual(decide('host', text), [{ kind: 'kube' }, 'kubepods'], text);
    for (const text of [
      'Kubepods',
      'kubepods2',
      'xkubepods.slice',
      'kubepods-guaranteed.slice',
      'kubepods-burstable',
      '-kubepods',
    ])
      assert.equal(decide('host', text)[0].kind, 'other', text);
  });

  it('is no more than a slice below a service or a user, where anyone can create it', () => {
    for (const state of ['service', 'user'] as const)
      for (const text of ['kubepods', 'kubepods.slice'])
        assert.deepEqual(decide(state, text), [other('slice', 'kubepods'), state]);
  });
});

describe('slice:prefix:id, of drivers that disagree,', () => {
  const slice = `kubepods-burstable-pod${U_U}.slice`;

  it('is a container with the runtime of its prefix, or without one for another prefix', () => {
    for (const [prefix, runtime] of [
      ['cri-containerd', 'containerd'],
      ['crio', 'cri-o'],
      ['docker', 'docker'],
      ['x', undefined],
      ['constructor', undefined],
      ['__proto__', undefined],
    ] as const)
      for (const state of ['host', 'service'] as const)
        assert.deepEqual(
          decide(state, `${slice}:${prefix}:${ID}`),
          [{ kind: 'container', podUID: UID, id: ID, ...(runtime !== undefined && { runtime }) }, 'inner'],
          prefix,
        );
  });

  it('is not a container with a missing or a fourth part, without a UID, or below a user', () => {
    for (const text of [
      `${slice}:${ID}`,
      `${slice}::${ID}`,
      `${slice}:a:b:${ID}`,
      `kubepods-pod.slice:x:${ID}`,
      `${slice}:x:${ID}.scope`,
    ])
      assert.notEqual(decide('host', text)[0].kind, 'container', text);
    assert.notEqual(decide('user', `${slice}:crio:${ID}`)[0].kind, 'container');
  });
});

describe('a container that may be a node', () => {
  it('holds pods below kubepods, directly or below the levels that runtimes add', () => {
    for (const text of ['container', 'payload', 'ns', 'syscont-cgroup-root', 'init'])
      assert.deepEqual(decide('nodeContainer', text), [
        { kind: 'inner', mayHoldPods: true },
        'nodeContainer',
      ]);
    for (const text of ['kubelet', 'kubelet.slice'])
      assert.deepEqual(decide('nodeContainer', text), [{ kind: 'kube' }, 'nodeContainer']);
    assert.equal(decide('nodeContainer', 'kubelet-kubepods.slice')[1], 'kubepods');
    for (const text of ['containers', 'init.scope', 'kubelet.service', ID])
      assert.deepEqual(decide('nodeContainer', text), [{ kind: 'inner' }, 'inner']);
  });
});
