import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheOf, shareOf } from '../../src/page/view/entries.ts';
import { Gi, modelWith, pod, rows } from './some.ts';

describe('entriesOf', () => {
  it('adds up a pod, and leaves a sum unknown if a part is', () => {
    const model = modelWith([
      pod('a/x', [
        { real: 10, usage: 20, request: 5 },
        { real: 1, usage: 2 },
      ]),
      pod('a/y', [{ real: 10 }, { usage: 2 }]),
    ]);
    const [x, y] = rows(model, 'pod');
    assert.deepEqual([x?.real, x?.usage, x?.request, x?.limit], [11, 22, 5, undefined]);
    assert.deepEqual([y?.real, y?.usage, y?.request], [undefined, undefined, undefined]);
  });

  it("prefers the pod's own figures to the sum of its containers", () => {
    const model = modelWith([pod('a/x', [{ real: 10, limit: 5 }], { real: 12, limit: 9, request: 3 })]);
    const [x] = rows(model, 'pod');
    assert.deepEqual([x?.real, x?.limit, x?.request], [12, 9, 3]);
  });

  it('groups pods of one workload, but not of two namespaces', () => {
    const model = modelWith([
      pod('a/x', [{ real: 1 }]),
      pod('a/y', [{ real: 2 }]),
      pod('b/z', [{ real: 4 }]),
    ]);
    assert.deepEqual(
      rows(model, 'workload').map(({ key, real, pods }) => [key, real, pods.length]),
      [
        ['a/Deployment/cart', 3, 2],
        ['b/Deployment/cart', 4, 1],
      ],
    );
    assert.deepEqual(
      rows(model, 'namespace').map(({ key, real }) => [key, real]),
      [
        ['a', 3],
        ['b', 4],
      ],
    );
  });

  it('takes the worst verdict of a group', () => {
    const model = modelWith([
      pod('a/x', [{ verdict: 'OK' }, { verdict: 'NearLimit' }]),
      pod('a/y', [{ verdict: 'NoLimit' }]),
    ]);
    assert.deepEqual(
      rows(model, 'workload').map(({ verdict }) => verdict),
      ['NearLimit'],
    );
  });

  it("shows a node's own figures, and those of its pods inside a namespace", () => {
    const model = modelWith([pod('a/x', [{ real: 1 * Gi }])], {
      nodes: [{ name: 'n1', capacity: 8 * Gi, real: 3 * Gi, used: 4 * Gi, staleSeconds: 900 }],
    });
    const [all] = rows(model, 'node');
    assert.deepEqual([all?.real, all?.limit, all?.staleSeconds], [3 * Gi, 8 * Gi, 900]);
    const [part] = rows(model, 'node', { namespace: 'a' });
    assert.deepEqual([part?.real, part?.limit], [1 * Gi, 8 * Gi]);
    assert.deepEqual(rows(model, 'node', { namespace: 'b' }), []);
  });

  it('does not say that a container has no OOM kills if only those of its pod are known', () => {
    const model = modelWith([pod('a/x', [{}], { ooms: 2 }), pod('a/y', [{}])]);
    assert.deepEqual(
      rows(model, 'container').map(({ ooms }) => ooms),
      [undefined, 0],
    );
  });

  it('makes names printable, whatever they are', () => {
    const model = modelWith([pod('a/\u202Egnp', [{ name: 'x\u0007' }])]);
    const [container] = rows(model, 'container');
    assert.equal(container?.name, '\\u202egnp/x\\u0007');
  });

  it('keeps two reports of a pod that moves apart', () => {
    const model = modelWith([pod('a/x', [{ real: 1 }]), pod('a/x', [{ real: 2 }], { node: 'n2' })]);
    assert.equal(new Set(rows(model, 'container').map(({ key }) => key)).size, 2);
    assert.equal(new Set(rows(model, 'pod').map(({ key }) => key)).size, 2);
  });

  it('opens the container of a pod that has only one', () => {
    const model = modelWith([pod('a/x', [{}]), pod('a/y', [{}, {}])]);
    assert.deepEqual(
      rows(model, 'pod').map(({ leaf }) => leaf?.key),
      ['a/x/c0', undefined],
    );
  });

  it("does not count a limit of all pods of a node as a container's own", () => {
    const model = modelWith([
      pod('a/x', [{ limit: 9, limitFrom: 'node' }, { limit: 5 }]),
      pod('a/y', [
        { limit: 7, limitFrom: 'pod' },
        { limit: 7, limitFrom: 'pod' },
      ]),
    ]);
    assert.deepEqual(
      rows(model, 'pod').map(({ limit }) => limit),
      [undefined, 7],
    );
    assert.deepEqual(
      rows(model, 'container').map(({ limit }) => limit),
      [undefined, 5, 7, 7],
    );
  });

  it('lists services beside pods only where someone looks for them', () => {
    const model = modelWith([pod('a/x', [{}])], {
      others: [{ node: 'n1', type: 'service', name: 'sshd.service' }],
    });
    const names = (...given: Parameters<typeof rows> extends [unknown, ...infer Rest] ? Rest : never) =>
      rows(model, ...given).map(({ name }) => name);
    assert.deepEqual(names('pod'), ['x']);
    assert.deepEqual(names('namespace'), ['a', '(outside pods)']);
    assert.deepEqual(names('container', { namespace: '(outside pods)' }), ['sshd.service']);
  });

  it('lists cgroups outside pods by their type', () => {
    const model = modelWith([], { others: [{ node: 'n1', type: 'service', name: 'sshd.service', real: 5 }] });
    assert.equal(model.hasPods, false);
    assert.deepEqual(
      rows(model, 'container').map(({ name, detail, real }) => [name, detail, real]),
      [['sshd.service', 'service · n1', 5]],
    );
  });
});

describe('shareOf and cacheOf', () => {
  it('are unknown without a limit or a figure', () => {
    assert.equal(shareOf({ real: 1, limit: undefined }), undefined);
    assert.equal(shareOf({ real: 1, limit: 0 }), undefined);
    assert.equal(shareOf({ real: 1, limit: 4 }), 0.25);
    assert.equal(cacheOf({ real: 1, usage: undefined }), undefined);
    assert.equal(cacheOf({ real: 3, usage: 2 }), 0);
  });
});
