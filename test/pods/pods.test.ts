import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { LocatedError } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { type Pods, podsOf } from '../../src/pods/pods.ts';
import { podsText } from '../identify/fixture.ts';
import { faultOf } from '../sample/any-bytes.ts';

const Mi = 1024 ** 2;
const parsed = parseManifest('pods.yaml', podsText);
const { pods, faults } = podsOf('pods.yaml', parsed);
const podNamed = (name: string): Pod => {
  const pod = pods.find((one) => one.name === name);
  assert.ok(pod);
  return pod;
};

/** A pod as small as it may be, with what a case is about. */
const podWith = (more: Readonly<Record<string, unknown>>, name = 'web') => ({
  kind: 'Pod',
  metadata: { uid: `uid-of-${name}`, namespace: 'default', name },
  ...more,
});
const listOf = (...items: readonly unknown[]): Pods => podsOf('pods.yaml', { kind: 'List', items });
const onlyPod = (item: unknown): Pod => {
  const { pods: found, faults: wrong } = listOf(item);
  assert.deepEqual(wrong, []);
  assert.equal(found.length, 1);
  return found[0] as Pod;
};

describe('pods as kubectl prints them', () => {
  it('are all there, and nothing is wrong with them', () => {
    assert.deepEqual(faults, []);
    assert.deepEqual(
      pods.map(({ namespace, name, qos, workload }) => [`${namespace}/${name}`, qos, workload]),
      [
        ['shop/cart-6d5f8c7b9d-x2x1z', 'Burstable', 'Deployment/cart'],
        ['kube-system/etcd-node-1', 'Burstable', undefined],
        ['data/backup-29384050-h7k2p', 'Burstable', 'CronJob/backup'],
        ['data/postgres-0', 'Guaranteed', 'StatefulSet/postgres'],
        ['default/toolbox', 'BestEffort', undefined],
      ],
    );
  });

  it('are the same from JSON', () =>
    assert.deepEqual(podsOf('pods.json', parseManifest('pods.json', JSON.stringify(parsed))), {
      pods,
      faults,
    }));

  it('have a request and a limit of their own where their definition sets them, as far as they are in force', () => {
    const resources = { requests: { memory: '400Mi' }, limits: { memory: '512Mi' } };
    const set = onlyPod(podWith({ spec: { resources, containers: [{ name: 'a', resources: {} }] } }));
    assert.deepEqual([set.request, set.limit], [400 * Mi, 512 * Mi]);
    const inForce = { resources: { requests: { memory: '300Mi' }, limits: { memory: '512Mi' } } };
    assert.equal(onlyPod(podWith({ spec: { resources }, status: inForce })).request, 300 * Mi);
    // The sum of its containers is nothing that anybody set.
    assert.equal(onlyPod(podWith({ spec: {}, status: inForce })).request, undefined);
  });

  it('know each container by its type, with the memory that is in force', () =>
    assert.deepEqual(
      podNamed('cart-6d5f8c7b9d-x2x1z').containers.map(({ ids: _, ...container }) => container),
      [
        // A resize to 256Mi is put off: the status says what holds until then.
        {
          name: 'cart',
          type: 'container',
          runtime: 'containerd',
          running: true,
          request: 64 * Mi,
          limit: 128 * Mi,
          oomKilled: [
            {
              id: 'f4b5fb58e4215c2d2e68b31d71cf3adbfb7c31232507ad5c1feff7c49d144689',
              at: '2026-11-23T09:08:12Z',
            },
          ],
        },
        { name: 'migrate', type: 'init', runtime: 'containerd', running: false, request: 32 * Mi },
        {
          name: 'proxy',
          type: 'sidecar',
          runtime: 'containerd',
          running: true,
          request: 32 * Mi,
          limit: 64 * Mi,
        },
        { name: 'debugger-q7wzl', type: 'ephemeral', runtime: 'containerd', running: true },
      ],
    ));

  it('keep the ID of the container that runs and of the one that was killed', () =>
    assert.deepEqual(podNamed('cart-6d5f8c7b9d-x2x1z').containers[0]?.ids, [
      '1c42ddc0285b9c25135be3bf345e6a041271b784b22a6f6cab6588dab93c5980',
      'f4b5fb58e4215c2d2e68b31d71cf3adbfb7c31232507ad5c1feff7c49d144689',
    ]));

  it('keep an ID once that stands in two places', () =>
    assert.equal(podNamed('backup-29384050-h7k2p').containers[0]?.ids.length, 1));

  it('of the kubelet’s own manifests have the hash that names their cgroup', () => {
    const { uid, configHash } = podNamed('etcd-node-1');
    assert.equal(configHash, '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1');
    assert.equal(uid, '5be8ffb6-6c6b-4b3e-9d63-04b2ab2e9f10');
    assert.equal(pods.filter((pod) => pod.configHash !== undefined).length, 1);
  });

  it('have a hash only as mirrors: the annotation alone is anybody’s to write', () => {
    const annotated = (annotations: Readonly<Record<string, string>>): string | undefined =>
      onlyPod({
        kind: 'Pod',
        metadata: { uid: 'u', namespace: 'n', name: 'p', annotations },
      }).configHash;
    const hash = { 'kubernetes.io/config.hash': 'h' };
    assert.equal(annotated(hash), undefined);
    assert.equal(annotated({ ...hash, 'kubernetes.io/config.mirror': 'h' }), 'h');
  });

  it('know their RuntimeClass and what it adds', () => {
    const pod = onlyPod(podWith({ spec: { runtimeClassName: 'kata', overhead: { memory: '160Mi' } } }));
    assert.deepEqual([pod.runtimeClass, pod.overhead], ['kata', 160 * Mi]);
    assert.match(listOf(podWith({ spec: { overhead: { memory: [] } } })).faults.join(), /overhead\.memory/);
  });

  it('that wait have no ID, no runtime, no memory', () =>
    assert.deepEqual(podNamed('toolbox').containers, [
      { name: 'toolbox', type: 'container', ids: [], running: false },
    ]));

  it('keep their labels, which are texts', () => {
    assert.deepEqual(podNamed('cart-6d5f8c7b9d-x2x1z').labels, {
      app: 'cart',
      'pod-template-hash': '6d5f8c7b9d',
      tier: '3',
    });
    assert.deepEqual(podNamed('toolbox').labels, {});
  });
});

