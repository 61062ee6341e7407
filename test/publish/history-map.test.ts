import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  historyLabels,
  historyMapName,
  historyMapOf,
  historySelector,
} from '../../src/publish/history-map.ts';

const most = 4 * Math.ceil(1024 ** 2 / 3);

describe('historyMapOf', () => {
  it('has the packed history as binary data, the labels, the time of the write, and no owner', () =>
    assert.deepEqual(historyMapOf('node-1', 'H4sI', Date.parse('2026-01-02T03:04:05.678Z')), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'history-node-1',
        labels: { 'app.kubernetes.io/managed-by': 'realmem', 'realmem.dev/part': 'history' },
        annotations: { 'realmem.dev/written': '2026-01-02T03:04:05Z' },
      },
      binaryData: { 'history.json.gz': 'H4sI' },
    }));

  it('takes a node of 245 characters, and throws for one of 246', () => {
    historyMapOf('n'.repeat(245), 'H4sI', 0);
    assert.throws(
      () => historyMapOf('n'.repeat(246), 'H4sI', 0),
      /a name of at most 253 characters, got 254/,
    );
  });

  it('throws for a history that is too large for a ConfigMap', () => {
    historyMapOf('node-1', 'H4sI'.padEnd(most, 'A'), 0);
    assert.throws(
      () => historyMapOf('node-1', 'H4sI'.padEnd(most + 1, 'A'), 0),
      /^Error: ConfigMap history-node-1: expected at most 1398104 characters in base64, got 1398105; the history stays on the node only$/,
    );
  });

  it('takes the base64 of exactly 1 MiB', () => {
    const packed = Buffer.alloc(1024 ** 2).toString('base64');
    assert.equal(packed.length, most);
    historyMapOf('node-1', packed, 0);
  });
});

it('historySelector selects by every label of a history', () => {
  const { metadata } = historyMapOf('a', '', 0) as { metadata: { labels: Readonly<Record<string, string>> } };
  assert.equal(historySelector, 'app.kubernetes.io/managed-by=realmem,realmem.dev/part=history');
  assert.deepEqual(metadata.labels, historyLabels);
});

it('the history of a node is not called like that of a node whose name contains the prefix', () =>
  assert.notEqual(historyMapName('history-a'), historyMapName('a')));
