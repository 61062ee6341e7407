/** Names of the ConfigMaps that agents write: no two nodes may share one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { configMapName, configMapOf } from '../../src/publish/config-map.ts';
import { historyMapName } from '../../src/publish/history-map.ts';
import { publishedOf } from '../../src/publish/publish.ts';
import { containerOf, podOf, reportOf } from '../report/reports.ts';

const label = '[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?';
/** Valid names of nodes, some of them similar to a ConfigMap of another node or of the chart. */
const node = fc.oneof(
  fc.stringMatching(new RegExp(`^(realmem-|history-|config-|dashboard-){0,3}${label}(\\.${label}){0,2}$`)),
  fc.constantFrom(
    'config',
    'history',
    'realmem',
    'history-a',
    'realmem-a',
    'a',
    'config-realmem',
    'history-history-a',
  ),
);

describe('the ConfigMaps of nodes', () => {
  it('have two distinct names per node, for any names of nodes', () =>
    fc.assert(
      fc.property(fc.uniqueArray(node, { maxLength: 30 }), (nodes) => {
        const names = nodes.flatMap((one) => [configMapName(one), historyMapName(one)]);
        assert.equal(new Set(names).size, 2 * nodes.length);
        // ConfigMaps of the chart have other prefixes (test/chart/render.test.ts).
        for (const name of names) assert.doesNotMatch(name, /^(config|dashboard)-|^kube-root-ca\.crt$/);
      }),
    ));
});

describe('the ConfigMap of the largest report', () => {
  // With the shortest names the indents of YAML are the largest part.
  const containers = (uid: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      containerOf({
        ...{ name: `c${index}`, podUID: uid, namespace: 'a', pod: uid, verdict: 'OK' },
        ...{ type: 'init', realBytes: 1, peakRealBytes: 1, requestBytes: 1, limitBytes: 1 },
      }),
    );
  // 3,951 pods of one container fit, and 68 pods of 100.
  for (const [each, count] of [
    [1, 5_000],
    [100, 8_000],
  ] as const)
    it(`passes the admission policy, with ${each === 1 ? 'one container' : `${each} containers`} a pod`, () => {
      const uids = Array.from({ length: count / each }, (_, index) => `p${index}`);
      const report = reportOf({
        observed: { agent: '0', at: '2026-01-02T03:04:05Z' },
        pods: uids.map((uid) => podOf({ uid, namespace: 'a', name: uid, oomKills: 1, realBytes: 1 })),
        containers: uids.flatMap((uid) => containers(uid, each)),
      });
      const whole = publishedOf(report);
      assert.ok((whole.omitted ?? 0) > 0, 'it would not be the largest');
      const { data } = configMapOf(whole) as { readonly data: Readonly<Record<string, string>> };
      const text = data['report.yaml'] ?? '';
      assert.ok([...text].length <= 1_000_000, `${text.length} characters`);
      assert.doesNotMatch(text, /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u);
    });
});