describe('a pod', () => {
  it('may come alone, as from kubectl get pod NAME', () =>
    assert.deepEqual(
      podsOf('pods.yaml', podWith({})).pods.map(({ name }) => name),
      ['web'],
    ));

  it('may stand in a PodList, whose items have no kind', () => {
    const { kind: _, ...item } = podWith({});
    assert.equal(podsOf('pods.yaml', { kind: 'PodList', items: [item] }).pods.length, 1);
  });

  it('may stand in a list of pods or of lists, as jq and documents one after the other give them', () => {
    const { kind: _, ...item } = podWith({}, 'raw');
    const values = [podWith({}), { kind: 'List', items: [podWith({}, 'cart')] }, item, { kind: 'Service' }];
    assert.deepEqual(
      podsOf('pods.yaml', values).pods.map(({ name }) => name),
      ['web', 'cart', 'raw'],
    );
    assert.deepEqual(podsOf('pods.yaml', []), { pods: [], faults: [] });
  });

  it('is the same read as a list, an array, YAML documents, JSON documents or lines of JSON', () => {
    const { items } = parsed as { readonly items: readonly unknown[] };
    const texts = [
      JSON.stringify(items, undefined, 2),
      items.map((item) => JSON.stringify(item)).join('\n'),
      items.map((item) => JSON.stringify(item, undefined, 2)).join('\n'),
      items.map((item) => stringify(item)).join('---\n'),
      JSON.stringify({ kind: 'PodList', items }),
    ];
    for (const text of texts)
      assert.deepEqual(podsOf('pods.yaml', parseManifest('pods.yaml', text)).pods, pods);
  });

  it('is picked out of a list of many kinds', () => {
    const { pods: found, faults: wrong } = listOf({ kind: 'Service', metadata: {} }, podWith({}), {
      kind: 'Node',
    });
    assert.deepEqual([found.length, wrong], [1, []]);
  });

  it('has the memory asked for where the status says none is in force yet', () => {
    const [container] = onlyPod(
      podWith({
        spec: {
          containers: [
            { name: 'web', resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } } },
          ],
        },
        status: { containerStatuses: [{ name: 'web', state: { waiting: {} } }] },
      }),
    ).containers;
    assert.deepEqual([container?.request, container?.limit], [1024 * Mi, 2048 * Mi]);
  });

  it('may have a memory of a bare number', () => {
    const spec = { containers: [{ name: 'web', resources: { limits: { memory: 1_000_000 } } }] };
    assert.equal(onlyPod(podWith({ spec })).containers[0]?.limit, 1_000_000);
  });

  for (const [runtime, url] of [
    ['containerd', 'containerd://abc'],
    ['cri-o', 'cri-o://abc'],
    ['docker', 'docker://abc'],
  ] as const)
    it(`has its containers’ IDs without the ${runtime}:// before them`, () => {
      const [container] = onlyPod(
        podWith({
          spec: { containers: [{ name: 'web' }] },
          status: { containerStatuses: [{ name: 'web', containerID: url }] },
        }),
      ).containers;
      assert.deepEqual([container?.runtime, container?.ids], [runtime, ['abc']]);
    });

  it('tells an init container from a sidecar by its restart policy alone', () => {
    const initContainers = [
      { name: 'a' },
      { name: 'b', restartPolicy: 'Always' },
      { name: 'c', restartPolicy: 'OnFailure' },
    ];
    assert.deepEqual(
      onlyPod(podWith({ spec: { initContainers } })).containers.map(({ type }) => type),
      ['init', 'sidecar', 'init'],
    );
  });
});

