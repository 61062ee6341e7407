import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { checkName, configMapName, configMapOf } from '../../src/publish/config-map.ts';
import { publishedOf } from '../../src/publish/publish.ts';
import type { PublishedReport } from '../../src/publish/published.ts';
import { recorded, reportOf } from '../report/reports.ts';

interface Map {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, string>>;
}

const mapOf = (report: PublishedReport): Map => configMapOf(report) as Map;
const named = (name: string): PublishedReport =>
  publishedOf(reportOf({ metadata: { name }, observed: { agent: '0', at: '2026-01-02T03:04:05Z' } }));

describe('checkName', () => {
  it('returns a name of 253 characters, and throws for one of 254', () => {
    const longest = 'n'.repeat(253);
    assert.equal(checkName(longest), longest);
    assert.throws(
      () => checkName(`${longest}n`),
      /^Error: ConfigMap n{254}: expected a name of at most 253 characters, got 254; give the node a shorter name, or set configMap=false and history=false$/,
    );
  });

  it('names the ConfigMap of a node whose name is too long', () => {
    const long = 'n'.repeat(253);
    assert.throws(
      () => checkName(configMapName(long)),
      /^Error: ConfigMap realmem-n+: expected a name of at most 253 characters, got 261;/,
    );
  });
});

describe('configMapOf', () => {
  it('has the name of the node behind realmem-, and the label of what realmem manages', () => {
    const map = mapOf(named('node-1'));
    assert.deepEqual(
      { ...map, data: Object.keys(map.data) },
      {
        ...{ apiVersion: 'v1', kind: 'ConfigMap' },
        metadata: { name: 'realmem-node-1', labels: { 'app.kubernetes.io/managed-by': 'realmem' } },
        data: ['report.yaml'],
      },
    );
  });

  it('has the owner of the report, and the report in it has none', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u' }];
    const report = named('node-1');
    const owned = { ...report, metadata: { ...report.metadata, ownerReferences } } as PublishedReport;
    const { metadata, data } = mapOf(owned);
    assert.deepEqual(metadata['ownerReferences'], ownerReferences);
    assert.deepEqual(parse(data['report.yaml'] ?? ''), JSON.parse(JSON.stringify(report)));
  });

  it('has a recorded report as YAML that reads back to the same', () => {
    const report = publishedOf(recorded('kubernetes-v2-systemd'));
    assert.deepEqual(parse(mapOf(report).data['report.yaml'] ?? ''), JSON.parse(JSON.stringify(report)));
  });

  it('throws for a node whose name makes that of the ConfigMap too long', () => {
    mapOf(named('n'.repeat(245)));
    assert.throws(() => mapOf(named('n'.repeat(246))), /at most 253 characters, got 254/);
  });
});
