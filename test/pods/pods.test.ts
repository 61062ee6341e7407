import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { LocatedError } from '../../src/model/located-error.ts';
import type { Pod } from '../../src/model/pod.ts';
import { parseManifest } from '../../src/pods/manifest.ts';
import { type ParsedPods, podsOf } from '../../src/pods/pods.ts';
import { faultOf } from '../any-bytes.ts';
import { podsText } from '../identify/fixture.ts';

const Mi = 1024 ** 2;
const parsed = parseManifest('pods.yaml', podsText);
const { pods, faults } = podsOf('pods.yaml', parsed);
const podNamed = (name: string): Pod => {
  const pod = pods.find((one) => one.name === name);
  assert.ok(pod);
  return pod;
};

/** The smallest valid pod, plus the fields of a case. */
const podWith = (more: Readonly<Record<string, unknown>>, name = 'web') => ({
  kind: 'Pod',
  metadata: { uid: `uid-of-${name}`, namespace: 'default', name },
  ...more,
});
const listOf = (...items: readonly unknown[]): ParsedPods => podsOf('pods.yaml', { kind: 'List', items });
const onlyPod = (item: unknown): Pod => {
  const { pods: found, faults: wrong } = listOf(item);
  assert.deepEqual(wrong, []);
  assert.equal(found.length, 1);
  return found[0] as Pod;
};