describe('a pod’s own annotations', () => {
  const annotated = (annotations: unknown): Pod => {
    const { metadata } = podWith({});
    return onlyPod({ kind: 'Pod', metadata: { ...metadata, annotations } });
  };

  it('are those of ours that stand on it', () => {
    const { annotations, ignored } = annotated({
      ...{ 'realmem.dev/memory': 'web 5Mi', 'realmem.dev/report': '{}' },
      ...{ 'realmem.dev/other': 'x', memory: 'y' },
    });
    assert.deepEqual([annotations, ignored], [{ memory: 'web 5Mi', report: '{}' }, undefined]);
  });

  it('may be half of them', () => {
    assert.deepEqual(annotated({ 'realmem.dev/report': '{}' }).annotations, { report: '{}' });
    assert.deepEqual(annotated({ 'realmem.dev/memory': 'x', 'realmem.dev/report': 7 }).annotations, {
      memory: 'x',
    });
  });

  it('are absent where there are none', () => {
    for (const annotations of [undefined, null, {}, { 'realmem.dev/memory': '' }, { other: 'x' }, 'x'])
      assert.equal('annotations' in annotated(annotations), false);
  });

  it('say that there should be none in one way only', () => {
    assert.equal(podNamed('cart-6d5f8c7b9d-x2x1z').ignored, true);
    for (const value of [true, 'True', 'false', '', 'yes', undefined])
      assert.equal('ignored' in annotated({ 'realmem.dev/ignore': value }), false);
  });

  it('leave room by what the others take, keys included', () => {
    const others = { 'realmem.dev/report': '{}', 'realmem.dev/ignore': 'true', é: '日本' };
    assert.equal(annotated(others).otherAnnotationBytes, 'realmem.dev/ignore'.length + 4 + 2 + 6);
    assert.equal(annotated({ 'realmem.dev/report': '{}' }).otherAnnotationBytes, undefined);
  });
});

describe('the lives of a container that the OOM killer ended', () => {
  const ended = (id: string, reason = 'OOMKilled', finishedAt: unknown = '2026-11-23T09:08:12Z') => ({
    terminated: { containerID: `containerd://${id}`, reason, finishedAt },
  });
  const killed = (status: Readonly<Record<string, unknown>>) => {
    const spec = { containers: [{ name: 'web' }] };
    return onlyPod(podWith({ spec, status: { containerStatuses: [{ name: 'web', ...status }] } }))
      .containers[0]?.oomKilled;
  };
  const at = '2026-11-23T09:08:12Z';

  it('are the last and the one before, oldest first', () =>
    assert.deepEqual(killed({ state: ended('b'), lastState: ended('a') }), [
      { id: 'a', at },
      { id: 'b', at },
    ]));

  it('are those alone that it ended', () => {
    assert.deepEqual(killed({ state: { running: {} }, lastState: ended('a') }), [{ id: 'a', at }]);
    assert.deepEqual(killed({ state: ended('b', 'Error'), lastState: ended('a') }), [{ id: 'a', at }]);
    assert.equal(killed({ state: ended('b', 'Completed'), lastState: {} }), undefined);
  });

  it('may have no time, and none without an ID', () => {
    assert.deepEqual(killed({ state: ended('a', 'OOMKilled', null) }), [{ id: 'a' }]);
    assert.equal(killed({ state: { terminated: { reason: 'OOMKilled' } } }), undefined);
  });
});

