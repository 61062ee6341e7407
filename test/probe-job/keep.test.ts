/** Which answers stand in the annotation of a pod afterwards. test/cli/probing/cluster.test.ts has the conversation with the user. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Call } from '../../src/kube/client.ts';
import { type Fields, fieldsOf } from '../../src/model/json.ts';
import { annotationKeys, longestAnnotation, type ProbedCache } from '../../src/model/pod.ts';
import { probesText } from '../../src/pods/probes.ts';
import { keepAnswer, mayKeep } from '../../src/probe-job/keep.ts';
import { monday } from '../usage/made/played.ts';
import { id, target } from './made.ts';

const probe: ProbedCache = {
  ...{ at: monday, neededCacheBytes: 32, coldCacheBytes: 64, errorBytes: 1, watchedSeconds: 60 },
};
const older: ProbedCache = { ...probe, at: monday - 60 };

interface Made {
  /** The annotation before. */
  readonly text?: string;
  readonly spec?: object;
  readonly status?: object;
  readonly error?: Error;
}

const containerStatuses = [{ name: 'cart', containerID: `containerd://${id}` }];

/** @returns why it is not kept, and the bodies of the patches */
async function kept(made: Made = {}) {
  const { text, spec = { containers: [{ name: 'cart' }] }, status = { containerStatuses }, error } = made;
  const patches: Fields[] = [];
  const annotations = { ...(text !== undefined && { [annotationKeys.probe]: text }) };
  const call = async ({ method = 'GET', body }: Call): Promise<unknown> => {
    if (method === 'GET') return { metadata: { uid: 'u', resourceVersion: '7', annotations }, spec, status };
    patches.push(fieldsOf(fieldsOf(fieldsOf(body)['metadata'])['annotations']));
    if (error !== undefined) throw error;
    return {};
  };
  const why = await keepAnswer({ call }, target, probe);
  return { why, patches: patches.map((annotation) => annotation[annotationKeys.probe]) };
}

describe('keepAnswer', () => {
  it('leaves the answers of the containers and init containers of the pod, and drops those of others', async () => {
    const text = probesText({ mesh: older, gone: older, setup: older, cart: older });
    const spec = { containers: [{ name: 'cart' }, { name: 'mesh' }], initContainers: [{ name: 'setup' }] };
    const { why, patches } = await kept({ text, spec });
    assert.equal(why, undefined);
    assert.deepEqual(patches, [probesText({ mesh: older, setup: older, cart: probe })]);
  });

  for (const [what, text] of [
    ['is no JSON', 'x'],
    ['has another form', '[]'],
    ['has no answer that can be read', '{"cart":{"at":"yesterday"}}'],
  ] as const)
    it(`replaces an annotation that ${what}`, async () =>
      assert.deepEqual((await kept({ text })).patches, [probesText({ cart: probe })]));

  it('takes the status of a sidecar among those of the init containers', async () => {
    const status = { initContainerStatuses: containerStatuses };
    assert.equal((await kept({ status, spec: { initContainers: [{ name: 'cart' }] } })).why, undefined);
  });

  for (const [what, status] of [
    [
      'has another ID',
      { containerStatuses: [{ name: 'cart', containerID: `containerd://${'f'.repeat(64)}` }] },
    ],
    ['has the ID of another container', { containerStatuses: [{ ...containerStatuses[0], name: 'mesh' }] }],
    ['has no status', {}],
  ] as const)
    it(`writes nothing if the container ${what}`, async () => {
      const { why, patches } = await kept({ status });
      assert.deepEqual([why, patches], ['shop/cart-1/cart restarted during the probe', []]);
    });

  it('writes nothing if the answers together exceed the longest annotation', async () => {
    const beside = (count: number) => {
      const names = Array.from({ length: count }, (_, index) => `${index + 100}-${'x'.repeat(56)}`);
      const text = probesText(Object.fromEntries(names.map((name) => [name, older])));
      return kept({ text, spec: { containers: [...names, 'cart'].map((name) => ({ name })) } });
    };
    assert.equal((await beside(90)).why, undefined);
    // The annotation before has 63 characters less than the most.
    const { why, patches } = await beside(96);
    assert.deepEqual([why, patches], [`the annotation would exceed ${longestAnnotation} characters`, []]);
  });

  for (const [status, why, tries] of [
    [403, 'no right to patch pods in shop; ask for a Role in shop with patch on pods (docs/probe.md)', 1],
    [409, 'refused', 5],
    [422, 'refused', 1],
  ] as const)
    it(`says why it is not kept after ${tries} refusals with ${status}`, async () => {
      const found = await kept({ error: new ApiError(status, 'X', 'refused') });
      assert.deepEqual([found.why, found.patches.length], [why, tries]);
    });

  it('throws an error that is not of the API', () =>
    assert.rejects(kept({ error: new TypeError() }), TypeError));
});

describe('mayKeep', () => {
  it('asks for the right to patch pods of the namespace', async () => {
    const asked: unknown[] = [];
    const answering = (allowed: unknown) => ({
      call: async ({ body }: Call): Promise<unknown> => {
        asked.push(fieldsOf(fieldsOf(body)['spec'])['resourceAttributes']);
        return { status: { allowed } };
      },
    });
    assert.deepEqual(
      [await mayKeep(answering(true), target), await mayKeep(answering(undefined), target)],
      [true, false],
    );
    const { verb, resource, namespace } = fieldsOf(asked[0]);
    assert.deepEqual([verb, resource, namespace], ['patch', 'pods', 'shop']);
  });
});