describe('podsOf, for what kubectl prints', () => {
  it('returns all pods without a fault', () => {
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

  it('returns the same for JSON and for YAML', () =>
    assert.deepEqual(podsOf('pods.json', parseManifest('pods.json', JSON.stringify(parsed))), {
      pods,
      faults,
    }));

  it('returns the pod-level request and limit only if the spec sets them, with the values in force', () => {
    const resources = { requests: { memory: '400Mi' }, limits: { memory: '512Mi' } };
    const set = onlyPod(podWith({ spec: { resources, containers: [{ name: 'a', resources: {} }] } }));
    assert.deepEqual([set.request, set.limit], [400 * Mi, 512 * Mi]);
    const inForce = { resources: { requests: { memory: '300Mi' }, limits: { memory: '512Mi' } } };
    assert.equal(onlyPod(podWith({ spec: { resources }, status: inForce })).request, 300 * Mi);
    // A status without a spec is only the sum of the containers.
    assert.equal(onlyPod(podWith({ spec: {}, status: inForce })).request, undefined);
  });

  it('returns the type of each container, and the memory in force', () =>
    assert.deepEqual(
      podNamed('cart-6d5f8c7b9d-x2x1z').containers.map(({ ids: _, ...container }) => container),
      [
        // A resize to 256Mi is deferred: until then the status has the value in force.
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

  it('returns the IDs of the running container and of the killed one', () =>
    assert.deepEqual(podNamed('cart-6d5f8c7b9d-x2x1z').containers[0]?.ids, [
      '1c42ddc0285b9c25135be3bf345e6a041271b784b22a6f6cab6588dab93c5980',
      'f4b5fb58e4215c2d2e68b31d71cf3adbfb7c31232507ad5c1feff7c49d144689',
    ]));

  it('returns an ID once if it appears twice', () =>
    assert.equal(podNamed('backup-29384050-h7k2p').containers[0]?.ids.length, 1));

  it('returns the config hash of a static pod', () => {
    const { uid, configHash } = podNamed('etcd-node-1');
    assert.equal(configHash, '4ad3ccf1a9b2c38c1d6b7a1d5ee60ab1');
    assert.equal(uid, '5be8ffb6-6c6b-4b3e-9d63-04b2ab2e9f10');
    assert.equal(pods.filter((pod) => pod.configHash !== undefined).length, 1);
  });

  it('ignores a config hash on a pod that is not a mirror', () => {
    const annotated = (annotations: Readonly<Record<string, string>>): string | undefined =>
      onlyPod({
        kind: 'Pod',
        metadata: { uid: 'u', namespace: 'n', name: 'p', annotations },
      }).configHash;
    const hash = { 'kubernetes.io/config.hash': 'h' };
    assert.equal(annotated(hash), undefined);
    assert.equal(annotated({ ...hash, 'kubernetes.io/config.mirror': 'h' }), 'h');
  });

  it('returns the RuntimeClass and its overhead', () => {
    const pod = onlyPod(podWith({ spec: { runtimeClassName: 'kata', overhead: { memory: '160Mi' } } }));
    assert.deepEqual([pod.runtimeClass, pod.overhead], ['kata', 160 * Mi]);
    assert.match(listOf(podWith({ spec: { overhead: { memory: [] } } })).faults.join(), /overhead\.memory/);
  });

  it('returns no ID, runtime or memory for a waiting pod', () =>
    assert.deepEqual(podNamed('toolbox').containers, [
      { name: 'toolbox', type: 'container', ids: [], running: false },
    ]));

  it('returns labels that are texts, and no others', () => {
    assert.deepEqual(podNamed('cart-6d5f8c7b9d-x2x1z').labels, {
      app: 'cart',
      'pod-template-hash': '6d5f8c7b9d',
      tier: '3',
    });
    assert.deepEqual(podNamed('toolbox').labels, {});
  });
});

describe('podsOf', () => {
  it('accepts a single pod, as from kubectl get pod NAME', () =>
    assert.deepEqual(
      podsOf('pods.yaml', podWith({})).pods.map(({ name }) => name),
      ['web'],
    ));

  it('accepts the items of a PodList, which have no kind', () => {
    const { kind: _, ...item } = podWith({});
    assert.equal(podsOf('pods.yaml', { kind: 'PodList', items: [item] }).pods.length, 1);
  });

  it('accepts a list of pods or of lists, as from jq or several documents', () => {
    const { kind: _, ...item } = podWith({}, 'raw');
    const values = [podWith({}), { kind: 'List', items: [podWith({}, 'cart')] }, item, { kind: 'Service' }];
    assert.deepEqual(
      podsOf('pods.yaml', values).pods.map(({ name }) => name),
      ['web', 'cart', 'raw'],
    );
    assert.deepEqual(podsOf('pods.yaml', []), { pods: [], faults: [] });
  });

  it('returns the same for a list, an array, YAML documents, JSON documents and JSON lines', () => {
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

  it('picks the pods out of a list of many kinds', () => {
    const { pods: found, faults: wrong } = listOf({ kind: 'Service', metadata: {} }, podWith({}), {
      kind: 'Node',
    });
    assert.deepEqual([found.length, wrong], [1, []]);
  });

  it('returns the memory of the spec if the status has none yet', () => {
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

  it('accepts a memory quantity that is a bare number', () => {
    const spec = { containers: [{ name: 'web', resources: { limits: { memory: 1_000_000 } } }] };
    assert.equal(onlyPod(podWith({ spec })).containers[0]?.limit, 1_000_000);
  });

  for (const [runtime, url] of [
    ['containerd', 'containerd://abc'],
    ['cri-o', 'cri-o://abc'],
    ['docker', 'docker://abc'],
  ] as const)
    it(`strips ${runtime}:// from container IDs`, () => {
      const [container] = onlyPod(
        podWith({
          spec: { containers: [{ name: 'web' }] },
          status: { containerStatuses: [{ name: 'web', containerID: url }] },
        }),
      ).containers;
      assert.deepEqual([container?.runtime, container?.ids], [runtime, ['abc']]);
    });

  it('tells a sidecar from an init container by its restart policy', () => {
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

describe('podsOf, for annotations', () => {
  const annotated = (annotations: unknown): Pod => {
    const { metadata } = podWith({});
    return onlyPod({ kind: 'Pod', metadata: { ...metadata, annotations } });
  };

  it('returns the two annotations of realmem', () => {
    const { annotations, ignored } = annotated({
      ...{ 'realmem.dev/memory': 'web 5Mi', 'realmem.dev/report': '{}' },
      ...{ 'realmem.dev/other': 'x', memory: 'y' },
    });
    assert.deepEqual([annotations, ignored], [{ memory: 'web 5Mi', report: '{}' }, undefined]);
  });

  it('returns one of them if only that one exists', () => {
    assert.deepEqual(annotated({ 'realmem.dev/report': '{}' }).annotations, { report: '{}' });
    assert.deepEqual(annotated({ 'realmem.dev/memory': 'x', 'realmem.dev/report': 7 }).annotations, {
      memory: 'x',
    });
  });

  it('returns none if there are none', () => {
    for (const annotations of [undefined, null, {}, { 'realmem.dev/memory': '' }, { other: 'x' }, 'x'])
      assert.equal('annotations' in annotated(annotations), false);
  });

  it('recognizes realmem.dev/ignore only with the value "true"', () => {
    assert.equal(podNamed('cart-6d5f8c7b9d-x2x1z').ignored, true);
    for (const value of [true, 'True', 'false', '', 'yes', undefined])
      assert.equal('ignored' in annotated({ 'realmem.dev/ignore': value }), false);
  });

  it('returns the bytes of all other annotations, keys included', () => {
    const others = { 'realmem.dev/report': '{}', 'realmem.dev/ignore': 'true', é: '日本' };
    assert.equal(annotated(others).otherAnnotationBytes, 'realmem.dev/ignore'.length + 4 + 2 + 6);
    assert.equal(annotated({ 'realmem.dev/report': '{}' }).otherAnnotationBytes, undefined);
  });
});

describe('podsOf, for OOM kills', () => {
  const ended = (id: string, reason = 'OOMKilled', finishedAt: unknown = '2026-11-23T09:08:12Z') => ({
    terminated: { containerID: `containerd://${id}`, reason, finishedAt },
  });
  const killed = (status: Readonly<Record<string, unknown>>) => {
    const spec = { containers: [{ name: 'web' }] };
    return onlyPod(podWith({ spec, status: { containerStatuses: [{ name: 'web', ...status }] } }))
      .containers[0]?.oomKilled;
  };
  const at = '2026-11-23T09:08:12Z';

  it('returns the last kill and the one before, oldest first', () =>
    assert.deepEqual(killed({ state: ended('b'), lastState: ended('a') }), [
      { id: 'a', at },
      { id: 'b', at },
    ]));

  it('ignores restarts for other reasons', () => {
    assert.deepEqual(killed({ state: { running: {} }, lastState: ended('a') }), [{ id: 'a', at }]);
    assert.deepEqual(killed({ state: ended('b', 'Error'), lastState: ended('a') }), [{ id: 'a', at }]);
    assert.equal(killed({ state: ended('b', 'Completed'), lastState: {} }), undefined);
  });

  it('returns a kill without a time, and none without an ID', () => {
    assert.deepEqual(killed({ state: ended('a', 'OOMKilled', null) }), [{ id: 'a' }]);
    assert.equal(killed({ state: { terminated: { reason: 'OOMKilled' } } }), undefined);
  });
});

describe('podsOf, for a list with errors', () => {
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

  it('names an item that is not an object', () => {
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
    it(`rejects ${what}`, () => {
      const { detail } = faultOf(() => podsOf('pods.yaml', value));
      assert.deepEqual([detail.where, detail.expected, detail.got], ['pods.yaml', 'a list of pods', what]);
      assert.match(detail.todo ?? '', /kubectl get pods/);
    });

  it('cuts a name or a value in a message to 80 characters', () => {
    const long = 'x'.repeat(10_000);
    const broken = podWith({
      spec: { containers: [{ name: long, resources: { limits: { memory: long } } }] },
    });
    assert.ok((listOf(broken).faults[0]?.length ?? 0) < 300);
    for (const value of [long, { kind: long }])
      assert.ok(faultOf(() => podsOf('pods.yaml', value)).message.length < 250);
  });

  it('keeps a message on one line', () => {
    const broken = podWith({
      spec: { containers: [{ name: 'a\u001b[2J\n', resources: { limits: { memory: '\u202e' } } }] },
    });
    assert.doesNotMatch(listOf(broken).faults[0] ?? '', /[\p{Cc}\p{Cf}]/u);
  });

  it('gives pods and faults, or one located error, for any JSON', () => {
    // The right shape down to some depth, then a random value.
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