describe('a list with something wrong in it', () => {
  for (const key of ['uid', 'namespace', 'name'])
    for (const value of [undefined, null, '', 7, ['x'], { x: 1 }])
      it(`names the item whose ${key} is ${JSON.stringify(value)}, and keeps the others`, () => {
        const broken = { kind: 'Pod', metadata: { ...podWith({}).metadata, [key]: value } };
        const { pods: found, faults: wrong } = listOf(podWith({}, 'first'), broken, podWith({}, 'last'));
        assert.deepEqual(
          found.map(({ name }) => name),
          ['first', 'last'],
        );
        assert.equal(wrong.length, 1);
        assert.match(wrong[0] ?? '', new RegExp(`items\\[1\\]\\.metadata\\.${key}: expected a text, got `));
      });

  it('names an item that is no object', () => {
    for (const item of [null, 'pod', 7, []])
      assert.match(listOf(item).faults[0] ?? '', /items\[0\]\.metadata\.uid/);
  });

  for (const memory of ['64mb', '', 'lots', true, { value: 1 }, ['1Gi'], '9Ei'])
    it(`names the container whose memory is ${JSON.stringify(memory)}, and keeps the other pods`, () => {
      const broken = podWith({
        spec: { containers: [{ name: 'ok' }, { name: 'bad', resources: { limits: { memory } } }] },
      });
      const { pods: found, faults: wrong } = listOf(broken, podWith({}, 'last'));
      assert.deepEqual(
        found.map(({ name }) => name),
        ['last'],
      );
      assert.match(
        wrong[0] ?? '',
        /items\[0\] container bad limits\.memory: expected a quantity such as 64Mi, got ./,
      );
    });

  for (const [what, value] of [
    ['nothing', undefined],
    ['nothing', null],
    ['"pods"', 'pods'],
    ['a list', [1, 'web', null, []]],
    ['a list', [{ kind: 'Deployment', metadata: {} }]],
    ['an object without items', {}],
    ['Deployment without items', { kind: 'Deployment' }],
    ['List without items', { kind: 'List', items: {} }],
  ] as const)
    it(`is no list of pods: ${what}`, () => {
      const { detail } = faultOf(() => podsOf('pods.yaml', value));
      assert.deepEqual([detail.where, detail.expected, detail.got], ['pods.yaml', 'a list of pods', what]);
      assert.match(detail.todo ?? '', /kubectl get pods/);
    });

  it('says a name or a value of any length in 80 characters', () => {
    const long = 'x'.repeat(10_000);
    const broken = podWith({
      spec: { containers: [{ name: long, resources: { limits: { memory: long } } }] },
    });
    assert.ok((listOf(broken).faults[0]?.length ?? 0) < 300);
    for (const value of [long, { kind: long }])
      assert.ok(faultOf(() => podsOf('pods.yaml', value)).message.length < 250);
  });

  it('keeps the text of a fault in one line', () => {
    const broken = podWith({
      spec: { containers: [{ name: 'a\u001b[2J\n', resources: { limits: { memory: '\u202e' } } }] },
    });
    assert.doesNotMatch(listOf(broken).faults[0] ?? '', /[\p{Cc}\p{Cf}]/u);
  });

  it('is pods and faults, or a fault, whatever the JSON', () => {
    // Of the right shape down to a point that is anything.
    const hole = fc.oneof(fc.jsonValue(), fc.constantFrom('web', '64Mi', 'Always', 'Pod'));
    const container = fc.oneof(
      hole,
      fc.record({ name: hole, restartPolicy: hole, resources: hole }, { requiredKeys: [] }),
    );
    const containers = fc.oneof(hole, fc.array(container, { maxLength: 3 }));
    const item = fc.oneof(
      hole,
      fc.record({
        kind: fc.constantFrom('Pod', undefined),
        metadata: fc.oneof(
          hole,
          fc.record({
            uid: hole,
            namespace: hole,
            name: hole,
            labels: hole,
            annotations: hole,
            ownerReferences: hole,
          }),
        ),
        spec: fc.oneof(hole, fc.record({ containers, initContainers: containers })),
        status: fc.oneof(hole, fc.record({ containerStatuses: containers, qosClass: hole })),
      }),
    );
    const list = fc.oneof(
      hole,
      fc.record({ kind: fc.constant('List'), items: fc.oneof(hole, fc.array(item, { maxLength: 3 })) }),
    );
    fc.assert(
      fc.property(list, (value) => {
        try {
          const found = podsOf('pods.yaml', value);
          for (const pod of found.pods) {
            for (const text of [pod.uid, pod.namespace, pod.name])
              assert.ok(typeof text === 'string' && text !== '');
            for (const label of Object.values(pod.labels)) assert.equal(typeof label, 'string');
          }
        } catch (error) {
          assert.ok(error instanceof LocatedError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
