/** Tests the CRD of the reports in a real API server: which reports it rejects, and what kubectl explain prints. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { matchesGolden } from '../golden.ts';
import { openBed } from './bed/bed.ts';
import { chart } from './release/release.ts';

const bed = await openBed();
const definition = 'crd/nodememoryreports.realmem.dev';

before(async () => {
  await bed.apply(fs.readFileSync(`${chart}/files/crds/nodememoryreports.yaml`, 'utf8'));
  await bed.kubectl('wait', '--for=condition=Established', definition, '--timeout=30s');
  // The API server publishes the schema shortly after the CRD is Established. kubectl explain and validation need it.
  await bed.waitFor('the API server to publish the schema', () => bed.kubectl('explain', 'nmr.pods'));
});

after(() => bed.kubectl('delete', definition, '--ignore-not-found'));

const node = { capacity: '16Gi', used: '8Gi', real: '4Gi', realPercent: 25, pods: 1, ooms: 0 };
const container = { name: 'web', real: '44Mi', limit: '128Mi', verdict: 'OK' };
const pod = { namespace: 'shop', name: 'web-1', real: '44Mi', containers: [container] };
const condition = { type: 'Complete', status: 'True', reason: 'AllRead', message: 'All was read.' };
const report = {
  apiVersion: 'realmem.dev/v1alpha1',
  kind: 'NodeMemoryReport',
  metadata: { name: 'some-node' },
  observed: { at: '2026-01-02T03:04:05Z', agent: '1.0.0' },
  node,
  pods: [pod],
  conditions: [condition],
};

const offer = (changes: object): Promise<void> =>
  bed.apply(JSON.stringify({ ...report, ...changes }), '--dry-run=server');

describe('the CRD of NodeMemoryReport', () => {
  it('accepts a complete report, and reports without the optional fields', async () => {
    await offer({});
    await offer({ node: undefined });
    await offer({ node: { ...node, real: undefined, realPercent: undefined } });
    await offer({ pods: [], conditions: [] });
    // A Quantity as a program may write it.
    await offer({ node: { ...node, capacity: 17179869184 } });
  });

  const refused: Readonly<Record<string, readonly [object, RegExp]>> = {
    'a malformed time': [{ observed: { at: 'now', agent: '1' } }, /observed\.at: .*date-time/],
    'no time': [{ observed: { agent: '1' } }, /observed\.at: Required value/],
    'an unknown cgroup version': [
      { observed: { ...report.observed, cgroupVersion: 3 } },
      /observed\.cgroupVersion: Unsupported value: 3: supported values: "1", "2"/,
    ],
    'used above the capacity': [
      { node: { ...node, used: '17Gi' } },
      /node: .*used is more than the capacity/,
    ],
    'real above the capacity': [
      { node: { ...node, real: '17Gi' } },
      /node: .*real is more than the capacity/,
    ],
    'a percentage above 100': [
      { node: { ...node, realPercent: 101 } },
      /node\.realPercent: .*less than or equal to 100/,
    ],
    'a negative size': [{ node: { ...node, real: '-1Gi' } }, /node\.real: Invalid value: "-1Gi"/],
    'a malformed size': [{ node: { ...node, used: 'much' } }, /node\.used: Invalid value: "much"/],
    'a pod without a name': [{ pods: [{ ...pod, name: undefined }] }, /pods\[0\]\.name: Required value/],
    'an unknown verdict': [
      { pods: [{ ...pod, containers: [{ ...container, verdict: 'Fine' }] }] },
      /verdict: Unsupported value: "Fine"/,
    ],
    'an unknown field': [
      { pods: [{ ...pod, cgroup: '/x' }] },
      /\.pods\[0\]\.cgroup: field not declared in schema/,
    ],
  };
  for (const [what, [changes, why]] of Object.entries(refused))
    it(`rejects a report with ${what}, and names the field`, () => assert.rejects(offer(changes), why));
});

describe('kubectl explain prints a description for every field of', () => {
  for (const path of ['nmr', 'nmr.node', 'nmr.pods', 'nmr.pods.containers'])
    it(path, async () => {
      const text = await bed.kubectl('explain', path);
      assert.deepEqual(
        text.split('\n').filter((line) => line.length > 120),
        [],
        'lines wider than 120 columns',
      );
      assert.doesNotMatch(text, /<no description>/);
      matchesGolden(new URL(`goldens/explain-${path.replaceAll('.', '-')}.txt`, import.meta.url), text);
    });
});
