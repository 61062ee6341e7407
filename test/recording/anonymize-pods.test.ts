import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseManifest } from '../../src/pods/manifest.ts';
import { podsOf } from '../../src/pods/pods.ts';
import { Anonymizer } from '../../src/recording/anonymize.ts';
import { anonymizePods } from '../../src/recording/anonymize-pods.ts';
import { reducePods } from '../../src/recording/reduce-pods.ts';
import { podsText } from '../identify/fixture.ts';

const anonymizer = new Anonymizer((text) => createHmac('sha256', 'one').update(text).digest('hex'));

describe('anonymized pods', () => {
  const full = reducePods(parseManifest('pods.yaml', podsText));
  const { pods } = podsOf('pods.yaml', full);
  const made = podsOf('pods.yaml', anonymizePods(full, anonymizer));

  it('are as many as before, and all valid', () =>
    assert.deepEqual([made.pods.length, made.faults], [pods.length, []]));

  it('have the same containers, quantities and states', () => {
    for (const [index, pod] of pods.entries()) {
      const other = made.pods[index];
      assert.equal(other?.uid, anonymizer.id(pod.uid));
      assert.equal(other?.qos, pod.qos);
      assert.equal(other?.workload?.split('/')[0], pod.workload?.split('/')[0]);
      const facts = ({ containers }: typeof pod) =>
        containers.map(({ name: _, ids, oomKilled, ...rest }) => ({
          ...rest,
          ids: ids.length,
          killed: oomKilled?.length,
        }));
      assert.deepEqual(other && facts(other), facts(pod));
    }
  });

  it('share a workload if they did before', () => {
    const groups = (all: typeof pods) =>
      all.map((pod) => all.findIndex(({ workload }) => workload === pod.workload));
    assert.deepEqual(groups(made.pods), groups(pods));
  });

  it('contain none of their names', () => {
    const text = JSON.stringify(anonymizePods(full, anonymizer));
    for (const { uid: one, namespace, name, labels, containers, workload = '' } of pods)
      for (const gone of [
        one,
        namespace,
        name,
        ...Object.values(labels),
        ...containers.map((c) => c.name),
        workload.split('/')[1] ?? name,
      ])
        assert.equal(text.includes(`"${gone}"`), false, gone);
  });

  it('are made from any JSON without an error', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        anonymizePods(value, anonymizer);
        anonymizePods({ items: [{ metadata: value, spec: value, status: value }] }, anonymizer);
        anonymizePods(
          { metadata: { ownerReferences: [value], labels: value, annotations: value } },
          anonymizer,
        );
      }),
    ));
});

describe('anonymizePods', () => {
  const made = (value: unknown): unknown => anonymizePods(value, anonymizer);
  const name = (text: string): string => anonymizer.name(text);
  const id = '7'.repeat(64);

  it('keeps words of the API, quantities and times under their keys', () => {
    const plain = {
      ...{ kind: 'StatefulSet', qosClass: 'Burstable', restartPolicy: 'Never', reason: 'OOMKilled' },
      ...{ startedAt: '2026-01-02T03:04:05Z', finishedAt: '', memory: '1.5Gi' },
    };
    assert.deepEqual(made(plain), plain);
  });

  it('replaces any other text under these keys, and these words under other keys', () => {
    assert.deepEqual(made({ qosClass: 'acme', memory: '5 acme', reason: 'Acme', name: 'Burstable' }), {
      ...{ qosClass: name('acme'), memory: name('5 acme'), reason: name('Acme'), name: name('Burstable') },
    });
    assert.deepEqual(made({ constructor: 'x' }), { constructor: name('x') });
    assert.deepEqual(made({ startedAt: '2026-01-02T03:04:05Z\nacme' }), {
      startedAt: name('2026-01-02T03:04:05Z\nacme'),
    });
  });

  it('keeps numbers, booleans and null, and the order of lists', () =>
    assert.deepEqual(made([{ exitCode: 137, ready: false, name: null }, 'a']), [
      { exitCode: 137, ready: false, name: null },
      name('a'),
    ]));

  it('keeps the runtime of a container ID, and replaces an unknown one with the ID', () => {
    for (const runtime of ['containerd', 'cri-o', 'docker', 'podman'])
      assert.deepEqual(made({ containerID: `${runtime}://${id}` }), {
        containerID: `${runtime}://${anonymizer.id(id)}`,
      });
    assert.deepEqual(made({ containerID: id }), { containerID: anonymizer.id(id) });
    assert.doesNotMatch(JSON.stringify(made({ containerID: 'acme://acme' })), /acme/);
  });

  it('keeps label keys of Kubernetes and app, and replaces all other keys and all values', () =>
    assert.deepEqual(
      made({
        labels: { app: 'a', 'app.kubernetes.io/name': 'a', 'pod-template-hash': 'b', 'acme.com/x': 'c' },
      }),
      {
        labels: {
          ...{ app: name('a'), 'app.kubernetes.io/name': name('a'), 'pod-template-hash': name('b') },
          [name('acme.com/x')]: name('c'),
        },
      },
    ));

  it('takes no key for one of Kubernetes that only contains its domain', () => {
    for (const key of [
      'acmekubernetes.io/x',
      'kubernetes.io.acme.com/x',
      'x/kubernetes.io/y',
      'apps',
      'k8s.io/',
    ])
      assert.deepEqual(made({ labels: { [key]: '' } }), { labels: { [name(key)]: name('') } }, key);
  });

  it('keeps only three annotations, and of realmem.dev/ignore only true', () =>
    assert.deepEqual(
      made({
        annotations: {
          ...{
            'kubernetes.io/config.hash': id,
            'kubernetes.io/config.mirror': id,
            'realmem.dev/ignore': 'true',
          },
          ...{ 'realmem.dev/memory': 'acme 5Mi', note: 'acme', constructor: 'true' },
        },
      }),
      {
        annotations: {
          'kubernetes.io/config.hash': anonymizer.id(id),
          'kubernetes.io/config.mirror': anonymizer.id(id),
          'realmem.dev/ignore': 'true',
        },
      },
    ));

  it('drops an annotation realmem.dev/ignore with another value, and one that is no text', () => {
    for (const value of ['acme', 'false', true, null])
      assert.deepEqual(made({ annotations: { 'realmem.dev/ignore': value } }), { annotations: {} });
  });

  it('names the workload as the only owner, which no rule could derive from the new names', () => {
    const metadata = {
      ...{ namespace: 'shop', name: 'cart-6d5f-x2x1z', labels: { 'pod-template-hash': '6d5f' } },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-6d5f', controller: true }],
    };
    const { metadata: found } = made({ metadata }) as { metadata: { ownerReferences: unknown } };
    assert.deepEqual(found.ownerReferences, [{ kind: 'Deployment', name: name('cart'), controller: true }]);
  });

  it('contains no text of a value, for any pod', () => {
    const text = fc.constantFrom(
      'acme',
      'acme-1',
      'Burstable acme',
      '5Mi acme',
      'containerd://acme',
      'true acme',
    );
    const key = fc.constantFrom(
      ...['kind', 'qosClass', 'reason', 'startedAt', 'memory', 'name', 'uid', 'containerID', 'labels'],
      ...['annotations', 'metadata', 'ownerReferences', 'realmem.dev/ignore', 'kubernetes.io/config.hash'],
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, text, tie('fields'), tie('list')),
      fields: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      list: fc.array(tie('value'), { maxLength: 3 }),
    }));
    fc.assert(fc.property(value, (pod) => assert.doesNotMatch(JSON.stringify(made(pod)), /acme/)));
  });
});
